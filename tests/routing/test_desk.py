"""The desk: pop on ring, withdrawn when unanswered, bound on connect, following transfers."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from regulation.refusal import Refusal
from routing.desk import Desk
from routing.frames import Bound, Changed, Mine, Pop, Telephone, Ticketed, Withdrawn
from routing.happenings import DeviceChanged, LinkChanged
from routing.relay import Relay
from routing.tickets import NewTicket
from tests.routing.desks import (
    BY_LI,
    BY_WANG,
    LI,
    OTHER_PHONE,
    PHONE,
    START,
    WANG,
    Room,
    arrived,
    ended,
    missed,
    ringing,
    room,
    step,
    talking,
)


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Room]:
    async with room(tmp_path) as opened:
        yield opened


async def _seat_both(house: Room) -> None:
    await house.desk.sign_in(LI, PHONE, by=BY_LI)
    await house.desk.ready(LI, by=BY_LI)
    await house.desk.sign_in(WANG, OTHER_PHONE, by=BY_WANG)
    await house.desk.ready(WANG, by=BY_WANG)


async def _history_read() -> None:
    await asyncio.sleep(0.1)


async def test_signing_in_joins_the_queue_paused_and_ready_unpauses(house: Room) -> None:
    await house.desk.sign_in(LI, PHONE, by=BY_LI)
    presence = await house.desk.ready(LI, by=BY_LI)

    assert presence.state == "ready"
    assert house.switch.told == [
        ("seat", PHONE, "li.na"),
        ("add", PHONE, "李娜", True),
        ("pause", PHONE, True, ""),
        ("seat", PHONE, "li.na"),
        ("add", PHONE, "李娜", False),
        ("pause", PHONE, False, ""),
    ]
    assert [p.choice for p in await house.store.ledger.present()] == ["ready"]


async def test_a_device_seats_one_person_only_and_must_exist(house: Room) -> None:
    await house.desk.sign_in(LI, PHONE, by=BY_LI)

    for device, code in ((PHONE, "device.taken"), ("PJSIP/9999", "device.unknown")):
        with pytest.raises(Refusal) as refused:
            await house.desk.sign_in(WANG, device, by=BY_WANG)
        assert refused.value.code == code


async def test_a_wish_the_switch_could_not_take_is_settled_later(house: Room) -> None:
    house.switch.gone = True
    await house.desk.sign_in(LI, PHONE, by=BY_LI)
    await house.desk.ready(LI, by=BY_LI)
    house.switch.gone = False
    house.switch.told.clear()

    await house.desk.seats.settle()
    await house.desk.seats.settle()

    assert house.switch.told == [("add", PHONE, "李娜", False), ("pause", PHONE, False, "")]


async def test_seats_survive_a_restart(house: Room) -> None:
    await _seat_both(house)
    await house.desk.pause(WANG, "午餐", by=BY_WANG)

    members = house.desk.seats.members()
    again = Desk(
        store=house.store,
        switch=house.switch,  # type: ignore[arg-type]
        screens=house.screens,
        clock=house.clock,
        devices=[PHONE, OTHER_PHONE],
    )
    await again.seats.restore()

    assert again.seats.members() == members


async def test_the_pop_goes_to_the_one_agent_rung_with_the_citizens_history(house: Room) -> None:
    await _seat_both(house)
    earlier = NewTicket(kind="help", content="养老补贴未到账", caller_number="13800138000")
    saved = await house.desk.save_ticket(WANG, earlier, by=BY_WANG)
    call = arrived()
    house.clock.forward(60)
    house.desk.on(step("arrived", call, START))
    await _history_read()

    call = ringing(call, PHONE, house.clock.now)
    house.desk.on(step("offered", call, house.clock.now, PHONE))

    (pop,) = house.screens.of("li.na", Pop)
    assert pop.call.citizen_e164 == "+8613800138000"
    assert [t.number for t in pop.history.tickets] == []
    assert house.screens.of("wang.wei", Pop) == []
    assert saved.number.startswith("20261123-")


async def test_a_pop_asked_for_too_early_waits_for_the_history_not_the_agent(house: Room) -> None:
    await _seat_both(house)
    call = ringing(arrived(), PHONE, START)

    house.desk.on(step("offered", call, START, PHONE))
    assert house.screens.of("li.na", Pop) == []
    await _history_read()

    assert [pop.history.available for pop in house.screens.of("li.na", Pop)] == [True]


async def test_unanswered_ringing_is_withdrawn_and_the_next_agent_gets_the_pop(house: Room) -> None:
    await _seat_both(house)
    call = arrived()
    house.desk.on(step("arrived", call, START))
    await _history_read()
    call = ringing(call, PHONE, START)
    house.desk.on(step("offered", call, START, PHONE))
    call = missed(call)
    house.desk.on(step("withdrawn", call, house.clock.forward(6), PHONE))
    call = ringing(call, OTHER_PHONE, house.clock.now)
    house.desk.on(step("offered", call, house.clock.now, OTHER_PHONE))
    call = talking(call, OTHER_PHONE, "wang.wei", house.clock.forward(1))
    house.desk.on(step("answered", call, house.clock.now, OTHER_PHONE))

    assert [w.outcome for w in house.screens.of("li.na", Withdrawn)] == ["missed"]
    assert len(house.screens.of("wang.wei", Bound)) == 1
    assert house.screens.of("li.na", Bound) == []
    assert house.desk.seats.of(LI).state == "ready"
    assert house.desk.seats.of(WANG).state == "talking"


async def test_a_transferred_call_binds_to_the_second_agent_and_both_see_it_end(
    house: Room,
) -> None:
    await _seat_both(house)
    call = talking(ringing(arrived(), PHONE, START), PHONE, "li.na", START)
    house.desk.on(step("answered", call, START, PHONE))
    assert house.screens.of("li.na", Bound) == []  # it comes with the history, once that is read
    await _history_read()
    call = talking(ringing(call, OTHER_PHONE, START), OTHER_PHONE, "wang.wei", START)
    house.desk.on(step("answered", call, START, OTHER_PHONE))

    house.desk.on(step("ended", ended(call, house.clock.forward(9), "answered"), START))

    for person in ("li.na", "wang.wei"):
        assert len(house.screens.of(person, Bound)) == 1
        assert [c.step for c in house.screens.of(person, Changed)] == ["ended"]
    assert [house.desk.seats.of(p).state for p in (LI, WANG)] == ["ready", "ready"]


async def test_a_desk_that_reloads_in_mid_call_gets_the_call_back(house: Room) -> None:
    await _seat_both(house)
    call = talking(ringing(arrived(), PHONE, START), PHONE, "li.na", START)
    house.desk.on(step("answered", call, START, PHONE))

    mine, other = house.desk.snapshot(LI), house.desk.snapshot(WANG)

    assert [b.call.id for b in mine.bound] == ["c-1"]
    assert mine.presence.state == "talking"
    assert (other.pops, other.bound) == ((), ())


async def test_an_anonymous_citizen_pops_and_gets_a_ticket(house: Room) -> None:
    await _seat_both(house)
    call = arrived(None)
    house.desk.on(step("arrived", call, START))
    house.desk.on(step("offered", ringing(call, PHONE, START), START, PHONE))

    new = NewTicket(kind="consult", content="如何办理收养登记", call="c-1")
    ticket = await house.desk.save_ticket(LI, new, by=BY_LI, key="k-1")

    assert len(house.screens.of("li.na", Pop)) == 1
    assert ticket.calls == ("c-1",)
    again = await house.desk.save_ticket(LI, new, by=BY_LI, key="k-1")
    assert again.number == ticket.number
    assert [t.number for t in house.screens.of("li.na", Ticketed)] == []


async def test_a_saved_ticket_is_shown_from_the_outbox_after_its_commit(house: Room) -> None:
    relay = Relay(house.store.outbox, house.screens, clock=house.clock, forgets=True)
    running = asyncio.create_task(relay.run())
    new = NewTicket(kind="consult", content="如何办理收养登记")

    ticket = await house.desk.save_ticket(LI, new, by=BY_LI)
    for _ in range(500):
        if not await house.store.outbox.pending(after=0, limit=10):
            break
        await asyncio.sleep(0.01)
    running.cancel()

    assert [t.number for t in house.screens.of("li.na", Ticketed)] == [ticket.number]


async def test_nobody_signs_out_in_the_middle_of_a_call(house: Room) -> None:
    await _seat_both(house)
    house.desk.on(step("offered", ringing(arrived(), PHONE, START), START, PHONE))

    with pytest.raises(Refusal) as refused:
        await house.desk.sign_out(LI, by=BY_LI)

    assert refused.value.code == "presence.in_call"


async def test_a_phone_that_goes_away_shows_and_comes_back(house: Room) -> None:
    await _seat_both(house)

    house.desk.on(DeviceChanged(PHONE, reachable=False, at=START))
    assert house.screens.of("li.na", Mine)[-1].presence.state == "unreachable"
    house.desk.on(DeviceChanged(PHONE, reachable=True, at=START))

    assert house.screens.of("li.na", Mine)[-1].presence.state == "ready"


async def test_every_desk_is_told_when_telephone_data_is_stale(house: Room) -> None:
    house.desk.on(LinkChanged(up=False, at=START, reason="no answer to two pings"))

    assert house.screens.of("*", Telephone)[-1].up is False
    assert house.desk.snapshot(LI).telephone.reason == "no answer to two pings"
