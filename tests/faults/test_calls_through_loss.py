"""Calls whose events were not all heard are known afterwards as if they had been."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from config.pbx.leg import Leg
from routing.calls import Call
from routing.happenings import CallStepped
from tests.faults.floor import QUICK, Floor, answering, floor, now
from tests.faults.rig import Rig, Wire
from tests.telephony.peer import until

pytestmark = pytest.mark.pbx


def facts(call: Call) -> dict[str, object]:
    """What two listeners must agree on."""
    return {
        "way": call.way,
        "number": call.citizen_number,
        "outcome": call.outcome,
        "offers": [(offer.device, offer.outcome) for offer in call.offers],
        "segments": [segment.device for segment in call.segments],
    }


def times(call: Call) -> list[float]:
    """When it was, and how long; the event log's instants differ from the events' by little."""
    assert call.ended_at is not None
    return [call.started_at.timestamp(), call.ended_at.timestamp(), call.talk_seconds or 0.0]


async def citizen(pbx: Rig, number: str, *, talks: float) -> None:
    """Calls, talks when somebody answers, hangs up."""
    phone = await pbx.citizen(number)
    leg = await phone.call("962200")
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(leg.up.wait(), 10)
    await asyncio.sleep(talks)
    await leg.hang_up()


@pytest.mark.parametrize(
    ("seconds", "citizens"),
    [(3, 8), pytest.param(30, 80, marks=[pytest.mark.soak, pytest.mark.timeout(240)])],
)
async def test_a_cut_under_load_leaves_the_same_calls_as_no_cut(
    pbx: Rig, seconds: float, citizens: int
) -> None:
    for name in ("8001", "8002"):
        answering(await pbx.agent(name))
    async with (
        Wire(pbx.asterisk.plan.ami_port) as wire,
        floor(pbx) as witness,
        floor(pbx, port=wire.port) as it,
    ):
        await asyncio.gather(witness.up(), it.up())
        calling = []
        for number in range(citizens):
            talks = 0.8 + number % 3
            calling.append(asyncio.create_task(citizen(pbx, f"1380000{number:04}", talks=talks)))
            await asyncio.sleep(seconds * 2 / citizens)
            if number == citizens // 4:
                wire.cut()
            if number == citizens * 3 // 4:
                wire.mend()
        await it.up()
        await asyncio.gather(*calling)
        assert await until(lambda: not witness.tracker.live() and not it.tracker.live())
        expected = {call.id: facts(call) for call in witness.tracker.calls()}
        assert {call.id: facts(call) for call in it.tracker.calls()} == expected
        for call in witness.tracker.calls():
            known = it.tracker.get(call.id)
            assert known
            assert times(known) == pytest.approx(times(call), abs=0.1)
        assert len(expected) == citizens
        ended = [h.call.id for h in it.told if isinstance(h, CallStepped) and h.step == "ended"]
        assert sorted(ended) == sorted(expected)


async def talking(pbx: Rig, it: Floor) -> tuple[Leg, Call]:
    answering(await pbx.agent("8001"))
    await it.up()
    leg = await (await pbx.citizen("13800138000")).call("962200")
    return leg, await it.one(lambda call: call.state == "talking", seconds=15)


async def test_a_call_that_died_with_asterisk_is_lost_and_ends_before_the_crash(pbx: Rig) -> None:
    async with floor(pbx) as it:
        _, call = await talking(pbx, it)
        await asyncio.sleep(1)
        crash = now()
        await asyncio.to_thread(pbx.asterisk.kill)
        await asyncio.sleep(1)
        await asyncio.to_thread(pbx.asterisk.start)
        lost = await it.one(lambda call: call.ended_at, seconds=15)
        assert (lost.id, lost.state, lost.outcome) == (call.id, "ended", "lost")
        assert lost.ended_at is not None
        assert lost.ended_at <= crash
        assert [segment.until for segment in lost.segments] == [lost.ended_at]
        await it.up()
        assert it.tracker.live() == []


async def restart_now(pbx: Rig) -> None:
    await asyncio.to_thread(pbx.asterisk.restart)


async def stop_and_start(pbx: Rig) -> None:
    await asyncio.to_thread(pbx.asterisk.stop)
    await asyncio.to_thread(pbx.asterisk.start)


@pytest.mark.parametrize("end", [restart_now, stop_and_start])
async def test_a_call_that_a_restart_ended_is_ended_once_and_its_agent_is_free(
    pbx: Rig, end: Callable[[Rig], Awaitable[None]]
) -> None:
    async with floor(pbx) as it:
        _, call = await talking(pbx, it)
        await end(pbx)
        over = await it.one(lambda call: call.ended_at, seconds=15)
        assert (over.id, over.state) == (call.id, "ended")
        [until] = [segment.until for segment in over.segments]
        assert until is not None
        assert over.ended_at is not None
        assert over.ended_at - until < timedelta(seconds=0.05)  # the bridge is left first
        await it.up()
        assert it.tracker.live() == []
        ended = [h for h in it.told if isinstance(h, CallStepped) and h.step == "ended"]
        assert [happening.call.id for happening in ended] == [call.id]


async def test_a_call_outlives_our_own_death_and_is_whole_afterwards(pbx: Rig) -> None:
    async with floor(pbx) as before:
        leg, call = await talking(pbx, before)
        known = before.tracker.live()
    await asyncio.sleep(1)
    async with floor(pbx, known=known, seen_until=known[0].started_at) as it:
        await it.up()
        [alive] = it.tracker.live()
        assert (alive.id, alive.state) == (call.id, "talking")
        await leg.hang_up()
        ended = await it.one(lambda call: call.ended_at)
        assert ended.outcome == "answered"
        assert [segment.device for segment in ended.segments] == ["PJSIP/8001"]
        assert abs(ended.segments[0].since - call.segments[0].since) < timedelta(seconds=0.01)
        assert abs(ended.started_at - call.started_at) < timedelta(seconds=0.01)


async def test_a_call_that_ended_while_we_were_dead_is_ended_as_it_did(pbx: Rig) -> None:
    async with floor(pbx) as before:
        leg, call = await talking(pbx, before)
        known = before.tracker.live()
    seen = now()
    await asyncio.sleep(0.5)
    await leg.hang_up()
    hung_up = now()
    await asyncio.sleep(1)
    async with floor(pbx, known=known, seen_until=seen) as it:
        ended = await it.one(lambda call: call.ended_at)
        assert (ended.id, ended.outcome) == (call.id, "answered")
        assert ended.ended_at is not None
        assert abs(ended.ended_at - hung_up) < timedelta(seconds=0.5)


async def test_a_frozen_asterisk_loses_no_call_that_goes_on(pbx: Rig) -> None:
    async with floor(pbx, pace=QUICK) as it:
        leg, call = await talking(pbx, it)
        pbx.asterisk.freeze()
        assert await until(lambda: not it.exchange.is_up, seconds=10)
        pbx.asterisk.thaw()
        await it.up()
        assert [alive.id for alive in it.tracker.live()] == [call.id]
        await leg.hang_up()
        ended = await it.one(lambda call: call.ended_at)
        assert ended.outcome == "answered"
        assert len(ended.segments) == 1
