"""Every screen in both languages and themes: axe finds nothing, nothing sticks out."""

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, expect

from routing.people import Actor
from routing.tickets import NewTicket
from tests.browser.visitor import PHONE_SIZE, Line, Visitor, record_sound, visit
from tests.web.house import House, a_call

pytestmark = pytest.mark.browser

WANG = "PJSIP/8001"
LONGEST_NAME = "浦东新区塘桥街道居民委员会计划生育和民政事务专职干部欧阳建国代其母亲王秀兰来电反映"
LONGEST_TEXT = "来电人反映其母亲独居、上月跌倒住院后生活不能自理，助餐和上门护理一直排不上。" * 12
SOUND = "30000000-0000-4000-8000-000000000002"

LOOKS = [(language, theme) for language in ("zh_CN", "en") for theme in ("light", "dark")]


@pytest.fixture
async def full_house(house: House) -> House:
    """A house with calls of every kind and tickets with the longest texts."""
    outcomes = ("answered", "abandoned_queue", "lost", "no_agent", "callback", "busy")
    names = (LONGEST_NAME, "<b>李</b>", None)
    for n in range(60):
        call = a_call(
            f"20000000-0000-4000-8000-{n:012d}",
            minutes=-10 * (n + 1),
            way=("962200", "12345", "110")[n % 3],
            outcome=outcomes[n % len(outcomes)],
            citizen_name=names[n % 3],
            citizen_number="13900005555" if n % 2 else None,
            citizen_e164="+8613900005555" if n % 2 else None,
            sender_case="HD20261123001122334455" if n % 3 else None,
            survey="1",
            recordings=(record_sound(house.sounds, SOUND, seconds=2),) if n == 0 else (),
        )
        await house.keep(call)
        new = NewTicket("complaint", LONGEST_TEXT, "13900005555", LONGEST_NAME, call.id)
        await house.store.tickets.save(new, by=_wang(), at=house.clock())
    house.clock.forward(minutes=1)
    return house


def _wang() -> Actor:
    return Actor(person="wang", address="127.0.0.1", via="page")


async def check(visitor: Visitor, screen: str) -> None:
    """No axe violation, no horizontal scrolling, no error in the browser's console."""
    found = await Axe().run(visitor.page)
    told = [
        (violation["id"], [node["html"][:160] for node in violation["nodes"][:3]])
        for violation in found.response["violations"]
    ]
    assert (screen, told) == (screen, [])
    wide = await visitor.page.evaluate(
        "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    assert (screen, wide) == (screen, 0)
    assert (screen, visitor.troubles) == (screen, [])


@pytest.mark.parametrize(("language", "theme"), LOOKS)
async def test_every_screen_is_accessible(
    full_house: House, browser: Browser, line: Line, language: str, theme: str
) -> None:
    """At the desk's size and at a phone's, empty and full, in calm and in trouble."""
    for size in ((1366, 768), PHONE_SIZE):
        visitor = await visit(full_house, browser, size=size, theme=theme, language=language)
        page = visitor.page
        await page.goto(f"{full_house.url}/login")
        await check(visitor, "login")
        await visitor.log_in("wang", language=language)
        await check(visitor, "desk signed out")
        if size != PHONE_SIZE:
            await visitor.sit_down(WANG)
        await check(visitor, "desk ready")
        call = line.ring(WANG, citizen_name=LONGEST_NAME, sender_case="HD2026112300112233")
        await expect(visitor.call(call.id)).to_be_visible()
        await check(visitor, "desk ringing")
        call = line.answer(call, WANG)
        await expect(visitor.call(call.id).locator("[data-state=talking]")).to_be_visible()
        await page.keyboard.press("F8")
        await check(visitor, "desk with a fault")
        await page.fill("#content", LONGEST_TEXT)
        await page.keyboard.press("F8")
        await expect(page.locator("[data-saved-number]")).to_be_visible()
        second = line.ring(WANG, citizen_number=None, citizen_name=None)
        await expect(visitor.call(second.id)).to_be_visible()
        line.up(up=False)
        await expect(page.locator("[data-notice]")).to_be_visible()
        await check(visitor, "desk saved, second call, telephone gone")
        line.up()
        line.end(call, WANG)
        line.miss(second, WANG)
        for path in ("/calls", "/tickets", "/tickets/20261123-0001", "/tickets/none"):
            await page.goto(full_house.url + path)
            await visitor.ready()
            if path == "/calls":
                await page.locator("summary").last.click()
                await page.locator("summary").nth(1).click()
            await check(visitor, path)


async def test_an_empty_list_says_what_will_be_there(house: House, browser: Browser) -> None:
    """The first day of the hotline."""
    visitor = await visit(house, browser)
    await visitor.log_in("zhao")
    for path, text in (("/calls", "Every call will stand here"), ("/tickets", "Every matter")):
        await visitor.page.goto(house.url + path)
        await expect(visitor.page.locator("main")).to_contain_text(text)
        await visitor.ready()
        await check(visitor, path)


async def test_the_desk_does_not_scroll_while_answering(
    full_house: House, browser: Browser, line: Line
) -> None:
    """At 1366 by 768, with a caller of long history and a second one ringing, all is in sight."""
    visitor = await visit(full_house, browser)
    await visitor.log_in("wang")
    await visitor.sit_down(WANG)
    history = await full_house.store.calls.history("+8613900005555", before=full_house.clock())
    assert len(history.tickets) >= 5
    call = line.ring(WANG, citizen_e164="+8613900005555")
    await expect(visitor.call(call.id)).to_be_visible()
    line.answer(call, WANG)
    line.ring(WANG, citizen_name=LONGEST_NAME, sender_case="HD2026112300112233")
    await expect(visitor.call(call.id)).to_contain_text("20261123-")
    await expect(visitor.page.locator("[data-history-calls] > li")).to_have_count(4)
    await visitor.page.fill("#content", LONGEST_TEXT)
    sticking_out = await visitor.page.evaluate(
        "() => [...document.querySelectorAll('html, .column')]"
        ".filter(e => e.scrollHeight > e.clientHeight).map(e => e.className || e.tagName)"
    )
    assert sticking_out == []


async def test_nothing_jumps_when_data_arrives(house: House, browser: Browser, line: Line) -> None:
    """The form's fields stay where they are from the empty desk to the saved ticket."""
    visitor = await visit(house, browser)
    await visitor.log_in("wang")
    await visitor.sit_down(WANG)
    where = "() => JSON.stringify(document.querySelector('#content').getBoundingClientRect())"
    before = await visitor.page.evaluate(where)
    call = line.ring(WANG, citizen_name=LONGEST_NAME)
    await expect(visitor.call(call.id)).to_be_visible()
    assert await visitor.page.evaluate(where) == before
    call = line.answer(call, WANG)
    await visitor.page.fill("#content", LONGEST_TEXT)
    line.up(up=False)
    await expect(visitor.page.locator("[data-notice]")).to_be_visible()
    assert await visitor.page.evaluate(where) == before
    await visitor.page.keyboard.press("F8")
    await expect(visitor.page.locator("[data-saved-number]")).to_be_visible()
    assert await visitor.page.evaluate(where) == before


async def test_a_demonstration_account_fills_the_login_by_one_click(
    house: House, browser: Browser
) -> None:
    """Name and password are typed by the button; logging in stays the person's step."""
    visitor = await visit(house, browser, language="zh_CN")
    await visitor.page.goto(f"{house.url}/login")
    await visitor.page.get_by_role("button", name="王思远").click()
    await expect(visitor.page.locator("#name")).to_have_value("wang")
    await expect(visitor.page.locator("#password")).to_have_value("962200-demo")
    await expect(visitor.page.locator("html")).to_have_attribute("lang", "zh-CN")


async def test_language_and_theme_stay_chosen(house: House, browser: Browser) -> None:
    """The theme changes on the spot, the language with the page; both are there the next time."""
    visitor = await visit(house, browser)
    page = visitor.page
    await visitor.log_in("wang")
    await page.get_by_role("button", name="Dark").click()
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.get_by_role("button", name="中文").click()
    await expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    wang = await house.store.people.get("wang")
    assert wang is not None
    assert wang.language == "zh_CN"
