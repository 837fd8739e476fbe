"""What is committed is told: in order, at least once, with its key."""

import asyncio

import msgspec

from routing.ports import OutboxRow
from storage import open_store
from storage.store import Store
from tests.storage.values import LI, NOW, after, all_at_once, call, clock, matter, talked


async def test_rows_are_told_in_the_order_of_their_commits(store: Store) -> None:
    """Each call's steps under its own stream, tickets under theirs."""
    await store.calls.record(call(recordings=()), "arrived", at=NOW)
    await store.calls.record(call(recordings=(), state="talking"), "answered", at=after(5))
    ticket = await store.tickets.save(matter(call="c1"), by=LI, at=after(9))
    await store.calls.record(talked(call(recordings=())), "ended", at=after(60))
    told = await store.outbox.pending(after=0, limit=9)
    assert [(row.stream, row.topic, row.key, row.at) for row in told] == [
        ("call:c1", "hotline/v1/calls/c1/arrived", "call:c1:1", NOW),
        ("call:c1", "hotline/v1/calls/c1/answered", "call:c1:2", after(5)),
        (
            "ticket:20261123-0001",
            "hotline/v1/tickets/20261123-0001/registered",
            "ticket:20261123-0001:registered",
            after(9),
        ),
        ("call:c1", "hotline/v1/calls/c1/ended", "call:c1:3", after(60)),
    ]
    assert msgspec.json.decode(told[2].body) == {
        "key": "ticket:20261123-0001:registered",
        "step": "registered",
        "at": "2026-11-23T08:00:09Z",
        "ticket": msgspec.json.decode(msgspec.json.encode(ticket)),
    }


async def test_told_rows_are_forgotten_and_their_ids_never_given_again(url: str) -> None:
    """A reader that remembers the last id misses nothing, over a restart too."""
    async with open_store(url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW)
        (first,) = await store.outbox.pending(after=0, limit=9)
        await store.outbox.told([first.id], at=NOW)
        await store.outbox.told([], at=NOW)
        assert list(await store.outbox.pending(after=0, limit=9)) == []
    async with open_store(url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW)
        (second,) = await store.outbox.pending(after=first.id, limit=9)
        assert second.id > first.id


async def test_readers_are_woken_after_the_commit_and_only_when_there_is_something(
    store: Store,
) -> None:
    """At the wake the row can be read; a refused command wakes nobody."""
    seen: list[asyncio.Task[list[OutboxRow]]] = []

    async def look() -> list[OutboxRow]:
        return list(await store.outbox.pending(after=0, limit=9))

    store.outbox.subscribe(lambda: seen.append(asyncio.create_task(look())))
    await store.people.journal_refused_login("li", by=LI, at=NOW)
    await all_at_once(store.tickets.save(matter(call="nobody"), by=LI, at=NOW))
    assert seen == []
    await store.tickets.save(matter(), by=LI, at=NOW)
    assert [[row.stream for row in await each] for each in seen] == [["ticket:20261123-0001"]]


async def test_pages_of_the_outbox_go_on_where_the_last_one_ended(store: Store) -> None:
    """However many rows wait."""
    await all_at_once(*(store.tickets.save(matter(), by=LI, at=NOW) for _ in range(5)))
    first = await store.outbox.pending(after=0, limit=3)
    second = await store.outbox.pending(after=first[-1].id, limit=3)
    assert [row.stream[-4:] for row in (*first, *second)] == [
        "0001",
        "0002",
        "0003",
        "0004",
        "0005",
    ]
