"""Pages over HTTP: who sees them, what the filters refuse, what callers sent stays text."""

from tests.web.house import House, a_call

EVIL = '<img src=x onerror=alert(1)> & "quoted"'
SHOWN = "&lt;img src=x onerror=alert(1)&gt;"


async def test_whoever_is_not_logged_in_is_sent_to_the_login(house: House) -> None:
    """No page of calls or tickets is drawn for strangers."""
    client = await house.client()
    for path in ("/", "/desk", "/calls", "/tickets", "/tickets/20261123-0001"):
        answer = await client.get(path)
        assert (path, answer.status, answer.url.path) == (path, 200, "/login")


async def test_a_post_without_a_desk_sees_no_calls_and_no_tickets(house: House) -> None:
    """The pages refuse what REST refuses."""
    browser = await house.browser("nobody")
    for path in ("/desk", "/calls", "/tickets", "/tickets/20261123-0001"):
        answer = await browser.get(path)
        assert (path, answer.status) == (path, 403)
        assert "您的岗位不能这样做" in await answer.text()


async def test_a_wrong_password_is_told_on_the_login_page_in_its_language(house: House) -> None:
    """The name stays typed; the words do not say which of the two was wrong."""
    client = await house.client(Origin=house.url)
    answer = await client.post("/login", data={"name": "wang", "password": "no"})
    text = await answer.text()
    assert answer.status == 401
    assert "登录名或密码不对" in text
    assert 'value="wang"' in text


async def test_what_a_caller_sent_is_escaped_in_lists_and_tickets(house: House) -> None:
    """A name is text, wherever it is drawn by the server."""
    await house.keep(a_call("c1", citizen_name=EVIL, citizen_number=EVIL, sender_case=EVIL))
    browser = await house.browser("wang")
    text = await (await browser.get("/calls")).text()
    assert SHOWN in text
    assert "<img" not in text


async def test_others_calls_are_listed_with_masked_numbers_and_without_sound(house: House) -> None:
    """An agent sees that a colleague's call took place, not who called; a supervisor sees all."""
    await house.keep(a_call("c1", agent="li"))
    agent = await (await (await house.browser("wang")).get("/calls")).text()
    above = await (await (await house.browser("zhao")).get("/calls")).text()
    assert "138****8000" in agent
    assert "138 0013 8000" not in agent
    assert "138 0013 8000" in above


async def test_filters_refuse_what_they_do_not_know_and_say_what_they_take(house: House) -> None:
    """A wrong way, outcome, kind or day is a page that names the remedy, not an empty list."""
    browser = await house.browser("wang")
    for query in (
        "calls?way=x",
        "calls?outcome=x",
        "calls?since=yesterday",
        "calls?until=2026-02-30",
        "tickets?kind=x",
    ):
        answer = await browser.get(f"/{query}")
        assert (query, answer.status) == (query, 400)
        assert "没有办成" in await answer.text()


async def test_a_day_in_the_filter_is_a_day_in_shanghai(house: House) -> None:
    """A call at 23:30 UTC belongs to the next day here."""
    await house.keep(a_call("late", minutes=-750))  # 2026-11-22 15:30 UTC, 23:30 in Shanghai
    await house.keep(a_call("early", minutes=-690))  # 2026-11-22 16:30 UTC, 00:30 on the 23rd
    browser = await house.browser("wang")
    text = await (await browser.get("/calls?since=2026-11-23&until=2026-11-23")).text()
    assert ("pbx-early" in text, "pbx-late" in text) == (True, False)


async def test_pages_of_calls_follow_each_other_without_gap_or_double(house: House) -> None:
    """The link to earlier calls goes on exactly where the page ends."""
    for n in range(120):
        await house.keep(a_call(f"call{n:03}", minutes=-n))
    browser, path, seen = await house.browser("wang"), "/calls", list[str]()
    while path:
        text = await (await browser.get(path)).text()
        seen += [f"call{n:03}" for n in range(120) if f"pbx-call{n:03}" in text]
        path = _more(text)
    assert seen == [f"call{n:03}" for n in range(120)]


def _more(text: str) -> str:
    before, marked, after = text.partition('data-more href="')
    return after.partition('"')[0].replace("&amp;", "&") if marked and before else ""


async def test_a_form_of_another_site_changes_neither_language_nor_theme(house: House) -> None:
    """Preferences are changes too."""
    browser = await house.browser("wang")
    for path, data in (("/language", {"language": "en"}), ("/theme", {"theme": "dark"})):
        answer = await browser.post(
            path, data=data, headers={"Origin": "https://evil.example"}, allow_redirects=False
        )
        assert (path, answer.status) == (path, 403)


async def test_a_choice_returns_to_a_page_of_ours_only(house: House) -> None:
    """The way back cannot lead to another site."""
    browser = await house.browser("wang")
    csrf = await house.csrf(browser)
    for back, to in (
        ("/calls?way=110", "/calls?way=110"),
        ("//evil.example/", "/desk"),
        ("/\\evil.example/", "/desk"),
        ("https://evil.example/", "/desk"),
    ):
        data = {"theme": "dark", "back": back, "csrf": csrf}
        answer = await browser.post("/theme", data=data, allow_redirects=False)
        assert (back, answer.status, answer.headers["Location"]) == (back, 303, to)


async def test_static_files_are_kept_for_ever_under_the_address_of_this_release(
    house: House,
) -> None:
    """A browser asks once; another release has other addresses."""
    client = await house.client()
    text = await (await client.get("/login")).text()
    sheet = text.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = await client.get(sheet)
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    missing = await client.get(sheet + "x")
    assert (missing.status, missing.headers["Cache-Control"]) == (404, "no-store")


async def test_pages_hold_no_inline_script_or_style(house: House) -> None:
    """The content policy forbids them, so a page that needs one would be broken."""
    await house.keep(a_call("c1"))
    browser = await house.browser("wang")
    for path in ("/desk", "/calls", "/tickets"):
        text = await (await browser.get(path)).text()
        for tag in text.split("<script")[1:]:
            assert "src=" in tag.partition(">")[0] or 'type="application/json"' in tag
        assert " style=" not in text
        assert " onclick=" not in text
