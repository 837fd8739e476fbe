"""What another site's page cannot do, what every answer says, and what errors do not say."""

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import ClientSession

from tests.web.house import PASSWORD, House, a_call, cookie_of, open_house
from tests.web.test_api_access import told
from web import logs

MATTER = {"kind": "help", "content": "x"}


async def stolen(house: House, **headers: str) -> ClientSession:
    """Another site's page in a signed-in browser: the cookie goes along, the origin tells."""
    browser = await house.browser("wang")
    return await house.client(Cookie=f"hotline={cookie_of(browser)}", **headers)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://evil.example", "Sec-Fetch-Site": "same-origin"},
        {"Authorization": "Basic x", "Origin": "http://evil.example"},
    ],
)
async def test_another_sites_page_changes_nothing_in_a_signed_in_browser(
    house: House, headers: dict[str, str]
) -> None:
    page = await stolen(house, **headers)

    answers = [
        await told(await page.post("/api/v1/tickets", json=MATTER)),
        await told(await page.post("/api/v1/desk/sign-in", json={"device": "PJSIP/8001"})),
    ]

    assert {answer[0] for answer in answers} <= {401, 403}
    assert (await (await (await house.program("zhao")).get("/api/v1/tickets")).json()) == {
        "tickets": [],
        "next": None,
    }
    assert house.desk.agents() == []


@pytest.mark.parametrize("own", ["Origin", "Sec-Fetch-Site"])
async def test_our_own_page_may_use_rest_with_its_session(house: House, own: str) -> None:
    value = {"Origin": house.url, "Sec-Fetch-Site": "same-origin"}[own]
    page = await stolen(house, **{own: value})

    assert (await page.post("/api/v1/tickets", json=MATTER)).status == 201


async def test_another_sites_page_can_neither_sign_in_nor_out(house: House) -> None:
    evil = await house.client(Origin="http://evil.example")
    browser = await house.browser("wang")
    evil_signed_in = await house.client(
        Origin="http://evil.example", Cookie=f"hotline={cookie_of(browser)}"
    )

    login = await evil.post("/login", data={"name": "wang", "password": PASSWORD})
    logout = await evil_signed_in.post("/logout", data={"csrf": await house.csrf(browser)})

    assert (login.status, logout.status) == (403, 403)
    assert "Set-Cookie" not in login.headers
    assert (await browser.get("/api/v1/desk")).status == 200


@pytest.mark.parametrize("token", [None, "", "x" * 43, "字"])
async def test_a_form_without_its_sessions_token_is_refused(
    house: House, token: str | None
) -> None:
    browser = await house.browser("wang")

    answer = await browser.post("/logout", data={} if token is None else {"csrf": token})

    assert answer.status == 403
    assert (await browser.get("/api/v1/desk")).status == 200


async def test_a_colleagues_form_token_does_not_fit(house: House) -> None:
    wang, li = await house.browser("wang"), await house.browser("li")

    answer = await wang.post("/logout", data={"csrf": await house.csrf(li)})

    assert answer.status == 403


@pytest.mark.parametrize(
    "address", ["/login", "/health/live", "/api/v1/openapi.json", "/api/v1/calls", "/nothing"]
)
async def test_every_answer_tells_the_browser_to_be_strict(house: House, address: str) -> None:
    answer = await (await house.client()).get(address)
    policy = answer.headers["Content-Security-Policy"]

    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Server"] == "hotline"
    assert re.fullmatch(r"[0-9a-f]{16}", answer.headers["X-Request-Id"])
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe-inline" not in policy
    assert re.search(r"script-src 'self' 'nonce-[\w-]{22}'", policy)
    assert f"connect-src 'self' {house.url.replace('http', 'ws')}" in policy


async def test_every_page_has_its_own_nonce(house: House) -> None:
    client = await house.client()
    policies = {(await client.get("/login")).headers["Content-Security-Policy"] for _ in range(5)}

    assert len(policies) == 5


async def test_errors_are_pages_for_people_and_problems_for_programs(house: House) -> None:
    client = await house.client()

    page, problem = await client.get("/nothing"), await client.get("/health/nothing")

    assert (page.status, page.content_type) == (404, "text/html")
    assert await told(problem) == (404, "request.not_found", "")


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log of the server, as JSON lines."""
    root = logging.getLogger()
    kept, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream=stream)
    yield stream
    root.handlers[:] = kept
    root.setLevel(level)


async def test_a_bug_is_told_as_internal_and_logged_without_what_it_was_about(
    house: House, lines: io.StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    await house.keep(a_call("c1"))
    client = await house.program("wang")

    def broken(_person: object) -> None:
        raise KeyError("13800138000 张三")

    monkeypatch.setattr(house.desk, "snapshot", broken)

    answer = await client.get("/api/v1/desk?")
    problem = await answer.json(content_type=None)
    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    bug = next(line for line in logged if line["event"] == "internal")

    assert (answer.status, problem["code"]) == (500, "internal")
    assert "KeyError" not in problem["message"]
    assert (bug["request_id"], bug["error"]) == (problem["request_id"], "KeyError")
    assert bug["at"][-1].endswith("broken")
    assert "13800138000" not in lines.getvalue()
    assert "张三" not in lines.getvalue()


async def test_requests_are_logged_by_pattern_without_secrets_or_numbers(
    house: House, lines: io.StringIO
) -> None:
    browser, program = await house.browser("wang"), await house.program("wang")
    await program.get("/api/v1/calls?number=13800138000")
    await program.get("/api/v1/tickets/20261123-0001")
    text = lines.getvalue()
    routes = [json.loads(line).get("route") for line in text.splitlines()]

    assert routes[-2:] == ["/api/v1/calls", "/api/v1/tickets/{number}"]
    assert "13800138000" not in text
    assert cookie_of(browser) not in text
    assert PASSWORD not in text
    assert "token-of-wang" not in text


@pytest.mark.parametrize(
    ("said", "written"),
    [
        ("call from 13800138000 dropped", "call from ****8000 dropped"),
        ("+8613800138000", "****8000"),
        ("021-62345678", "****5678"),
        ("ticket 20261123-0001", "ticket 20261123-0001"),
        ("call 12345678-1234-4123-8123-123456789012", "call 12345678-1234-4123-8123-123456789012"),
        ("took 1.2345678 s", "took 1.2345678 s"),
        ("962200, 12345 and 110", "962200, 12345 and 110"),
    ],
)
def test_telephone_numbers_in_the_log_are_masked_and_nothing_else(said: str, written: str) -> None:
    assert logs.masked(said) == written


def test_secrets_in_the_log_are_dropped_at_any_depth() -> None:
    event = {"password": "x", "list": ["13800138000", 5], "inner": {"token": "x", "ok": "y"}}

    assert logs.without_secrets(None, "", event) == {
        "password": "[secret]",
        "list": ["****8000", 5],
        "inner": {"token": "[secret]", "ok": "y"},
    }


@pytest.mark.parametrize(
    ("proxies", "hops", "believed"),
    [
        (set(), "10.9.9.9", "127.0.0.1"),
        ({"127.0.0.1"}, "10.9.9.9", "10.9.9.9"),
        ({"127.0.0.1"}, "6.6.6.6, 10.9.9.9", "10.9.9.9"),
        ({"127.0.0.1", "10.1.1.1"}, "6.6.6.6, 10.9.9.9, 10.1.1.1", "10.9.9.9"),
        ({"127.0.0.1"}, "", "127.0.0.1"),
    ],
)
async def test_only_a_proxy_of_ours_is_believed_about_the_address(
    tmp_path: Path, lines: io.StringIO, proxies: set[str], hops: str, believed: str
) -> None:
    async with open_house(tmp_path, proxies=frozenset(proxies)) as house:
        await (await house.client(**{"X-Forwarded-For": hops})).get("/health/live")

    logged = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["address"] for line in logged if line["event"] == "request"] == [believed]
