"""Tickets, numbered from a counter row per Shanghai day, so that numbers have no gaps (Art. 9)."""

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import msgspec
from sqlalchemy import ColumnElement, bindparam, or_, select, tuple_

from regulation.refusal import Refusal
from routing.lists import TicketFilter
from routing.numbers import e164
from routing.people import Actor
from routing.tickets import NewTicket, Ticket
from storage import answers, journal, outbox
from storage.instants import instant, micros, shanghai_day
from storage.schema import calls, ticket_calls, ticket_days, tickets
from storage.statements import Statement, row_of
from storage.tx import Row, Tx
from storage.writer import Writer

PAGE_LIMIT = 200

_NUMBER = re.compile(r"(\d{8})-(\d{4,9})", re.ASCII)
_FIRST = row_of(ticket_days)
_NEXT = Statement(
    _FIRST.on_conflict_do_update(
        index_elements=[ticket_days.c.day], set_={"last": ticket_days.c.last + 1}
    ).returning(ticket_days.c.last)
)
_WRITE = Statement(row_of(tickets))
_LINK = Statement(row_of(ticket_calls))
_CALL = Statement(select(calls.c.id).where(calls.c.id == bindparam("id")))
FACTS = (
    tickets.c.number,
    tickets.c.kind,
    tickets.c.content,
    tickets.c.status,
    tickets.c.created_at,
    tickets.c.created_by,
    tickets.c.caller_number,
    tickets.c.caller_e164,
    tickets.c.caller_name,
)
_ONE = Statement(select(*FACTS).where(tickets.c.number == bindparam("number")))
_CALLS = Statement(
    select(ticket_calls.c.call)
    .join(calls, calls.c.id == ticket_calls.c.call)
    .where(ticket_calls.c.ticket == bindparam("ticket"))
    .order_by(calls.c.started_at, calls.c.id)
)


async def save(
    tx: Tx, new: NewTicket, *, by: Actor, at: datetime, key: str | None = None
) -> Ticket:
    """Number and keep a ticket, once per key."""
    request = (by.person, new)
    return await answers.once(
        tx,
        key,
        "ticket.save",
        request,
        lambda: _register(tx, new, by=by, at=at),
        answer=Ticket,
        at=at,
    )


async def _register(tx: Tx, new: NewTicket, *, by: Actor, at: datetime) -> Ticket:
    if new.call is not None and await tx.row(_CALL, id=new.call) is None:
        raise Refusal("ticket.call_unknown", "call: no call has this id", field="call", status=404)
    day = shanghai_day(at)
    seq = await _next(tx, day)
    ticket = _ticket(new, f"{day}-{seq:04d}", by=by, at=at)
    await tx.run(_WRITE, **_columns(ticket), day=day, seq=seq)
    for call in ticket.calls:
        await tx.run(_LINK, ticket=ticket.number, call=call)
    await _tell(tx, ticket, "registered", by=by, at=at)
    return ticket


async def _next(tx: Tx, day: int) -> int:
    rows = await tx.rows(_NEXT, day=day, last=1)
    return int(rows[0][0])


async def _tell(tx: Tx, ticket: Ticket, step: str, *, by: Actor, at: datetime) -> None:
    subject = f"ticket:{ticket.number}"
    facts = {"kind": ticket.kind, "calls": ticket.calls, "sha256": digest(ticket)}
    await journal.append(tx, f"ticket.{step}", subject, facts, by=by, at=at)
    await outbox.put(
        tx, "ticket", ticket.number, step, key=f"{subject}:{step}", value=ticket, at=at
    )


def digest(ticket: Ticket) -> str:
    """What the journal keeps of a ticket's text: enough to prove it, nothing to read."""
    return sha256(msgspec.json.encode(ticket)).hexdigest()


def _ticket(new: NewTicket, number: str, *, by: Actor, at: datetime) -> Ticket:
    return Ticket(
        number=number,
        kind=new.kind,
        content=new.content,
        status="open",
        created_at=instant(micros(at)),
        created_by=by.person or by.via,
        caller_number=new.caller_number,
        caller_e164=e164(new.caller_number),
        caller_name=new.caller_name,
        calls=() if new.call is None else (new.call,),
    )


def _columns(ticket: Ticket) -> dict[str, object]:
    columns = msgspec.structs.asdict(ticket)
    del columns["calls"]
    return {**columns, "created_at": micros(ticket.created_at), "is_open": ticket.status == "open"}


def ticket_of(row: Row, linked: Sequence[str]) -> Ticket:
    """The ticket in a row of `FACTS`, with its calls' ids."""
    facts = dict(zip((column.name for column in FACTS), row, strict=True))
    facts["created_at"] = instant(facts["created_at"])
    return Ticket(**facts, calls=tuple(linked))


async def _read(tx: Tx, row: Row) -> Ticket:
    return ticket_of(row, [call[0] for call in await tx.rows(_CALLS, ticket=row[0])])


async def find(tx: Tx, number: str) -> Ticket | None:
    """The ticket with the calls linked to it, if known."""
    row = await tx.row(_ONE, number=number)
    return await _read(tx, row) if row else None


async def _page(tx: Tx, which: TicketFilter) -> list[Ticket]:
    limit = min(max(which.limit, 1), PAGE_LIMIT)
    newest = (
        select(*FACTS)
        .where(*_conditions(which))
        .order_by(tickets.c.day.desc(), tickets.c.seq.desc())
        .limit(limit)
    )
    return [await _read(tx, row) for row in await tx.rows(Statement(newest))]


def _conditions(which: TicketFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.kind is not None:
        conditions.append(tickets.c.kind == which.kind)
    if which.number is not None:
        carried, normal = tickets.c.caller_number == which.number, e164(which.number)
        conditions.append(or_(carried, tickets.c.caller_e164 == normal) if normal else carried)
    if which.created_by is not None:
        conditions.append(tickets.c.created_by == which.created_by)
    if which.before is not None:
        conditions.append(tuple_(tickets.c.day, tickets.c.seq) < tuple_(*_place(which.before)))
    return conditions


def _place(number: str) -> tuple[int, int]:
    match = _NUMBER.fullmatch(number)
    if match is None:
        raise Refusal(
            "tickets.cursor", "before: a ticket's number, as 20261123-0042", field="before"
        )
    return int(match[1]), int(match[2])


class Tickets:
    """`routing.ports.Tickets`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def save(
        self, new: NewTicket, *, by: Actor, at: datetime, key: str | None = None
    ) -> Ticket:
        """As the port says; Refusal `key.reused` when the key came with another request."""
        return await self._writer.write(lambda tx: save(tx, new, by=by, at=at, key=key))

    async def get(self, number: str) -> Ticket | None:
        """As the port says."""
        return await self._writer.read(lambda tx: find(tx, number))

    async def page(self, which: TicketFilter) -> Sequence[Ticket]:
        """As the port says; Refusal `tickets.cursor` when `before` is no ticket's number."""
        return await self._writer.read(lambda tx: _page(tx, which))
