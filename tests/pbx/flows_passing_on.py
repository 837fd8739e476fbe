"""Flows in which a call is passed on: blind and attended."""

import asyncio
import time

from config.pbx.leg import Leg
from config.pbx.phone import Phone
from tests.pbx.rig import Setting
from tests.pbx.score import Expected, Played, Score, Transfer
from tests.pbx.stage import Stage, answers

score = Score(first=22)


async def ended(
    stage: Stage, citizen: Leg, first: Phone, *rest: str, transfer: Transfer,
    survey: str | None = None, offers: tuple[tuple[str, str], ...] = (), held: float = 0.0,
) -> list[Played]:  # fmt: skip
    """What all these flows come to: answered by the first, then `rest`."""
    expected = Expected(
        "answered", offers=((first.name, "answered"), *offers), segments=(first.name, *rest),
        transfers=(transfer,), survey=survey, held=held,
    )  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


async def consult(stage: Stage, citizen: Leg, agent: Phone, to: str) -> None:
    """The page's consultation."""
    await stage.switch.consult(await stage.call_id(citizen), device=f"PJSIP/{agent.name}", to=to)


async def hand_over(stage: Stage, citizen: Leg, agent: Phone, to: str) -> None:
    """The page's blind transfer."""
    await stage.switch.transfer(await stage.call_id(citizen), device=f"PJSIP/{agent.name}", to=to)


@score.flow()
async def blind_from_the_page(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    await hand_over(stage, citizen, first, target.name)
    await stage.over(agent)
    other = await target.rung()
    await asyncio.sleep(0.5)
    await other.answer()
    await asyncio.sleep(1)
    await other.hang_up()
    await stage.rate(citizen, "2")
    return await ended(
        stage, citizen, first, target.name, survey="2", offers=((target.name, "answered"),),
        transfer=("blind", first.name, target.name, "completed"),
    )  # fmt: skip


@score.flow()
async def blind_by_the_phone(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    assert await agent.refer(target.name) == 202
    other = await target.rung()
    await agent.hang_up()
    await other.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(other)
    return await ended(
        stage, citizen, first, target.name, offers=((target.name, "answered"),),
        transfer=("blind", first.name, target.name, "completed"),
    )  # fmt: skip


@score.flow(Setting(strategy="leastrecent"))
async def blind_to_somebody_who_does_not_answer(stage: Stage) -> list[Played]:
    """The citizen goes back to the queue, and the agent takes the call again."""
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    assert await agent.refer(target.name) == 202
    await target.rung()
    await agent.hang_up()
    again = await first.rung()
    await again.answer()
    await asyncio.sleep(1)
    await again.hang_up()
    await stage.rate(citizen, "1")
    return await ended(
        stage, citizen, first, first.name, survey="1",
        offers=((target.name, "missed"), (first.name, "answered")),
        transfer=("blind", first.name, target.name, "no_answer"),
    )  # fmt: skip


@score.flow()
async def blind_to_a_liaisons_mobile(stage: Stage) -> list[Played]:
    mobile = f"139000000{stage.place.number}"
    stage.outside.behaviour[mobile] = answers
    first = await stage.phone(0)
    citizen, agent = await stage.talk(first)
    await hand_over(stage, citizen, first, mobile)
    await stage.over(agent)
    liaison = await stage.outside.picked_up(mobile)
    await asyncio.sleep(1)
    shown = liaison.number
    await liaison.hang_up()
    await stage.rate(citizen, "1")
    played = await ended(
        stage, citizen, first, survey="1", transfer=("blind", first.name, mobile, "completed")
    )
    return [Played(one.call_id, one.leg, one.expected, {"shown": shown}) for one in played]


@score.flow()
async def attended_from_the_page_and_completed(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    await consult(stage, citizen, first, target.name)
    other = await target.rung()
    await other.answer()
    await asyncio.sleep(1)
    await agent.hang_up()
    await asyncio.sleep(1)
    await other.hang_up()
    await stage.rate(citizen, "1")
    return await ended(
        stage, citizen, first, target.name, survey="1", offers=((target.name, "answered"),),
        transfer=("attended", first.name, target.name, "completed"),
    )  # fmt: skip


@score.flow()
async def attended_from_the_page_and_cancelled(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    await consult(stage, citizen, first, target.name)
    other = await target.rung()
    await other.answer()
    await asyncio.sleep(1)
    call_id = await stage.call_id(citizen)
    await stage.switch.cancel_consult(call_id, device=f"PJSIP/{first.name}")
    await stage.over(other)
    await asyncio.sleep(1)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    return await ended(
        stage, citizen, first, first.name, survey="1", offers=((target.name, "answered"),),
        transfer=("attended", first.name, target.name, "cancelled"),
    )  # fmt: skip


@score.flow()
async def attended_from_the_page_blonde(stage: Stage) -> list[Played]:
    """The agent leaves while the target rings; the target answers."""
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    await consult(stage, citizen, first, target.name)
    other = await target.rung()
    await asyncio.sleep(0.5)
    await agent.hang_up()
    await asyncio.sleep(0.7)
    await other.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(other)
    return await ended(
        stage, citizen, first, target.name, offers=((target.name, "answered"),),
        transfer=("attended", first.name, target.name, "completed"),
    )  # fmt: skip


@score.flow()
async def attended_from_the_page_and_the_target_never_answers(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    await consult(stage, citizen, first, target.name)
    other = await target.rung()
    await stage.over(other)
    await asyncio.sleep(1.5)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    return await ended(
        stage, citizen, first, first.name, survey="1", offers=((target.name, "missed"),),
        transfer=("attended", first.name, target.name, "no_answer"),
    )  # fmt: skip


async def asks(stage: Stage, agent: Leg, target: Phone) -> tuple[Leg, Leg, float]:
    """The phone's own consultation: the citizen on hold, a second call; when the hold began."""
    await agent.hold()
    began = time.monotonic()
    asking = await agent.phone.call(target.name)
    return asking, await target.rung(), began


@score.flow()
async def attended_by_the_phone_and_completed(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    asking, other, began = await asks(stage, agent, target)
    await other.answer()
    await asyncio.sleep(1)
    held = time.monotonic() - began
    assert await agent.refer_to(asking) == 202
    await asyncio.sleep(0.5)
    await agent.hang_up()
    await asyncio.sleep(1)
    await other.hang_up()
    await stage.rate(citizen, "1")
    return await ended(
        stage, citizen, first, target.name, survey="1", offers=((target.name, "answered"),),
        transfer=("attended", first.name, target.name, "completed"), held=held,
    )  # fmt: skip


@score.flow()
async def attended_by_the_phone_and_cancelled(stage: Stage) -> list[Played]:
    """The agent asks a colleague while the citizen is on hold, and comes back."""
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    asking, other, began = await asks(stage, agent, target)
    await other.answer()
    await asyncio.sleep(0.7)
    await asking.hang_up()
    await stage.over(other)
    held = time.monotonic() - began
    await agent.resume()
    await asyncio.sleep(1)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    return await ended(
        stage, citizen, first, survey="1", offers=((target.name, "answered"),),
        transfer=("attended", first.name, target.name, "cancelled"), held=held,
    )  # fmt: skip


@score.flow()
async def attended_by_the_phone_and_the_target_never_answers(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    asking, other, began = await asks(stage, agent, target)
    await stage.over(other, asking)
    held = time.monotonic() - began
    await agent.resume()
    await asyncio.sleep(1)
    await agent.hang_up()
    await stage.rate(citizen, "2")
    return await ended(
        stage, citizen, first, survey="2", offers=((target.name, "missed"),),
        transfer=("attended", first.name, target.name, "no_answer"), held=held,
    )  # fmt: skip


@score.flow()
async def attended_by_the_phone_blonde(stage: Stage) -> list[Played]:
    first, target = await stage.phone(0), await stage.phone(1, signed_in=False)
    citizen, agent = await stage.talk(first)
    asking, other, began = await asks(stage, agent, target)
    await asyncio.sleep(0.5)
    held = time.monotonic() - began
    assert await agent.refer_to(asking) == 202
    await asyncio.sleep(0.5)
    await agent.hang_up()
    await other.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(other)
    return await ended(
        stage, citizen, first, target.name, offers=((target.name, "answered"),),
        transfer=("attended", first.name, target.name, "completed"), held=held,
    )  # fmt: skip
