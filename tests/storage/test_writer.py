"""Commands that wait share one commit, and nobody pays for another's fault."""

import asyncio
import itertools
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from regulation.refusal import Refusal
from routing.lists import TicketFilter
from routing.ports import StoreUnavailable
from routing.tickets import Ticket
from storage import audit, journal, migrate, open_store, tickets
from storage.schema import ticket_calls
from storage.statements import Statement, row_of
from storage.store import Store
from storage.tx import Command, Tx
from storage.writer import Batched
from tests.storage.servers import PostgresServer
from tests.storage.values import LI, NOW, after, all_at_once, call, clock, matter

LINK = Statement(row_of(ticket_calls))
KILL_MYSELF = Statement(text("SELECT pg_terminate_backend(pg_backend_pid())"))
CHECK_LATER = Statement(text("PRAGMA defer_foreign_keys = ON"))


async def half_done(tx: Tx) -> None:
    """A command with a fault of ours in its middle."""
    await tickets.save(tx, matter(), by=LI, at=NOW)
    await journal.append(tx, "half.done", "nothing", {}, by=LI, at=NOW)
    raise ZeroDivisionError("ours")


async def test_a_command_that_fails_takes_nobody_with_it(store: Store, url: str) -> None:
    """Its savepoint is rolled back, number and journal entry included; the others are kept."""
    good = [store.tickets.save(matter(), by=LI, at=NOW) for _ in range(4)]
    answers = await all_at_once(
        good[0], good[1], store._writer.write(half_done), good[2], good[3],
        store._writer.write(half_done),
    )  # fmt: skip
    kinds = [type(each) for each in answers]
    assert kinds == [Ticket, Ticket, ZeroDivisionError, Ticket, Ticket, ZeroDivisionError]
    found = await audit.check(url)
    assert (found.faults, found.tables["tickets"], found.journal.entries) == ((), 4, 4)


async def test_an_error_of_sql_belongs_to_its_command(store: Store) -> None:
    """A dangling reference is refused by the database to the one who made it."""
    answers = await all_at_once(
        store.tickets.save(matter(), by=LI, at=NOW),
        store._writer.write(lambda tx: tx.run(LINK, ticket="none", call="none")),
        store.tickets.save(matter(), by=LI, at=NOW),
    )
    assert [isinstance(each, Ticket) for each in answers] == [True, False, True]
    assert not isinstance(answers[1], StoreUnavailable)


async def test_what_waits_together_is_committed_together(store: Store) -> None:
    """Fifty producers share a few commits, and no batch is without end."""
    sizes: list[int] = []
    batch = store._writer._database.batch

    async def counted(commands: Sequence[Command[Any]]) -> Batched:
        sizes.append(len(commands))
        return await batch(commands)

    store._writer._database.batch = counted  # type: ignore[method-assign]
    await asyncio.gather(*(store.tickets.save(matter(), by=LI, at=NOW) for _ in range(300)))
    assert sizes == [256, 44]


async def test_a_caller_who_leaves_disturbs_nobody(store: Store) -> None:
    """A command not begun is not done; one under way is kept."""
    saves = [asyncio.ensure_future(store.tickets.save(matter(), by=LI, at=NOW)) for _ in range(9)]
    saves[4].cancel()
    answers = await all_at_once(*saves)
    numbers = [each.number for each in answers if isinstance(each, Ticket)]
    assert numbers == [f"20261123-{n:04}" for n in range(1, 9)]
    assert len(await store.tickets.page(TicketFilter())) == 8


async def test_closing_writes_what_waits_and_then_refuses(url: str) -> None:
    """Nothing given before the end is lost, nothing after it is taken."""
    async with open_store(url, clock=clock) as store:
        waiting = [
            asyncio.ensure_future(store.tickets.save(matter(), by=LI, at=NOW)) for _ in range(5)
        ]
        await asyncio.sleep(0)
    assert [(await each).number[-1] for each in waiting] == list("12345")
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.tickets.save(matter(), by=LI, at=NOW)
    with pytest.raises(StoreUnavailable, match="closed"):
        await store.tickets.get("20261123-0001")


async def test_readers_see_whole_commits_while_the_writer_writes(store: Store) -> None:
    """A ticket that can be seen has its call, and no number before it is missing."""
    await store.calls.record(call(), "arrived", at=NOW)
    done = asyncio.Event()

    async def write() -> list[list[Ticket]]:
        for _ in range(30):
            await asyncio.gather(
                *(store.tickets.save(matter(call="c1"), by=LI, at=NOW) for _ in range(5))
            )
        done.set()
        return []

    async def read() -> list[list[Ticket]]:
        pages = []
        while not done.is_set():
            pages.append(list(await store.tickets.page(TicketFilter(limit=200))))
        return pages

    _, *seen = await asyncio.gather(write(), *(read() for _ in range(4)))
    pages = [page for reader in seen for page in reader if page]
    assert pages
    for page in pages:
        assert [int(each.number[-4:]) for each in page] == list(range(len(page), 0, -1))
        assert {each.calls for each in page} == {("c1",)}


async def test_the_writer_syncs_every_commit(store: Store, url: str) -> None:
    """Power may go at any moment after the answer."""
    if url.startswith("postgresql"):
        asked = Statement(text("SHOW synchronous_commit"))
        assert [tuple(row) for row in await store._writer.read(lambda tx: tx.rows(asked))] == [
            ("on",)
        ]
    else:
        found = await on_writer(
            store,
            lambda connection: [
                connection.execute(f"PRAGMA {name}").fetchone()[0]
                for name in ("journal_mode", "synchronous", "foreign_keys")
            ],
        )
        assert found == ["wal", 2, 1]


async def test_the_log_is_folded_while_commands_come(sqlite_url: str, tmp_path: Path) -> None:
    """Beside the writer: SQLite itself would let all that is written here lie in the log."""
    async with open_store(sqlite_url, clock=clock) as store:
        empty = await asyncio.to_thread((tmp_path / "hotline.db").stat)
        for _ in range(500):
            await store.tickets.save(matter("长" * 1_000), by=LI, at=NOW)
        folded = await asyncio.to_thread((tmp_path / "hotline.db").stat)
    assert folded.st_size - empty.st_size > 500_000


async def test_when_the_commit_fails_everybody_is_told_and_nothing_is_kept(
    store: Store, url: str
) -> None:
    """And the next batch is written as if nothing had been."""

    async def spoil(tx: Tx) -> None:
        if url.startswith("postgresql"):
            await tx.run(KILL_MYSELF)
        await tx.run(CHECK_LATER)
        await tx.run(LINK, ticket="none", call="none")

    saves = [store.tickets.save(matter(), by=LI, at=NOW) for _ in range(3)]
    answers = await all_at_once(*saves, store._writer.write(spoil), store.ping())
    assert [type(each) for each in answers] == [StoreUnavailable] * 5
    assert (await store.tickets.save(matter(), by=LI, at=NOW)).number == "20261123-0001"
    assert (await audit.check(url)).faults == ()


async def test_a_full_disk_refuses_and_then_goes_on(sqlite_url: str) -> None:
    """The file's real limit of pages is reached; after there is room nothing is missing."""
    async with open_store(sqlite_url, clock=clock) as store:
        await on_writer(
            store, lambda connection: connection.execute("PRAGMA max_page_count = 80").fetchall()
        )
        kept = []
        for n in itertools.count():
            answer = (await all_at_once(store.tickets.save(matter("满" * 3_000), by=LI, at=NOW)))[0]
            if not isinstance(answer, Ticket):
                break
            kept.append(answer.number)
            assert n < 100
        assert isinstance(answer, StoreUnavailable)
        assert "the disk is full, free some space" in str(answer)
        assert await all_at_once(store.tickets.get(kept[-1])) != [None]
        await on_writer(
            store, lambda connection: connection.execute("PRAGMA max_page_count = 8000").fetchall()
        )
        again = await store.tickets.save(matter(), by=LI, at=NOW)
    assert again.number == f"20261123-{len(kept) + 1:04}"
    assert (await audit.check(sqlite_url)).faults == ()


async def test_a_database_locked_for_long_is_unavailable_and_comes_back(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Another program holds the write lock: reads go on, writes are refused with the remedy."""
    async with open_store(sqlite_url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW)
        await on_writer(
            store, lambda connection: connection.execute("PRAGMA busy_timeout = 50").fetchall()
        )
        with locked_by_another_program(tmp_path / "hotline.db") as locker:
            answers = await all_at_once(
                *(store.tickets.save(matter(), by=LI, at=NOW) for _ in range(3)), store.ping()
            )
            assert [type(each) for each in answers] == [StoreUnavailable] * 4
            assert "locked by another program" in str(answers[0])
            assert await store.tickets.get("20261123-0001") is not None
            locker.communicate(b"\n")
        assert (await store.tickets.save(matter(), by=LI, at=NOW)).number == "20261123-0002"


async def test_a_database_locked_for_a_moment_is_waited_for(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Nobody is told."""
    async with open_store(sqlite_url, clock=clock) as store:
        with locked_by_another_program(tmp_path / "hotline.db") as locker:
            saving = asyncio.ensure_future(store.tickets.save(matter(), by=LI, at=NOW))
            await asyncio.sleep(0.2)
            assert not saving.done()
            locker.communicate(b"\n")
            assert (await saving).number == "20261123-0001"


@pytest.mark.services
async def test_tables_locked_on_postgresql_are_unavailable_within_seconds(
    postgres: PostgresServer,
) -> None:
    """A migration or an administrator holds them; nobody waits for ever."""
    postgres.sql("CREATE DATABASE locked")
    url = postgres.url("locked")
    await migrate.upgrade(url)
    async with open_store(url, clock=clock) as store:
        holding = asyncio.create_task(
            asyncio.to_thread(
                postgres.sql, "BEGIN; LOCK TABLE tickets; SELECT pg_sleep(7); COMMIT", "locked"
            )
        )
        await asyncio.sleep(0.5)
        began = time.monotonic()
        answers = await all_at_once(store.tickets.save(matter(), by=LI, at=NOW), store.ping())
        assert [type(each) for each in answers] == [StoreUnavailable] * 2
        assert "locked" in str(answers[0])
        assert time.monotonic() - began < 7
        await holding
        assert (await store.tickets.save(matter(), by=LI, at=NOW)).number == "20261123-0001"


async def test_a_command_that_waits_for_something_else_is_a_fault(sqlite_url: str) -> None:
    """It would hold the one writer; it is found at once, not in production."""

    async def sleepy(tx: Tx) -> None:
        await asyncio.sleep(0.1)
        await tx.run(CHECK_LATER)

    async with open_store(sqlite_url, clock=clock) as store:
        answers = await all_at_once(store._writer.write(sleepy), store.ping())
    assert isinstance(answers[0], RuntimeError)
    assert answers[1] is None


async def test_refusals_come_after_the_commit_too(store: Store) -> None:
    """An answer is final whatever it says."""
    answers = await all_at_once(
        store.tickets.save(matter(call="c1"), by=LI, at=NOW),
        store.calls.record(call(), "arrived", at=after(1)),
        store.tickets.save(matter(call="c1"), by=LI, at=NOW),
    )
    assert [type(each) for each in answers] == [Refusal, type(None), Ticket]


async def on_writer(store: Store, work: Callable[[sqlite3.Connection], Any]) -> Any:
    """Run a function on the writing connection itself."""
    return await store._writer._database._writer.run(work)  # type: ignore[attr-defined]


def locked_by_another_program(path: Path) -> subprocess.Popen[bytes]:
    """A process that holds the write lock until it is given a line."""
    code = (
        "import sqlite3, sys\n"
        "held = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "held.execute('BEGIN IMMEDIATE')\n"
        "print('held', flush=True)\n"
        "sys.stdin.readline()\n"
    )
    locker = subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert locker.stdout is not None
    assert locker.stdout.readline() == b"held\n"
    return locker
