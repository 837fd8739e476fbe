"""Tickets are numbered without gaps, once per key, and told with their journal entry."""

import asyncio
from datetime import UTC, datetime

import msgspec
import pytest

from regulation.refusal import Refusal
from routing.lists import TicketFilter
from routing.people import Actor
from routing.tickets import Ticket
from storage import audit, open_store
from storage.schema import ticket_days
from storage.statements import Statement, row_of
from storage.store import Store
from tests.storage.values import LI, NOW, ZHANG, after, all_at_once, call, clock, matter


async def test_a_ticket_is_read_back_as_it_was_saved(store: Store) -> None:
    """With its number, who took it, and the call it belongs to."""
    await store.calls.record(call(), "arrived", at=NOW)
    saved = await store.tickets.save(
        matter("灯\n坏了", caller_name="张伟", call="c1"), by=LI, at=NOW
    )
    assert saved == Ticket(
        number="20261123-0001",
        kind="help",
        content="灯\n坏了",
        status="open",
        created_at=NOW,
        created_by="li",
        caller_number="13800138000",
        caller_e164=ZHANG,
        caller_name="张伟",
        calls=("c1",),
    )
    assert await store.tickets.get(saved.number) == saved
    assert await store.tickets.get("20261123-0002") is None


async def test_three_hundred_tickets_at_once_are_numbered_without_gaps(store: Store) -> None:
    """Nobody is told that the database is locked; refused ones in between take no number."""
    saves = [store.tickets.save(matter(str(n)), by=LI, at=NOW) for n in range(300)]
    wrong = [store.tickets.save(matter(call="nobody"), by=LI, at=NOW) for _ in range(30)]
    answers = await all_at_once(
        *(each for ten in range(30) for each in (wrong[ten], *saves[ten::30]))
    )
    numbers = [each.number for each in answers if isinstance(each, Ticket)]
    refusals = [each.code for each in answers if isinstance(each, Refusal)]
    assert sorted(numbers) == [f"20261123-{n:04}" for n in range(1, 301)]
    assert refusals == ["ticket.call_unknown"] * 30


async def test_two_programs_number_in_one_sequence(url: str) -> None:
    """A command and the server, or two nodes, share the day's counter."""
    async with open_store(url, clock=clock) as one, open_store(url, clock=clock) as other:
        saved = await asyncio.gather(
            *(each.tickets.save(matter(), by=LI, at=NOW) for each in [one, other] * 40)
        )
    assert sorted(each.number for each in saved) == [f"20261123-{n:04}" for n in range(1, 81)]
    assert (await audit.check(url)).faults == ()


@pytest.mark.parametrize(
    ("at", "number"),
    [
        (datetime(2026, 11, 23, 15, 59, 59, 999_999, tzinfo=UTC), "20261123-0001"),
        (datetime(2026, 11, 23, 16, 0, tzinfo=UTC), "20261124-0001"),
        (datetime(2028, 2, 28, 16, 0, tzinfo=UTC), "20280229-0001"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "20270101-0001"),
    ],
)
async def test_the_day_of_a_number_is_shanghais(store: Store, at: datetime, number: str) -> None:
    """It begins at 16:00 UTC, on leap days and at the turn of the year too."""
    await store.tickets.save(matter(), by=LI, at=NOW.replace(day=22))
    assert (await store.tickets.save(matter(), by=LI, at=at)).number == number


async def test_numbers_go_on_past_9999_and_pages_keep_their_order(store: Store) -> None:
    """A busy day has five digits, and 10000 still comes after 9999."""
    await _count_on(store, 9_998)
    for _ in range(3):
        await store.tickets.save(matter(), by=LI, at=NOW)
    first = await store.tickets.page(TicketFilter(limit=2))
    second = await store.tickets.page(TicketFilter(limit=2, before=first[-1].number))
    numbers = [each.number for each in (*first, *second)]
    assert numbers == ["20261123-10001", "20261123-10000", "20261123-9999"]


async def test_a_key_gives_its_first_answer_again(store: Store) -> None:
    """A form sent twice is one ticket, even when both arrive at once."""
    saves = [store.tickets.save(matter(), by=LI, at=after(n), key="form-1") for n in range(5)]
    answers = await asyncio.gather(*saves)
    assert {each.number for each in answers} == {"20261123-0001"}
    assert len(await store.tickets.page(TicketFilter())) == 1
    assert len(await store.outbox.pending(after=0, limit=9)) == 1


@pytest.mark.parametrize("person", ["li", "wang"])
async def test_a_key_used_for_another_request_is_refused(store: Store, person: str) -> None:
    """Other content, or another person: nothing is saved."""
    await store.tickets.save(matter(), by=LI, at=NOW, key="form-1")
    other = matter("另一件事") if person == "li" else matter()
    with pytest.raises(Refusal) as refused:
        await store.tickets.save(other, by=Actor(person, "10.0.0.8", "page"), at=NOW, key="form-1")
    assert (refused.value.code, refused.value.status) == ("key.reused", 409)
    assert len(await store.tickets.page(TicketFilter())) == 1


async def test_a_refused_request_leaves_its_key_unused(store: Store) -> None:
    """Corrected, it may be sent with the same key."""
    with pytest.raises(Refusal):
        await store.tickets.save(matter(call="c1"), by=LI, at=NOW, key="form-1")
    await store.calls.record(call(), "arrived", at=NOW)
    assert (await store.tickets.save(matter(call="c1"), by=LI, at=NOW, key="form-1")).calls == (
        "c1",
    )


async def test_keys_of_long_ago_are_let_go(url: str) -> None:
    """A month later the same key is a new request."""
    async with open_store(url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW, key="form-1")
    async with open_store(url, clock=lambda: NOW.replace(month=12, day=31)) as store:
        later = await store.tickets.save(matter("另一件事"), by=LI, at=NOW, key="form-1")
    assert later.number == "20261123-0002"


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (TicketFilter(), [3, 2, 1]),
        (TicketFilter(kind="consult"), [2]),
        (TicketFilter(number="+86 138 0013 8000"), [3, 1]),
        (TicketFilter(number="62345678"), [2]),
        (TicketFilter(created_by="wang"), [3]),
        (TicketFilter(before="20261123-0003"), [2, 1]),
        (TicketFilter(before="20261122-0001"), []),
        (TicketFilter(kind="help'; DROP TABLE tickets; --"), []),
    ],
)
async def test_tickets_are_found_by_what_is_known_of_them(
    store: Store, wanted: TicketFilter, found: list[int]
) -> None:
    """Kind, caller's number in any writing, who took it; newest first."""
    wang = Actor("wang", "10.0.0.8", "page")
    await store.tickets.save(matter(), by=LI, at=NOW)
    other = msgspec.structs.replace(matter(), kind="consult", caller_number="021-62345678")
    await store.tickets.save(other, by=LI, at=NOW)
    await store.tickets.save(matter(), by=wang, at=NOW)
    numbers = [each.number for each in await store.tickets.page(wanted)]
    assert numbers == [f"20261123-{n:04}" for n in found]


async def test_a_page_before_something_that_is_no_number_is_refused(store: Store) -> None:
    """The field at fault is named."""
    with pytest.raises(Refusal) as refused:
        await store.tickets.page(TicketFilter(before="2026"))
    assert (refused.value.code, refused.value.field) == ("tickets.cursor", "before")


async def _count_on(store: Store, last: int) -> None:
    counter = Statement(row_of(ticket_days))
    await store._writer.write(lambda tx: tx.run(counter, day=20261123, last=last))
