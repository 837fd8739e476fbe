"""Flows towards the outside: click-to-call, numbers dialled on a phone, the gate."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

from config.pbx.leg import Leg
from tests.pbx.score import Expected, Played, Score
from tests.pbx.stage import Stage, answers, busy, congested, dead, rings

score = Score(first=48)


async def click(
    stage: Stage, behaviour: Callable[[Leg], None] | None, *, pick_up: bool = True
) -> tuple[str, str, Leg]:
    """The desk's click-to-call, as the server sends it: call id, number, the agent's leg."""
    number, call_id = f"135000000{stage.place.number}", str(uuid4())
    if behaviour:
        stage.outside.behaviour[number] = behaviour
    phone = await stage.phone(0, signed_in=False)
    await stage.switch.click_to_call(f"PJSIP/{phone.name}", number, call_id=call_id)
    agent = await phone.rung()
    if pick_up:
        await agent.answer()
    return call_id, number, agent


async def not_reached(
    stage: Stage, behaviour: Callable[[Leg], None] | None, outcome: str
) -> list[Played]:
    call_id, number, agent = await click(stage, behaviour)
    await stage.over(agent)
    expected = Expected(
        outcome, way="outbound", number=number, offers=((agent.phone.name, "answered"),)
    )
    return [Played(call_id, agent, expected)]


@score.flow()
async def click_to_call_answered(stage: Stage) -> list[Played]:
    call_id, number, agent = await click(stage, answers)
    citizen = await stage.outside.picked_up(number)
    await asyncio.sleep(2)
    shown = citizen.number
    await citizen.hang_up()
    await stage.over(agent)
    name = agent.phone.name
    expected = Expected("answered", way="outbound", number=number, offers=((name, "answered"),),
                        segments=(name,))  # fmt: skip
    return [Played(call_id, agent, expected, {"shown": shown})]


@score.flow()
async def click_to_call_busy(stage: Stage) -> list[Played]:
    return await not_reached(stage, busy, "busy")


@score.flow()
async def click_to_call_not_answered(stage: Stage) -> list[Played]:
    return await not_reached(stage, rings, "no_answer")


@score.flow()
async def click_to_call_on_a_dead_trunk(stage: Stage) -> list[Played]:
    return await not_reached(stage, dead, "failed")


@score.flow()
async def click_to_call_on_a_congested_trunk(stage: Stage) -> list[Played]:
    return await not_reached(stage, congested, "failed")


@score.flow()
async def click_to_call_to_a_wrong_number(stage: Stage) -> list[Played]:
    return await not_reached(stage, None, "wrong_number")


@score.flow()
async def dialled_on_the_phone(stage: Stage) -> list[Played]:
    number = f"134000000{stage.place.number}"
    stage.outside.behaviour[number] = answers
    phone = await stage.phone(0, signed_in=False)
    agent = await phone.call(number)
    citizen = await stage.outside.picked_up(number)
    await asyncio.sleep(1.5)
    await agent.hang_up()
    await stage.over(citizen)
    told = await stage.manager.see("UserEvent", UserEvent="HotlineOutbound", Number=number)
    expected = Expected("answered", way="outbound", number=number, segments=(phone.name,))
    return [Played(told["CallId"], agent, expected, {"device": told["Device"]})]


@score.flow()
async def a_number_the_gate_refuses(stage: Stage) -> list[Played]:
    phone = await stage.phone(0, signed_in=False)
    agent = await phone.call("0085212345678")
    await stage.over(agent)
    told = await stage.manager.see("UserEvent", UserEvent="HotlineRefused",
                                   Device=f"PJSIP/{phone.name}")  # fmt: skip
    return [Played("", agent, Expected("failed"), {"number": told["Number"]})]
