"""Whether a database still says what was written: journal chain, tickets, numbers, structure."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import msgspec
from sqlalchemy import bindparam, func, or_, select, text

from routing.tickets import Ticket
from storage import address, journal, tickets
from storage.postgres import PostgresDatabase
from storage.schema import journal as entries
from storage.schema import metadata, ticket_days
from storage.schema import tickets as ticket_rows
from storage.sqlite import SqliteTx, run_now
from storage.sqlite_errors import unavailable
from storage.statements import Statement
from storage.tx import Command, T, Tx

_COUNTS = {
    table.name: Statement(select(func.count()).select_from(table))
    for table in metadata.sorted_tables
}
_DAYS = Statement(
    select(
        ticket_days.c.day,
        ticket_days.c.last,
        func.count(ticket_rows.c.seq),
        func.coalesce(func.max(ticket_rows.c.seq), 0),
    )
    .outerjoin(ticket_rows, ticket_rows.c.day == ticket_days.c.day)
    .group_by(ticket_days.c.day, ticket_days.c.last)
    .order_by(ticket_days.c.day)
)
_DAYLESS = Statement(
    select(ticket_rows.c.number)
    .where(ticket_rows.c.day.not_in(select(ticket_days.c.day)))
    .order_by(ticket_rows.c.number)
)
_REGISTERED = Statement(
    select(func.count()).select_from(entries).where(entries.c.what == "ticket.registered")
)
_LAST_SAID = Statement(
    select(entries.c.body)
    .where(entries.c.subject == bindparam("subject"), entries.c.body.contains('"sha256"'))
    .order_by(entries.c.id.desc())
    .limit(1)
)
_AFTER = Statement(
    select(ticket_rows.c.number, ticket_rows.c.day, ticket_rows.c.seq)
    .where(
        or_(
            ticket_rows.c.day > bindparam("day"),
            (ticket_rows.c.day == bindparam("day")) & (ticket_rows.c.seq > bindparam("seq")),
        )
    )
    .order_by(ticket_rows.c.day, ticket_rows.c.seq)
    .limit(1_000)
)
_INTEGRITY = Statement(text("PRAGMA integrity_check"))
_REFERENCES = Statement(text("PRAGMA foreign_key_check"))


class Report(msgspec.Struct, frozen=True):
    """What was found: the journal's chain, rows per table, and a sentence for every fault."""

    journal: journal.Chain
    tables: dict[str, int]
    faults: tuple[str, ...]


async def check(url: str) -> Report:
    """Check the database that is in use; raises StoreUnavailable when it cannot be read."""
    parsed = address.parse(url)
    path = address.sqlite_path(parsed)
    if path is not None:
        return await check_file(path)
    database = await PostgresDatabase.open(parsed)
    try:
        return await database.snapshot(report)
    finally:
        await database.close()


async def check_file(path: Path) -> Report:
    """Check a SQLite file without changing it; raises StoreUnavailable when it cannot be read."""
    return await asyncio.to_thread(_on_file, path, _report_on_sqlite)


async def report(tx: Tx) -> Report:
    """Everything that can be asked of one snapshot on any database."""
    chain = await journal.check(tx)
    faults = (
        [] if chain.broken_at is None else [f"journal entry {chain.broken_at} was tampered with"]
    )
    counts = {name: (await tx.rows(count))[0][0] for name, count in _COUNTS.items()}
    faults += await _number_faults(tx)
    if (registered := (await tx.rows(_REGISTERED))[0][0]) != counts["tickets"]:
        faults.append(f"{counts['tickets']} tickets, but {registered} were registered")
    faults += await _ticket_faults(tx)
    return Report(journal=chain, tables=counts, faults=tuple(faults))


def _on_file(path: Path, query: Command[T]) -> T:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        connection.execute("BEGIN")
        return run_now(query, SqliteTx(connection))
    except sqlite3.Error as error:
        raise unavailable(error, path) from error
    finally:
        connection.close()


async def _report_on_sqlite(tx: Tx) -> Report:
    broken = [row[0] for row in await tx.rows(_INTEGRITY) if row[0] != "ok"]
    if broken:
        empty = journal.Chain(entries=0, head=journal.GENESIS)
        return Report(journal=empty, tables={}, faults=tuple(broken))
    dangling = [f"{row[0]} row {row[1]} names no {row[2]}" for row in await tx.rows(_REFERENCES)]
    found = await report(tx)
    return msgspec.structs.replace(found, faults=(*dangling, *found.faults))


async def _number_faults(tx: Tx) -> list[str]:
    faults = [
        f"day {day}: {count} tickets, numbered up to {highest}, counter at {last}"
        for day, last, count, highest in await tx.rows(_DAYS)
        if not last == count == highest
    ]
    return faults + [f"ticket {row[0]}: its day has no counter" for row in await tx.rows(_DAYLESS)]


async def _ticket_faults(tx: Tx) -> list[str]:
    faults, day, seq = [], 0, 0
    while page := await tx.rows(_AFTER, day=day, seq=seq):
        for number, day, seq in page:  # noqa: B007 - the last place is where the next page begins
            ticket = await tickets.find(tx, number)
            if ticket is not None and not await _is_as_journalled(tx, ticket):
                faults.append(f"ticket {number} is not as the journal has it")
    return faults


async def _is_as_journalled(tx: Tx, ticket: Ticket) -> bool:
    said: Sequence[object] | None = await tx.row(_LAST_SAID, subject=f"ticket:{ticket.number}")
    return said is not None and tickets.digest(ticket) in str(said[0])
