"""Calls as rows: the whole value as JSON, beside it what lists and histories ask for."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import ColumnElement, bindparam, exists, false, func, or_, select, tuple_

from regulation.refusal import Refusal
from routing.calls import Call
from routing.happenings import Step
from routing.history import History
from routing.lists import CallFilter
from routing.numbers import e164
from routing.people import SYSTEM
from storage import history, journal, outbox, sounds
from storage.instants import instant, instant_or_none, micros
from storage.schema import call_agents, calls, ticket_calls
from storage.statements import Statement, row_of
from storage.tx import Row, Tx
from storage.writer import Writer

PAGE_LIMIT = 200

DISORDER = timedelta(seconds=1)
"""How much events may be out of order on their way from Asterisk."""

_KNOWN = Statement(
    select(calls.c.ended, calls.c.stepped_at, calls.c.steps, calls.c.body).where(
        calls.c.id == bindparam("id")
    )
)
_WRITE = row_of(calls)
_WRITE_CALL = Statement(
    _WRITE.on_conflict_do_update(
        index_elements=[calls.c.id],
        set_={name: _WRITE.excluded[name] for name in calls.c.keys() if name != "id"},  # noqa: SIM118
    )
)
_WRITE_AGENT = Statement(row_of(call_agents).on_conflict_do_nothing())
_BODY = Statement(select(calls.c.body).where(calls.c.id == bindparam("id")))
_UNFINISHED = Statement(
    select(calls.c.body).where(calls.c.ended == false()).order_by(calls.c.started_at, calls.c.id)
)
_RECENT = select(calls.c.stepped_at).order_by(calls.c.started_at.desc()).limit(5_000).subquery()
_SEEN_UNTIL = Statement(select(func.max(_RECENT.c.stepped_at)))
_TICKETS = Statement(
    select(ticket_calls.c.ticket)
    .where(ticket_calls.c.call == bindparam("call"))
    .order_by(ticket_calls.c.ticket)
)
_BUMP = Statement(
    calls.update()
    .where(calls.c.id == bindparam("id"))
    .values(steps=calls.c.steps + 1)
    .returning(calls.c.steps)
)
_SAME_CALL = (call_agents.c.call == calls.c.id) & (call_agents.c.started_at == calls.c.started_at)
_PLACE = Statement(select(calls.c.started_at).where(calls.c.id == bindparam("id")))


async def record(tx: Tx, call: Call, step: Step, *, at: datetime) -> None:
    """Write the call after a step; a late or repeated step changes nothing."""
    body = msgspec.json.encode(msgspec.structs.replace(call, tickets=())).decode()
    known = await tx.row(_KNOWN, id=call.id)
    if known and (known[3] == body or _is_late(known, call, step, at)):
        return
    steps = known[2] + 1 if known else 1
    stepped_at = max(micros(at), known[1] if known else 0)
    await tx.run(_WRITE_CALL, **_columns(call), stepped_at=stepped_at, steps=steps, body=body)
    for agent in _agents(call):
        await tx.run(_WRITE_AGENT, agent=agent, started_at=micros(call.started_at), call=call.id)
    for recording in call.recordings:
        await sounds.note(tx, call.id, recording)
    # A call that was not known has neither tickets nor recordings but its own.
    whole = await joined(tx, call) if known or call.recordings else call
    await tell(tx, whole, step, steps, at=at)


def _is_late(known: Row, call: Call, step: Step, at: datetime) -> bool:
    """Whether the row knows more: it has ended and the step has not, or the step is much older.

    An amendment of an ended call may concern a moment long ago.
    """
    has_ended = bool(known[0])
    if call.state != "ended":
        return has_ended or at + DISORDER < instant(known[1])
    return has_ended and step != "amended" and at < instant(known[1])


async def tell(tx: Tx, call: Call, step: Step, steps: int, *, at: datetime) -> None:
    """Put a step that has been written, of a `joined` call, into journal and outbox."""
    facts = {"state": call.state, "outcome": call.outcome}
    await journal.append(tx, f"call.{step}", f"call:{call.id}", facts, by=SYSTEM, at=at)
    await outbox.put(tx, "call", call.id, step, key=f"call:{call.id}:{steps}", value=call, at=at)


async def find(tx: Tx, call_id: str) -> Call | None:
    """The call with its recordings' states and its tickets, if known."""
    row = await tx.row(_BODY, id=call_id)
    return await _read(tx, row) if row else None


async def joined(tx: Tx, call: Call) -> Call:
    """The call with what other tables know better: recordings' states, tickets' numbers."""
    kept = await sounds.of_call(tx, call.id)
    numbers = await tx.rows(_TICKETS, call=call.id)
    return msgspec.structs.replace(
        call, recordings=tuple(kept), tickets=tuple(row[0] for row in numbers)
    )


async def bump(tx: Tx, call_id: str) -> int:
    """Count one more step of a known call, for the key of what is told of it."""
    row = await tx.row(_BUMP, id=call_id)
    return row[0] if row else 0


def _columns(call: Call) -> dict[str, object]:
    return {
        "id": call.id,
        "linkedid": call.linkedid,
        "way": call.way,
        "citizen_number": _plain(call.citizen_number),
        "citizen_e164": call.citizen_e164,
        "started_at": micros(call.started_at),
        "last_agent": _last_agent(call),
        "outcome": call.outcome,
        "ended": call.state == "ended",
    }


def _agents(call: Call) -> set[str]:
    offered = {offer.agent for offer in call.offers if offer.agent}
    return offered | {segment.agent for segment in call.segments if segment.agent}


def _last_agent(call: Call) -> str | None:
    return next((part.agent for part in reversed(call.segments) if part.agent), None)


def _plain(carried: str | None) -> str | None:
    """A number as an indexed column; PostgreSQL takes no NUL, which a hostile trunk may send."""
    return carried and carried.replace("\0", "")


async def _read(tx: Tx, row: Row) -> Call:
    return await joined(tx, msgspec.json.decode(row[0], type=Call))


async def _read_all(tx: Tx, statement: Statement) -> list[Call]:
    return [await _read(tx, row) for row in await tx.rows(statement)]


async def _page(tx: Tx, which: CallFilter) -> list[Call]:
    began, call_id = (calls.c.started_at, calls.c.id)
    wanted = select(calls.c.body)
    mine = call_agents.c.agent == which.agent
    if which.agent is not None and which.number is not None:
        # A number's few calls are found first, then the agent's among them.
        wanted = wanted.where(exists().where(mine, _SAME_CALL))
    elif which.agent is not None:
        wanted = wanted.join(call_agents, _SAME_CALL).where(mine)
        began, call_id = (call_agents.c.started_at, call_agents.c.call)
    if which.before is not None:
        place = await tx.row(_PLACE, id=which.before)
        if place is None:
            raise Refusal("calls.cursor", "before: no call has this id", field="before")
        wanted = wanted.where(tuple_(began, call_id) < tuple_(place[0], which.before))
    newest = wanted.where(*_conditions(which, began)).order_by(began.desc(), call_id.desc())
    limit = min(max(which.limit, 1), PAGE_LIMIT)
    return await _read_all(tx, Statement(newest.limit(limit)))


def _conditions(which: CallFilter, began: ColumnElement[int]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if which.way is not None:
        conditions.append(calls.c.way == which.way)
    if which.outcome is not None:
        conditions.append(calls.c.outcome == which.outcome)
    if which.number is not None:
        carried, normal = calls.c.citizen_number == which.number, e164(which.number)
        conditions.append(or_(carried, calls.c.citizen_e164 == normal) if normal else carried)
    if which.since is not None:
        conditions.append(began >= micros(which.since))
    if which.until is not None:
        conditions.append(began < micros(which.until))
    return conditions


class Calls:
    """`routing.ports.Calls`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def record(self, call: Call, step: Step, *, at: datetime) -> None:
        """As the port says."""
        await self._writer.write(lambda tx: record(tx, call, step, at=at))

    async def get(self, call_id: str) -> Call | None:
        """As the port says."""
        return await self._writer.read(lambda tx: find(tx, call_id))

    async def page(self, which: CallFilter) -> Sequence[Call]:
        """As the port says; Refusal `calls.cursor` when `before` is no call's id."""
        return await self._writer.read(lambda tx: _page(tx, which))

    async def unfinished(self) -> Sequence[Call]:
        """As the port says."""
        return await self._writer.read(lambda tx: _read_all(tx, _UNFINISHED))

    async def seen_until(self) -> datetime | None:
        """As the port says; looked for among the calls that began last."""
        row = await self._writer.read(lambda tx: tx.row(_SEEN_UNTIL))
        return instant_or_none(row[0]) if row else None

    async def history(self, citizen_e164: str, *, before: datetime) -> History:
        """As the port says."""
        return await self._writer.read(
            lambda tx: history.of(tx, citizen_e164, before=before), hot=True
        )
