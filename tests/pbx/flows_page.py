"""Flows of three talking, of a hold from the page, and of numbers that the gate refuses."""

import asyncio
import time
from dataclasses import replace

from config.pbx.phone import Phone
from tests.pbx.flows_passing_on import ended
from tests.pbx.score import Expected, Played, Score
from tests.pbx.stage import Stage

score = Score(first=42)
ABROAD = "0085212345678"


@score.flow()
async def three_talk_together(stage: Stage) -> list[Played]:
    first, third = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    call_id = await stage.call_id(citizen)
    await stage.switch.conference(call_id, device=f"PJSIP/{first.name}", third=third.name)
    other = await third.rung()
    await other.answer()
    assert citizen.stream is not None
    assert agent.stream is not None
    before = citizen.stream.loud_packets, agent.stream.loud_packets
    await asyncio.sleep(1.5)
    notes = {
        "citizen heard": citizen.stream.loud_packets - before[0],
        "agent heard": agent.stream.loud_packets - before[1],
    }
    await other.hang_up()
    await asyncio.sleep(0.5)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    expected = Expected(
        "answered", offers=((first.name, "answered"), (third.name, "answered")),
        segments=(first.name, third.name),
        transfers=(("threeway", first.name, third.name, "completed"),), survey="1",
    )  # fmt: skip
    return [Played(call_id, citizen, expected, notes)]


@score.flow()
async def held_from_the_page(stage: Stage) -> list[Played]:
    """Both legs are parked apart and brought together again; the agent has never left the call."""
    first = await stage.phone(0)
    citizen, agent = await stage.talk(first)
    call_id = await stage.call_id(citizen)
    await stage.switch.hold(call_id)
    await asyncio.sleep(1.5)
    await stage.switch.resume(call_id)
    await asyncio.sleep(1)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    expected = Expected("answered", offers=((first.name, "answered"),), segments=(first.name,),
                        survey="1", held=1.5)  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def the_agent_vanishes_during_a_hold_from_the_page(stage: Stage) -> list[Played]:
    """A citizen never waits for somebody who is gone: back to the queue, to the colleague."""
    first, second = await stage.agents(2)
    citizen, agent = await stage.talk(first)
    await stage.pause(first)
    await stage.switch.hold(await stage.call_id(citizen))
    await asyncio.sleep(0.5)
    await agent.hang_up()
    other = await second.rung()
    await other.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(other)
    expected = Expected(
        "answered", offers=((first.name, "answered"), (second.name, "answered")),
        segments=(first.name, second.name), held=0.5,
    )  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def refer_to_what_the_gate_refuses(stage: Stage) -> list[Played]:
    """The citizen does not pay for it: back to the queue, and to the agent."""
    first = await stage.phone(0)
    citizen, agent = await stage.talk(first)
    assert await agent.refer(ABROAD) == 202
    await agent.hang_up()
    again = await first.rung()
    await asyncio.sleep(0.5)
    await again.answer()
    await asyncio.sleep(1)
    await again.hang_up()
    await stage.rate(citizen, "1")
    played = await ended(
        stage, citizen, first, first.name, survey="1", offers=((first.name, "answered"),),
        transfer=("blind", first.name, ABROAD, "failed"),
    )  # fmt: skip
    return [replace(played[0], notes=await refused(stage, first))]


@score.flow()
async def keys_pressed_in_a_call_that_the_gate_refuses(stage: Stage) -> list[Played]:
    """The phone's own feature code leads to the same gate; the agent stays with the citizen."""
    first = await stage.phone(0)
    citizen, agent = await stage.talk(first)
    agent.press("*2")
    began = time.monotonic()
    await asyncio.sleep(1.5)
    agent.press(f"{ABROAD}#")
    notes = await refused(stage, first)
    held = time.monotonic() - began
    await asyncio.sleep(2)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    played = await ended(
        stage, citizen, first, first.name, survey="1",
        transfer=("attended", first.name, ABROAD, "failed"), held=held,
    )  # fmt: skip
    return [replace(played[0], notes=notes)]


async def refused(stage: Stage, phone: Phone) -> dict[str, object]:
    """What the dialplan told of the refusal."""
    told = await stage.manager.see(
        "UserEvent", UserEvent="HotlineRefused", Device=f"PJSIP/{phone.name}"
    )
    return {"refused": told["Number"]}
