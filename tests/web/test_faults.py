"""The web face while something behind it is broken: it says so, and what can go on goes on."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from regulation.refusal import Refusal
from routing.ports import SwitchUnavailable
from tests.web.house import CHEAP, House, a_call
from tests.web.test_api_access import told
from web import passwords
from web.passwords import Backoff, LoginLimits, Passwords


@pytest.fixture
def locked(house: House, tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Another program holds the database's write lock."""
    assert house.url
    other = sqlite3.connect(tmp_path / "hotline.db", isolation_level=None)
    yield other
    other.close()


async def test_while_the_database_is_locked_reading_goes_on_and_writing_says_try_again(
    house: House, locked: sqlite3.Connection
) -> None:
    await house.keep(a_call("c1"))
    program, browser = await house.program("wang"), await house.browser("wang")
    house.clock.forward(minutes=2)
    locked.execute("BEGIN IMMEDIATE")
    began = time.perf_counter()

    read = await program.get("/api/v1/calls/c1")
    page = await browser.get("/api/v1/desk")
    live = await program.get("/health/live")
    async with browser.ws_connect("/ws") as screen:
        snapshot = await screen.receive_str()
    reading_took = time.perf_counter() - began
    written, ready = await asyncio.gather(
        program.post("/api/v1/tickets", json={"kind": "help", "content": "x"}),
        program.get("/health/ready"),
    )
    locked.execute("ROLLBACK")
    again = await program.post("/api/v1/tickets", json={"kind": "help", "content": "x"})

    assert (read.status, page.status, live.status) == (200, 200, 200)
    assert reading_took < 3
    assert snapshot.startswith('{"type":"snapshot"')
    assert await told(written) == (503, "unavailable", "")
    assert written.headers["Retry-After"] == "2"
    assert ready.status == 503
    assert (await again.json())["number"] == "20261123-0001"


async def test_a_switch_that_does_not_take_a_command_is_told_as_such(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    wang = await house.program("wang")
    await wang.post("/api/v1/desk/sign-in", json={"device": "PJSIP/8001"})

    async def down(_device: str) -> None:
        raise SwitchUnavailable("link down")

    monkeypatch.setattr(house.switch, "answer", down, raising=False)

    answer = await wang.post("/api/v1/desk/answer")

    assert await told(answer) == (503, "switch.unavailable", "")
    assert "link down" in (await answer.json(content_type=None))["message"]


async def test_too_many_logins_at_once_are_refused_not_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "BUSY", 3)
    checker, kept = Passwords(CHEAP), CHEAP.hash("right")

    answers = await asyncio.gather(
        *(checker.match("right", kept) for _ in range(5)), return_exceptions=True
    )
    checker.close()

    assert answers[:3] == [True] * 3
    assert [type(answer) for answer in answers[3:]] == [Refusal, Refusal]


def test_an_address_that_tries_many_accounts_has_to_wait_as_well(house: House) -> None:
    backoff = Backoff(house.clock, LoginLimits(failures=2, wait_seconds=60))
    for number in range(20):
        backoff.admit(f"account{number}", "10.0.0.1")

    with pytest.raises(Refusal) as refused:
        backoff.admit("another", "10.0.0.1")
    backoff.admit("another", "10.0.0.2")

    assert (refused.value.code, refused.value.status) == ("login.wait", 429)


def test_tries_are_forgotten_and_their_memory_is_bounded(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "REMEMBERED", 100)
    backoff = Backoff(house.clock, LoginLimits(failures=1, wait_seconds=3600))
    for number in range(500):
        backoff.admit("wang", f"10.0.{number}.1")
    backoff.admit("li", "10.1.1.1")
    with pytest.raises(Refusal):
        backoff.admit("li", "10.1.1.1")
    house.clock.forward(hours=2, seconds=1)
    backoff.admit("li", "10.1.1.1")

    assert len(backoff._tries) == 100
