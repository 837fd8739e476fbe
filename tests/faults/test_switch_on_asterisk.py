"""Everything the desk can ask of the telephone, done by a real Asterisk with real phones."""

import asyncio
import contextlib
import itertools
import wave
from array import array
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from config.pbx.leg import Leg
from config.pbx.phone import Phone
from config.pbx.rtp import SILENCE, tone
from routing.calls import Call
from routing.seats import Member
from tests.faults.floor import Floor, answering, floor
from tests.faults.rig import Rig
from tests.telephony.peer import until

pytestmark = pytest.mark.pbx

OUT = "0d8d7d5f-7c0d-4e6c-9a58-5f0c2a520a11"
FIRST = (Member("PJSIP/8001", "王小明", paused=False),)


@contextlib.asynccontextmanager
async def talking(
    pbx: Rig, *, audio: bytes = SILENCE
) -> AsyncIterator[tuple[Floor, Call, Leg, Leg]]:
    """A citizen and agent 8001 who talk."""
    agent = await pbx.agent("8001")
    legs: list[Leg] = []
    answering(agent, legs=legs)
    async with floor(pbx, members=FIRST) as it:
        await it.up()
        citizen = await (await pbx.citizen("13800138000", audio=audio)).call("962200")
        call = await it.one(lambda call: call.state == "talking", seconds=15)
        yield it, call, citizen, legs[0]
        await citizen.hang_up()
        assert await until(lambda: not it.tracker.live())


async def second(pbx: Rig) -> tuple[Phone, list[Leg]]:
    phone = await pbx.agent("8002")
    legs: list[Leg] = []
    answering(phone, legs=legs)
    return phone, legs


def devices(call: Call) -> list[str]:
    return [segment.device for segment in call.segments]


async def test_a_call_held_from_the_page_is_one_segment_with_its_hold(pbx: Rig) -> None:
    async with talking(pbx) as (it, call, _, agent):
        await it.switch.hold(call.id)
        await it.one(lambda call: call.state == "held")
        await asyncio.sleep(1)
        assert agent.state == "up"
        await it.switch.resume(call.id)
        await it.one(lambda call: call.state == "talking")
        await asyncio.sleep(0.5)
        await agent.hang_up()
        ended = await it.one(lambda call: call.segments[0].until)
        assert devices(ended) == ["PJSIP/8001"]
        assert 0.9 < ended.segments[0].hold_seconds < 3


async def test_after_resuming_the_agent_may_consult_and_the_citizens_keys_do_nothing(
    pbx: Rig,
) -> None:
    _, legs = await second(pbx)
    async with talking(pbx) as (it, call, citizen, agent):
        await it.switch.hold(call.id)
        await it.one(lambda call: call.state == "held")
        await it.switch.resume(call.id)
        await it.one(lambda call: call.state == "talking")
        await asyncio.sleep(0.5)
        held = it.tracker.calls()[0].segments[0].hold_seconds
        citizen.press("*28002")
        await asyncio.sleep(3)
        untouched = it.tracker.calls()[0]
        assert (untouched.transfers, len(legs), untouched.state) == ((), 0, "talking")
        assert untouched.segments[0].hold_seconds == held
        await it.switch.consult(call.id, device="PJSIP/8001", to="8002")
        assert await until(lambda: legs and legs[0].state == "up", seconds=8)
        await asyncio.sleep(0.5)
        await agent.hang_up()
        await it.one(lambda call: [t.outcome for t in call.transfers] == ["completed"])


async def test_a_blind_transfer_leads_to_the_other_agent(pbx: Rig) -> None:
    _, legs = await second(pbx)
    async with talking(pbx) as (it, call, _, agent):
        await it.switch.transfer(call.id, device="PJSIP/8001", to="8002")
        moved = await it.one(lambda call: devices(call) == ["PJSIP/8001", "PJSIP/8002"])
        assert await until(lambda: agent.state == "ended")
        assert legs[0].state == "up"
        assert [(t.kind, t.by, t.to) for t in moved.transfers] == [("blind", "PJSIP/8001", "8002")]


async def test_a_consultation_is_completed_by_hanging_up(pbx: Rig) -> None:
    _, legs = await second(pbx)
    async with talking(pbx) as (it, call, _, agent):
        await it.switch.consult(call.id, device="PJSIP/8001", to="8002")
        assert await until(lambda: legs and legs[0].state == "up", seconds=8)
        await asyncio.sleep(0.5)
        await agent.hang_up()
        moved = await it.one(lambda call: [t.outcome for t in call.transfers] == ["completed"])
        assert moved.transfers[0].kind == "attended"
        assert devices(moved) == ["PJSIP/8001", "PJSIP/8002"]


async def test_a_consultation_given_up_brings_the_citizen_back(pbx: Rig) -> None:
    phone = await pbx.agent("8002")
    async with talking(pbx) as (it, call, _, agent):
        await it.switch.consult(call.id, device="PJSIP/8001", to="8002")
        rung = await phone.rung()
        await it.switch.cancel_consult(call.id, device="PJSIP/8001")
        assert await until(lambda: rung.state == "ended")
        back = await it.one(lambda call: len(call.segments) == 2 and call.state == "talking")
        assert devices(back) == ["PJSIP/8001", "PJSIP/8001"]
        assert agent.state == "up"
        await it.one(lambda call: [t.outcome for t in call.transfers] == ["cancelled"])


async def together(it: Floor, expected: int) -> int:
    """How many channels share the fullest bridge, at the latest after three seconds."""
    fullest = 0
    for _ in range(30):
        listed = await it.exchange.ask("CoreShowChannels")
        bridges = Counter(m.get("BridgeId") for m in listed if m.get("BridgeId"))
        fullest = max(bridges.values(), default=0)
        if fullest == expected:
            break
        await asyncio.sleep(0.1)
    return fullest


@pytest.mark.parametrize("third", ["8002", "13712340002"])
async def test_three_talk_with_one_another(pbx: Rig, third: str) -> None:
    _, legs = await second(pbx)
    outside = await pbx.far_end()
    answering(outside, legs=legs)
    async with talking(pbx) as (it, call, citizen, agent):
        await it.switch.conference(call.id, device="PJSIP/8001", third=third)
        assert await until(lambda: legs and legs[0].state == "up", seconds=8)
        assert await together(it, 3) == 3
        assert (citizen.state, agent.state) == ("up", "up")
        met = await it.one(lambda call: call.transfers and call.transfers[0].outcome)
        assert [(t.kind, t.to, t.outcome) for t in met.transfers] == [
            ("threeway", third, "completed")
        ]
        assert it.tracker.live() == [met]


async def test_click_to_call_is_one_call_under_the_id_the_desk_gave_it(pbx: Rig) -> None:
    agent, outside = await pbx.agent("8001"), await pbx.far_end()
    answering(agent)
    legs: list[Leg] = []
    answering(outside, legs=legs)
    async with floor(pbx, members=FIRST) as it:
        await it.up()
        await it.switch.click_to_call("PJSIP/8001", "13811110001", call_id=OUT)
        call = await it.one(lambda call: call.segments)
        assert (call.id, call.way, call.citizen_number) == (OUT, "outbound", "13811110001")
        await it.switch.hang_up(OUT)
        ended = await it.one(lambda call: call.ended_at)
        assert ended.outcome == "answered"
        assert await until(lambda: legs[0].state == "ended")


async def test_click_to_call_is_given_up_while_the_agents_phone_rings(pbx: Rig) -> None:
    agent = await pbx.agent("8001")
    async with floor(pbx, members=FIRST) as it:
        await it.up()
        await it.switch.click_to_call("PJSIP/8001", "13811110001", call_id=OUT)
        rung = await agent.rung()
        await it.switch.hang_up(OUT)
        assert await until(lambda: rung.state == "ended")


async def test_hanging_up_ends_the_citizens_own_telephone(pbx: Rig) -> None:
    async with talking(pbx) as (it, call, citizen, agent):
        await it.switch.hang_up(call.id)
        assert await until(lambda: (citizen.state, agent.state) == ("ended", "ended"))


async def test_a_recording_is_silent_while_it_is_muted_and_goes_on_afterwards(pbx: Rig) -> None:
    async with talking(pbx, audio=tone()) as (it, call, _, agent):
        await asyncio.sleep(0.5)
        await it.switch.mute_recording(call.id, muted=True)
        await asyncio.sleep(1)
        await it.switch.mute_recording(call.id, muted=False)
        await asyncio.sleep(0.5)
        await agent.hang_up()
    [recording] = call.recordings
    file = pbx.asterisk.plan.folders.recordings / f"{recording.id}.wav"
    tenths = loudness(file)
    loud = [at for at, peak in enumerate(tenths) if peak > 1000]
    pauses = [after - before for before, after in itertools.pairwise(loud)]
    assert 8 <= max(pauses) <= 14


def loudness(file: Path) -> list[int]:
    """The peak of each tenth of a second."""
    with wave.open(str(file)) as sound:
        samples = array("h", sound.readframes(sound.getnframes()))
    return [max(map(abs, samples[i : i + 800])) for i in range(0, len(samples), 800)]


async def test_signing_in_pausing_and_out_are_what_the_queue_shows(pbx: Rig) -> None:
    async with floor(pbx, members=()) as it:
        await it.up()

        async def member() -> tuple[str | None, ...] | None:
            answer = await it.exchange.ask("QueueStatus")
            found = [m for m in answer if m.name == "QueueMember"]
            keys = ("Location", "Name", "Paused", "PausedReason")
            return tuple(found[0].get(key) for key in keys) if found else None

        await it.switch.queue_add("PJSIP/8001", "王小明", paused=True)
        await it.switch.queue_add("PJSIP/8001", "王小明", paused=True)
        assert await member() == ("PJSIP/8001", "王小明", "1", "")
        await it.switch.queue_pause("PJSIP/8001", paused=True, reason="午餐")
        assert await member() == ("PJSIP/8001", "王小明", "1", "午餐")
        await it.switch.queue_pause("PJSIP/8001", paused=False, reason="")
        assert await member() == ("PJSIP/8001", "王小明", "0", "")
        await it.switch.queue_remove("PJSIP/8001")
        await it.switch.queue_remove("PJSIP/8001")
        assert await member() is None
