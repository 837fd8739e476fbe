"""The demo as a newcomer meets it, from an empty folder to a ticket with its recording."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from config import demo
from config.people import BY_COMMAND, new_token
from config.sample import PASSWORD, PEOPLE
from config.wiring import Server, now
from storage import open_store

SPEED = 8.0
MINUTE = 60 / SPEED
Json = dict[str, Any]


@pytest.fixture
async def server(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Server]:
    async with demo.playing(tmp_path / "demo", port=unused_tcp_port, speed=SPEED) as running:
        yield running


@pytest.fixture
async def agent(server: Server) -> AsyncIterator[aiohttp.ClientSession]:
    """REST as the first demo agent."""
    person = await server.store.people.get("agent1")
    assert person is not None
    made = new_token("story", person, now=now(), days=1)
    await server.store.people.add_token(made.token, by=BY_COMMAND, at=now())
    head = {"Authorization": f"Bearer {made.secret}"}
    async with aiohttp.ClientSession(f"{server.url}/api/v1/", headers=head) as session:
        yield session


async def post(agent: aiohttp.ClientSession, path: str, body: Json | None = None) -> Json:
    async with agent.post(path, json=body) as answer:
        assert answer.status < 300, await answer.text()
        return dict(await answer.json())


async def once(
    agent: aiohttp.ClientSession, path: str, true: Callable[[Json], bool], *, within: float
) -> Json:
    """The first answer of which `true` is true."""
    async with asyncio.timeout(within):
        while True:
            async with agent.get(path) as answer:
                seen = dict(await answer.json())
            if true(seen):
                return seen
            await asyncio.sleep(0.05)


async def test_a_newcomer_answers_within_a_minute_writes_saves_and_plays_the_recording(
    agent: aiohttp.ClientSession,
) -> None:
    """Art. 9 and 10: the call is answered, its content registered, as one matter on one ticket."""
    await once(agent, "desk", lambda desk: bool(desk["telephone"]["up"]), within=10)
    await post(agent, "desk/sign-in", {"device": "PJSIP/8001"})
    await post(agent, "desk/ready")
    desk = await once(agent, "desk", lambda desk: bool(desk["pops"]), within=MINUTE)
    call = desk["pops"][0]["call"]
    assert call["way"] in ("962200", "12345", "110")

    await post(agent, "desk/answer")
    await once(agent, "desk", lambda desk: bool(desk["bound"]), within=5)
    ticket = await post(
        agent, "tickets", {"kind": "consult", "content": "咨询养老补贴", "call": call["id"]}
    )
    assert ticket["calls"] == [call["id"]]
    await post(agent, "desk/hang-up")

    where = f"calls/{call['id']}"
    ended = await once(agent, where, lambda call: call["state"] == "ended", within=10)
    assert (ended["outcome"], ended["tickets"]) == ("answered", [ticket["number"]])
    sound = f"recordings/{ended['recordings'][0]['id']}"
    async with agent.get(sound, headers={"Range": "bytes=0-3"}) as part:
        assert (part.status, await part.read()) == (206, b"RIFF")


async def test_picking_up_a_phone_that_does_not_ring_is_refused(
    agent: aiohttp.ClientSession,
) -> None:
    await once(agent, "desk", lambda desk: bool(desk["telephone"]["up"]), within=10)
    await post(agent, "desk/sign-in", {"device": "PJSIP/8001"})
    async with agent.post("desk/answer") as answer:
        assert answer.status == 409


async def test_the_sample_organisation_is_settled_once(tmp_path: Path) -> None:
    settings = demo.demo_settings(tmp_path, port=1, ami_port=1, secret="s")
    for _ in range(2):
        await demo.prepare(settings)
    async with open_store(settings.store_address, clock=now) as store:
        assert [person.id for person in await store.people.all()] == sorted(
            person.id for person, _ in PEOPLE
        )
        history = await store.calls.history("+8613800002345", before=now() + timedelta(days=1))
    assert [ticket.kind for ticket in history.tickets] == ["complaint", "complaint"]


async def test_the_login_page_lists_the_accounts(server: Server) -> None:
    async with aiohttp.ClientSession() as browser, browser.get(f"{server.url}/login") as page:
        text = await page.text()
    assert all(person.id in text for person, _ in PEOPLE)
    assert PASSWORD in text
