"""Signing in, staying signed in, and being signed out."""

import asyncio
import sqlite3
import time
from hashlib import sha256
from http.cookies import SimpleCookie
from pathlib import Path

import pytest
from aiohttp import ClientSession
from argon2 import PasswordHasher

from routing.people import SYSTEM
from tests.web.house import PASSWORD, House, cookie_of, open_house
from web.sessions import digest_of


async def try_password(client: ClientSession, name: str, password: str) -> int:
    """The status of one try; 303 is a success."""
    answer = await client.post(
        "/login", data={"name": name, "password": password}, allow_redirects=False
    )
    return answer.status


async def test_the_browser_gets_an_opaque_secret_that_scripts_cannot_read(house: House) -> None:
    client = await house.client(Origin=house.url)

    answer = await client.post(
        "/login", data={"name": "wang", "password": PASSWORD}, allow_redirects=False
    )

    morsel = SimpleCookie(answer.headers["Set-Cookie"])["hotline"]
    assert (answer.status, answer.headers["Location"]) == (303, "/desk")
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Strict", "/")
    assert len(morsel.value) == 43


async def test_storage_never_sees_the_secret(house: House, tmp_path: Path) -> None:
    secret = cookie_of(await house.browser("wang"))
    await house.store.ping()

    written = await asyncio.to_thread(_all_bytes, tmp_path)

    assert sha256(secret.encode()).hexdigest().encode() in written
    assert secret.encode() not in written


def _all_bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("hotline.db*"))


async def test_by_https_the_cookie_is_bound_to_this_very_host(tmp_path: Path) -> None:
    async with open_house(tmp_path, origins=("https://desk.example",)) as house:
        client = await house.client(Origin="https://desk.example")
        answer = await client.post(
            "/login", data={"name": "wang", "password": PASSWORD}, allow_redirects=False
        )

    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-hotline=")
    assert "; Secure" in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")


async def test_a_secret_planted_before_the_login_is_worth_nothing_after_it(house: House) -> None:
    planted = "A" * 43
    victim = await house.client(Origin=house.url, Cookie=f"hotline={planted}")
    assert await try_password(victim, "wang", PASSWORD) == 303

    attacker = await house.client(Cookie=f"hotline={planted}")

    assert (await attacker.get("/api/v1/desk")).status == 401


async def test_every_login_makes_a_new_secret_and_ends_the_browsers_old_one(house: House) -> None:
    browser = await house.browser("wang")
    old = cookie_of(browser)
    await browser.post(
        "/login", data={"name": "wang", "password": PASSWORD, "csrf": await house.csrf(browser)}
    )

    assert cookie_of(browser) != old
    assert await house.store.people.session(digest_of(old)) is None
    assert (await browser.get("/api/v1/desk")).status == 200


async def test_unknown_locked_and_wrong_are_refused_alike(house: House) -> None:
    await house.store.people.set_locked("li", locked=True, by=SYSTEM, at=house.clock())
    client = await house.client(Origin=house.url)

    pages = set()
    for name, password in (("wang", "wrong"), ("ghost", PASSWORD), ("li", PASSWORD), ("", "")):
        answer = await client.post("/login", data={"name": name, "password": password})
        text = (await answer.text()).replace(f'value="{name}"', "")
        pages.add((answer.status, text.split("<main")[-1]))

    assert len(pages) == 1
    assert pages.pop()[0] == 401


async def test_an_unknown_name_takes_as_long_as_a_wrong_password(tmp_path: Path) -> None:
    async with open_house(tmp_path, hasher=PasswordHasher()) as house:
        client = await house.client(Origin=house.url)

        await try_password(client, "first", "wrong")
        took: dict[str, list[float]] = {"wang": [], "ghost": []}
        for name in ("wang", "ghost") * 4:
            began = time.perf_counter()
            await try_password(client, name, "wrong")
            took[name].append(time.perf_counter() - began)

    assert 0.5 < min(took["ghost"]) / min(took["wang"]) < 2


async def test_wrong_passwords_make_that_account_wait_at_that_address(house: House) -> None:
    client = await house.client(Origin=house.url)
    tries = [await try_password(client, "wang", "wrong") for _ in range(6)]

    assert tries == [401] * 5 + [429]
    assert await try_password(client, "wang", PASSWORD) == 429
    colleague = await house.client(Origin=house.url)
    assert await try_password(colleague, "li", PASSWORD) == 303
    house.clock.forward(seconds=61)
    assert await try_password(client, "wang", PASSWORD) == 303


async def test_the_wait_doubles_with_each_further_wrong_password(house: House) -> None:
    client = await house.client(Origin=house.url)
    for _ in range(5):
        await try_password(client, "wang", "wrong")
    waits = []
    for _ in range(3):
        waited = 0
        while (await try_password(client, "wang", "wrong")) == 429:
            house.clock.forward(seconds=30)
            waited += 30
        waits.append(waited)

    assert waits == [60, 120, 240]


async def test_tries_side_by_side_gain_nothing(house: House) -> None:
    client = await house.client(Origin=house.url)

    tries = await asyncio.gather(*(try_password(client, "wang", f"guess {n}") for n in range(20)))

    assert sorted(tries) == [401] * 5 + [429] * 15


async def test_a_refused_login_is_in_the_journal(house: House, tmp_path: Path) -> None:
    await try_password(await house.client(Origin=house.url), "wang", "wrong")

    with sqlite3.connect(tmp_path / "hotline.db") as rows:
        entries = rows.execute("select what from journal order by id desc limit 1").fetchall()
    rows.close()

    assert entries == [("login.refused",)]


async def test_an_unused_session_ends_and_a_used_one_goes_on_to_its_absolute_end(
    house: House,
) -> None:
    unused, used = await house.browser("wang"), await house.browser("li")
    for _ in range(26):
        house.clock.forward(minutes=29.9)
        assert (await used.get("/api/v1/desk")).status == 200
    house.clock.forward(minutes=29.9)

    assert (await unused.get("/api/v1/desk")).status == 401
    assert (await used.get("/api/v1/desk")).status == 401


async def test_signing_out_ends_the_session_on_the_server(house: House) -> None:
    browser = await house.browser("wang")
    secret = cookie_of(browser)
    answer = await browser.post(
        "/logout", data={"csrf": await house.csrf(browser)}, allow_redirects=False
    )
    thief = await house.client(Cookie=f"hotline={secret}")

    assert answer.headers["Location"] == "/login"
    assert [c.value for c in browser.cookie_jar] == []
    assert (await thief.get("/api/v1/desk")).status == 401


async def test_a_new_password_ends_every_session_of_the_person(house: House) -> None:
    browsers = [await house.browser("wang") for _ in range(2)]
    await house.store.people.set_password("wang", "x", by=SYSTEM, at=house.clock())

    assert [(await b.get("/api/v1/desk")).status for b in browsers] == [401, 401]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"name=wang&password=%ff", "application/x-www-form-urlencoded", 400),
        (b"name=\xff", "application/x-www-form-urlencoded", 400),
        (b"a=1&" * 200, "application/x-www-form-urlencoded", 400),
        (b"name=w%00ng&password=x", "application/x-www-form-urlencoded", 401),
        (b"name=wang&password=" + b"x" * 9000, "application/x-www-form-urlencoded", 401),
        (b"name=wang", "application/x-www-form-urlencoded; charset=bogus", 401),
        (b"zzz", "multipart/form-data; boundary=x", 415),
        (b'{"name":"wang"}', "application/json", 415),
        (b"", "application/x-www-form-urlencoded", 401),
    ],
)
async def test_a_garbled_login_form_is_refused_without_a_bug(
    house: House, body: bytes, kind: str, status: int
) -> None:
    client = await house.client(Origin=house.url)

    assert (await client.post("/login", data=body, headers={"Content-Type": kind})).status == status
