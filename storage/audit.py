"""Whether a database still says what was written: journal chain, tickets, numbers, structure."""

import asyncio
import sqlite3
from collections import defaultdict
from pathlib import Path

import msgspec
from sqlalchemy import Integer, bindparam, func, select, text, tuple_

from storage import address, journal, tickets
from storage.postgres import PostgresDatabase
from storage.schema import calls, metadata, ticket_calls, ticket_days
from storage.schema import journal as entries
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
_HASHED = entries.c.body.contains('"sha256"')
_LAST_SAID = (
    select(entries.c.body)
    .where(entries.c.subject == "ticket:" + ticket_rows.c.number, _HASHED)
    .order_by(entries.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_PLACE = tuple_(ticket_rows.c.day, ticket_rows.c.seq)
_AFTER = tuple_(bindparam("day", type_=Integer), bindparam("seq", type_=Integer)) < _PLACE
_UP_TO = tuple_(bindparam("to_day", type_=Integer), bindparam("to_seq", type_=Integer)) >= _PLACE
_TICKETS = Statement(
    select(*tickets.FACTS, ticket_rows.c.day, ticket_rows.c.seq, _LAST_SAID)
    .where(_AFTER)
    .order_by(ticket_rows.c.day, ticket_rows.c.seq)
    .limit(1_000)
)
_LINKS = Statement(
    select(ticket_calls.c.ticket, ticket_calls.c.call)
    .join(ticket_rows, ticket_rows.c.number == ticket_calls.c.ticket)
    .join(calls, calls.c.id == ticket_calls.c.call)
    .where(_AFTER, _UP_TO)
    .order_by(calls.c.started_at, calls.c.id)
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
    while page := await tx.rows(_TICKETS, day=day, seq=seq):
        after, (*_, day, seq, _) = (day, seq), page[-1]
        linked: defaultdict[str, list[str]] = defaultdict(list)
        for number, call in await tx.rows(
            _LINKS, day=after[0], seq=after[1], to_day=day, to_seq=seq
        ):
            linked[number].append(call)
        faults += [
            f"ticket {facts[0]} is not as the journal has it"
            for *facts, _, _, said in page
            if tickets.digest(tickets.ticket_of(facts, linked[facts[0]])) not in (said or "")
        ]
    return faults
