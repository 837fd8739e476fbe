"""The dialplan when its server is frozen, and under fifty calls at once."""

import asyncio
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from config.pbx.leg import Leg
from config.pbx.phone import Phone
from routing.calls import Call
from tests.pbx.cel import Row, Witness, citizens_channel, read, witness
from tests.pbx.conftest import CROWD, CROWDED, QUIET, TRUNKS, Performance
from tests.pbx.manager import Manager
from tests.pbx.product import Product, listening
from tests.pbx.rig import SECRET, Rig
from tests.pbx.stage import Outside, Stage, answers

pytestmark = pytest.mark.pbx

A_SECOND = 1.0
TOGETHER_SECONDS = 3.0


@contextmanager
def frozen(rig: Rig) -> Iterator[None]:
    """The server is there, but does not answer."""
    os.kill(rig.server.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(rig.server.pid, signal.SIGCONT)


@dataclass(frozen=True)
class Frozen:
    """What came of calls while the server was frozen."""

    queued_after: float
    talked: bool
    refused: int
    emergency: list[str]
    colleague: bool


@pytest.fixture(scope="module")
def in_the_cold(performance: Performance) -> Frozen:
    return asyncio.run(_in_the_cold(performance.rig))


async def _in_the_cold(rig: Rig) -> Frozen:
    manager = await Manager.login(rig.ports.ami, "hotline", SECRET)
    outside = await Outside.open(rig)
    outside.behaviour.update(dict.fromkeys(("110", "119", "120"), answers))
    async with listening(rig, TRUNKS) as product:
        stage = Stage(rig, QUIET, manager, outside, product.switch(rig, QUIET.queue))
        first = await stage.phone(0)
        other = await stage.phone(1, signed_in=False)
        with frozen(rig):
            began = time.monotonic()
            citizen = await stage.citizen()
            await manager.see("QueueCallerJoin", Queue=QUIET.queue)
            queued_after = time.monotonic() - began
            agent = await first.rung()
            await agent.answer()
            await asyncio.sleep(0.5)
            talked = citizen.state == agent.state == "up"
            await agent.hang_up()
            refused = await other.call("13512340000")
            await refused.over.wait()
            emergency = [await _reaches(other, number, outside) for number in ("110", "119", "120")]
            asking = await first.call(other.name)
            colleague = await other.rung()
            await asking.hang_up()
        await stage.clear()
    await manager.close()
    stage.close()
    outside.phone.close()
    return Frozen(queued_after, talked, refused.code, emergency, colleague.number == first.name)


async def _reaches(phone: Phone, number: str, outside: Outside) -> str:
    leg = await phone.call(number)
    there = await outside.picked_up(number)
    assert there.offered is not None
    dialled = there.offered.uri.split(":")[1].split("@")[0]
    await leg.hang_up()
    return dialled


def test_a_citizen_is_queued_within_a_second_although_the_server_is_frozen(
    in_the_cold: Frozen,
) -> None:
    """Notice (a third of a second here), the unanswered question, the queue; then an agent."""
    assert in_the_cold.queued_after < A_SECOND
    assert in_the_cold.talked


def test_the_gate_is_shut_while_the_server_is_silent(in_the_cold: Frozen) -> None:
    assert in_the_cold.refused == 403


def test_police_fire_brigade_and_ambulance_are_reached_without_the_server(
    in_the_cold: Frozen,
) -> None:
    assert in_the_cold.emergency == ["110", "119", "120"]


def test_colleagues_reach_one_another_without_the_server(in_the_cold: Frozen) -> None:
    assert in_the_cold.colleague


@dataclass(frozen=True)
class Rush:
    """Fifty calls at once."""

    at_once: int
    calls: list[Call]
    log: list[Row]


@pytest.fixture(scope="module")
def rush(performance: Performance, in_the_cold: Frozen) -> Rush:
    return asyncio.run(_rush(performance.rig))


async def _rush(rig: Rig) -> Rush:
    manager = await Manager.login(rig.ports.ami, "hotline", SECRET)
    async with listening(rig, TRUNKS) as product:
        switch = product.switch(rig, CROWDED.queue)
        server = ("127.0.0.1", rig.ports.sip)
        agents = [
            await Phone(name, server=server, password=f"secret-{name}", audio=b"").open("127.0.0.1")
            for name in CROWD
        ]
        for phone in agents:
            phone.on_call = answers
            assert await phone.register() == 200
            await switch.queue_add(f"PJSIP/{phone.name}", phone.name, paused=False)
        citizens = [
            await Phone(f"1330000{place:04}", server=server, audio=b"").open(CROWDED.address)
            for place in range(len(CROWD))
        ]
        legs = []
        for phone in citizens:
            legs.append(await phone.call("962200"))
            await asyncio.sleep(0.05)
        at_once = await _all_talking(agents)
        await asyncio.sleep(TOGETHER_SECONDS)
        await asyncio.gather(*(leg.hang_up() for leg in legs))
        await asyncio.sleep(1.5)
        calls = [await _call_of(product, manager, leg) for leg in legs]
    await manager.close()
    for phone in (*agents, *citizens):
        phone.close()
    return Rush(at_once, calls, read(rig.cel))


async def _all_talking(agents: list[Phone], *, within: float = 20.0) -> int:
    """Wait until every agent talks; how many do."""
    deadline = time.monotonic() + within
    while True:
        busy = sum(any(leg.state == "up" for leg in phone.legs.values()) for phone in agents)
        if busy == len(agents) or time.monotonic() > deadline:
            return busy
        await asyncio.sleep(0.1)


async def _call_of(product: Product, manager: Manager, leg: Leg) -> Call:
    event = await manager.see("UserEvent", UserEvent="HotlineInbound", SipCallId=leg.call_id)
    return product.call(event["CallId"])


def test_fifty_citizens_talk_at_once(rush: Rush) -> None:
    assert rush.at_once == len(CROWD)


def test_fifty_calls_at_once_are_fifty_calls_each_with_its_own_agent(rush: Rush) -> None:
    """None is lost, doubled or joined with another."""
    assert len({call.id for call in rush.calls}) == len(CROWD)
    assert sorted(call.citizen_number or "" for call in rush.calls) == [
        f"1330000{place:04}" for place in range(len(CROWD))
    ]
    assert {call.outcome for call in rush.calls} == {"answered"}
    talked = sorted(segment.device for call in rush.calls for segment in call.segments)
    assert talked == sorted(f"PJSIP/{name}" for name in CROWD)


def test_fifty_calls_at_once_are_told_as_in_the_log(rush: Rush) -> None:
    """Who talked with whom and for how long, call by call."""
    for call in rush.calls:
        seen: Witness = witness(rush.log, citizens_channel(rush.log, call.id))
        assert [segment.device for segment in call.segments] == [talk.device for talk in seen.talks]
        spoken = sum(talk.until - talk.since for talk in seen.talks)
        assert call.talk_seconds == pytest.approx(spoken, abs=0.1)
        assert call.hangup_cause == seen.cause
