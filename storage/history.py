"""What is known of a number: the hot path of the screen pop, three indexed reads."""

from datetime import datetime

import msgspec
from sqlalchemy import bindparam, func, select

from routing.history import History, PastTicket
from storage.instants import instant, instant_or_none, micros
from storage.schema import calls, tickets
from storage.statements import Statement
from storage.tx import Row, Tx

EXCERPT = 80
TICKETS = 10

_CALLS = Statement(
    select(func.count(), func.max(calls.c.started_at)).where(
        calls.c.citizen_e164 == bindparam("number"),
        calls.c.started_at < bindparam("before"),
        calls.c.way != "outbound",
        calls.c.way != "internal",
    )
)
_LAST_AGENT = Statement(
    select(calls.c.last_agent)
    .where(
        calls.c.citizen_e164 == bindparam("number"),
        calls.c.started_at < bindparam("before"),
        calls.c.last_agent.is_not(None),
    )
    .order_by(calls.c.started_at.desc())
    .limit(1)
)
# Open ones first, newest first: the index (caller_e164, is_open, created_at) read backwards.
_TICKETS = Statement(
    select(
        tickets.c.number,
        tickets.c.kind,
        tickets.c.status,
        tickets.c.created_at,
        func.substr(tickets.c.content, 1, EXCERPT),
    )
    .where(
        tickets.c.caller_e164 == bindparam("number"),
        tickets.c.created_at < bindparam("before"),
    )
    .order_by(tickets.c.is_open.desc(), tickets.c.created_at.desc())
    .limit(TICKETS)
)


async def of(tx: Tx, number: str, *, before: datetime) -> History:
    """Calls and tickets of an E.164 number before an instant."""
    until = micros(before)
    counted = await tx.row(_CALLS, number=number, before=until)
    talked = await tx.row(_LAST_AGENT, number=number, before=until)
    past = await tx.rows(_TICKETS, number=number, before=until)
    count, last = counted or (0, None)
    return History(
        calls_before=count,
        last_call_at=instant_or_none(last),
        last_agent=talked[0] if talked else None,
        tickets=tuple(_past(row) for row in past),
    )


def _past(row: Row) -> PastTicket:
    number, kind, status, created_at, excerpt = row
    return msgspec.convert(
        {
            "number": number,
            "kind": kind,
            "status": status,
            "created_at": instant(created_at),
            "excerpt": excerpt,
        },
        PastTicket,
    )
