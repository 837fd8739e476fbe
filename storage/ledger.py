"""The ledger of presence: every change kept, the last of each person marked."""

from collections.abc import Sequence

import msgspec
from sqlalchemy import bindparam, select, true

from routing.people import Actor
from routing.presence import Presence
from storage import journal
from storage.instants import micros
from storage.schema import presences
from storage.statements import Statement, row_of
from storage.tx import Tx
from storage.writer import Writer

_NOT_LAST = Statement(
    presences.update()
    .where(presences.c.person == bindparam("who"), presences.c.is_last == true())
    .values(is_last=bindparam("last"))
)
_ADD = Statement(row_of(presences, "id"))
_PRESENT = Statement(
    select(presences.c.body)
    .where(presences.c.is_last == true(), presences.c.choice != "signed_out")
    .order_by(presences.c.person)
)


async def record(tx: Tx, presence: Presence, *, by: Actor) -> None:
    """Write a change of presence, dated `presence.since`."""
    await tx.run(_NOT_LAST, who=presence.person, last=False)
    await tx.run(
        _ADD,
        person=presence.person,
        device=presence.device,
        choice=presence.choice,
        state=presence.state,
        since=micros(presence.since),
        body=msgspec.json.encode(presence).decode(),
        is_last=True,
    )
    facts = {"device": presence.device, "choice": presence.choice, "reason": presence.reason}
    what, subject = f"presence.{presence.state}", f"person:{presence.person}"
    await journal.append(tx, what, subject, facts, by=by, at=presence.since)


class Ledger:
    """`routing.ports.Ledger`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def record(self, presence: Presence, *, by: Actor) -> None:
        """As the port says."""
        await self._writer.write(lambda tx: record(tx, presence, by=by))

    async def present(self) -> Sequence[Presence]:
        """As the port says."""
        rows = await self._writer.read(lambda tx: tx.rows(_PRESENT))
        return [msgspec.json.decode(row[0], type=Presence) for row in rows]
