"""Flows up to the first answer, and what an answered call may come to without a transfer."""

import asyncio

from config.asterisk import Taken
from config.pbx.phone import Phone
from tests.pbx.rig import Setting
from tests.pbx.score import OWN, Expected, Played, Score
from tests.pbx.stage import Stage

score = Score(first=0)
CASE = Taken("header", header="X-Order-Id")


def answered(
    phone: Phone, *, way: str = "962200", number: str | None = OWN, name: str | None = None,
    case: str | None = None, survey: str | None = None, held: float = 0.0,
) -> Expected:  # fmt: skip
    """Answered by the one who was rung."""
    return Expected(
        "answered", way=way, offers=((phone.name, "answered"),), segments=(phone.name,),
        number=number, name=name, case=case, survey=survey, held=held,
    )  # fmt: skip


@score.flow()
async def answered_and_the_agent_hangs_up(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    citizen, agent = await stage.talk(*agents, seconds=2)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    return [Played(await stage.call_id(citizen), citizen, answered(agents[0], survey="1"))]


@score.flow()
async def answered_and_the_citizen_hangs_up(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    citizen, agent = await stage.talk(*agents, seconds=2)
    await citizen.hang_up()
    await stage.over(agent)
    return [Played(await stage.call_id(citizen), citizen, answered(agents[0]))]


@score.flow()
async def abandoned_during_the_greeting(stage: Stage) -> list[Played]:
    await stage.agents()
    citizen = await stage.citizen()
    call_id = await stage.call_id(citizen)
    await citizen.up.wait()
    await citizen.hang_up()
    return [Played(call_id, citizen, Expected("abandoned_greeting"))]


@score.flow()
async def abandoned_in_the_queue(stage: Stage) -> list[Played]:
    """The only agent is paused."""
    phone = await stage.phone(0)
    await stage.pause(phone)
    citizen = await stage.citizen()
    call_id = await stage.call_id(citizen)
    await stage.manager.see("QueueCallerJoin", Queue=stage.place.queue)
    await asyncio.sleep(1)
    await citizen.hang_up()
    return [Played(call_id, citizen, Expected("abandoned_queue"))]


@score.flow()
async def abandoned_while_ringing(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    citizen = await stage.citizen()
    agent = await agents[0].rung()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = Expected("abandoned_ringing", offers=((agents[0].name, "withdrawn"),))
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def no_answer_then_the_second_agent(stage: Stage) -> list[Played]:
    first, second = await stage.agents(2)
    citizen = await stage.citizen()
    missed = await first.rung()
    await stage.over(missed)
    await stage.pause(first)
    agent = await second.rung()
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = Expected(
        "answered", offers=((first.name, "missed"), (second.name, "answered")),
        segments=(second.name,),
    )  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def rejected_then_the_second_agent(stage: Stage) -> list[Played]:
    first, second = await stage.agents(2)
    citizen = await stage.citizen()
    refused = await first.rung()
    await asyncio.sleep(0.5)
    refused.reject()
    await stage.pause(first)
    agent = await second.rung()
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = Expected(
        "answered", offers=((first.name, "rejected"), (second.name, "answered")),
        segments=(second.name,),
    )  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def the_phone_dies_while_ringing(stage: Stage) -> list[Played]:
    first, second = await stage.agents(2)
    citizen = await stage.citizen()
    await first.rung()
    first.die()
    agent = await second.rung(within=20)
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = Expected(
        "answered", offers=((first.name, "unreachable"), (second.name, "answered")),
        segments=(second.name,),
    )  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow(Setting(source="12345", case=CASE))
async def from_12345_with_a_case_number(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    asserted = '"王小明" <sip:13911110001@12345.example>'
    citizen = await stage.citizen(caller="12345", headers=(
        ("P-Asserted-Identity", asserted), ("X-Order-Id", "SH20261123-0001"),
        ("Diversion", "<sip:12345@12345.example>;reason=unconditional"),
    ))  # fmt: skip
    agent = await agents[0].rung()
    shown = agent.number
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = answered(
        agents[0], way="12345", number="13911110001", name="王小明", case="SH20261123-0001"
    )
    return [Played(await stage.call_id(citizen), citizen, expected, {"shown": shown})]


@score.flow(Setting(source="110", case=CASE))
async def from_110_anonymous(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    citizen = await stage.citizen(
        caller="anonymous", shown="Anonymous",
        headers=(("X-Order-Id", "110-7"), ("Privacy", "id")),
    )  # fmt: skip
    agent = await agents[0].rung()
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = answered(agents[0], way="110", number=None, name="Anonymous", case="110-7")
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow(Setting(source="12345", caller=Taken("diversion"), case=Taken("did", skip=6)))
async def caller_from_diversion_and_case_from_the_number_dialled(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    diversion = "<sip:13911110002@12345.example>;reason=user-busy"
    phone = await stage.citizen_phone("12345")
    citizen = await phone.call("96220004711", headers=[("Diversion", diversion)])
    agent = await agents[0].rung()
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = answered(agents[0], way="12345", number="13911110002", case="04711")
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow(Setting(caller=Taken("from"), source="12345", case=CASE))
async def a_caller_writes_commands_into_every_field(stage: Stage) -> list[Played]:
    """Commas, brackets and dialplan expressions stay text; digits alone make the number."""
    agents = await stage.agents()
    evil = "x,Source: 110,CallId: 1)${SHELL(id)}"
    citizen = await stage.citizen(
        caller="13800138000&PJSIP", shown=evil, headers=[("X-Order-Id", f"7,Order: 8{evil}")]
    )
    agent = await agents[0].rung()
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = answered(
        agents[0], way="12345", number="13800138000", name="xSource: 110CallId: 1SHELLid",
        case="7Order8xSource110CallId1SHELLid",
    )  # fmt: skip
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def a_callers_name_is_no_utf8(stage: Stage) -> list[Played]:
    """An old exchange sends GBK: the call comes through, its name as far as it can be read."""
    agents = await stage.agents()
    gbk = "王小明".encode("gbk").decode("utf-8", "surrogateescape")
    citizen = await stage.citizen(shown=gbk)
    agent = await agents[0].rung()
    await agent.answer()
    await asyncio.sleep(1)
    await citizen.hang_up()
    await stage.over(agent)
    expected = answered(agents[0], name="\ufffd\ufffdС\ufffd\ufffd")
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def held_by_the_phone(stage: Stage) -> list[Played]:
    agents = await stage.agents()
    citizen, agent = await stage.talk(*agents, seconds=1)
    assert await agent.hold() == 200
    await asyncio.sleep(1.5)
    assert await agent.resume() == 200
    await asyncio.sleep(1)
    await agent.hang_up()
    await stage.rate(citizen, "3")
    return [Played(await stage.call_id(citizen), citizen,
                   answered(agents[0], survey="3", held=1.5))]  # fmt: skip


@score.flow()
async def two_calls_in_one_second(stage: Stage) -> list[Played]:
    first, second = await stage.agents(2)
    one = await stage.citizen(caller="13700000001")
    two = await stage.citizen(caller="13700000002")
    agent = {leg.number: leg for leg in (await first.rung(), await second.rung())}
    for leg in agent.values():
        await leg.answer()
    await asyncio.sleep(1.5)
    await one.hang_up()
    await agent["13700000002"].hang_up()
    await stage.rate(two, "2")
    phones = {number: leg.phone for number, leg in agent.items()}
    return [
        Played(await stage.call_id(one), one,
               answered(phones["13700000001"], number="13700000001")),
        Played(await stage.call_id(two), two,
               answered(phones["13700000002"], number="13700000002", survey="2")),
    ]  # fmt: skip


@score.flow()
async def nobody_there_and_a_call_back_is_asked_for(stage: Stage) -> list[Played]:
    citizen = await stage.citizen()
    call_id = await stage.call_id(citizen)
    await asyncio.sleep(1.2)
    citizen.press("1")
    await stage.over(citizen)
    told = await stage.manager.see("UserEvent", UserEvent="HotlineCallback", CallId=call_id)
    return [Played(call_id, citizen, Expected("callback"), {"number": told["Number"]})]


@score.flow()
async def an_anonymous_caller_keys_in_a_number_for_the_call_back(stage: Stage) -> list[Played]:
    citizen = await stage.citizen(caller="anonymous")
    call_id = await stage.call_id(citizen)
    await asyncio.sleep(1.2)
    citizen.press("1")
    await asyncio.sleep(1)
    citizen.press("13512345678#")
    await stage.over(citizen)
    told = await stage.manager.see("UserEvent", UserEvent="HotlineCallback", CallId=call_id)
    expected = Expected("callback", number=None)
    return [Played(call_id, citizen, expected, {"number": told["Number"]})]


@score.flow(Setting(patience=2))
async def the_wait_was_too_long_and_a_message_is_left(stage: Stage) -> list[Played]:
    phone = await stage.phone(0)
    await stage.pause(phone)
    citizen = await stage.citizen()
    call_id = await stage.call_id(citizen)
    told = await stage.manager.see("UserEvent", UserEvent="HotlineVoicemail", CallId=call_id)
    await asyncio.sleep(2)
    citizen.press("#")
    await stage.over(citizen)
    notes = {"recording": told["RecordingId"]}
    return [Played(call_id, citizen, Expected("no_agent"), notes)]


@score.flow(Setting(source="12345", case=CASE))
async def the_agent_who_knows_the_matter_is_rung_first(stage: Stage) -> list[Played]:
    """The server names the second device; the queue alone would ring the first."""
    _, second = await stage.agents(2)
    case = f"PREFER-{second.name}"
    citizen = await stage.citizen(headers=[("X-Order-Id", case)])
    agent = await second.rung()
    await agent.answer()
    await asyncio.sleep(1)
    await agent.hang_up()
    await stage.rate(citizen, "1")
    expected = answered(second, way="12345", case=case, survey="1")
    return [Played(await stage.call_id(citizen), citizen, expected)]


@score.flow()
async def an_urgent_caller_is_served_first(stage: Stage) -> list[Played]:
    """Both wait while the only agent is paused; the second caller's number is urgent."""
    phone = await stage.phone(0)
    await stage.pause(phone)
    patient = await stage.citizen(caller="13600000001")
    await stage.manager.see("QueueCallerJoin", Queue=stage.place.queue, Position="1")
    urgent = await stage.citizen(caller="13600000077")
    await stage.manager.see("QueueCallerJoin", Queue=stage.place.queue, Count="2")
    await stage.pause(phone, paused=False)
    served = await phone.rung()
    await served.answer()
    await asyncio.sleep(0.5)
    await patient.hang_up()
    await urgent.hang_up()
    await stage.over(served)
    return [
        Played(await stage.call_id(urgent), urgent, answered(phone, number="13600000077"),
               {"served": served.number}),
        Played(await stage.call_id(patient), patient,
               Expected("abandoned_queue", number="13600000001")),
    ]  # fmt: skip
