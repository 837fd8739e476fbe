"""Rows of sound files: noted with their call, settled by verification, never set back."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, true

from regulation.refusal import Refusal
from routing.calls import Recording
from routing.people import SYSTEM, Actor
from storage import calls as call_rows
from storage import journal
from storage.instants import micros
from storage.schema import calls, recordings
from storage.sounds import SOUND, facts, recording_of
from storage.statements import Statement
from storage.tx import Tx
from storage.writer import Writer

_ONE = Statement(select(recordings.c.call, *SOUND).where(recordings.c.id == bindparam("id")))
_UNSETTLED = Statement(
    select(recordings.c.call, *SOUND)
    .join(calls, calls.c.id == recordings.c.call)
    .where(recordings.c.settled_at.is_(None), calls.c.ended == true())
    .order_by(recordings.c.started_at, recordings.c.id)
)
_SETTLE = Statement(
    recordings.update()
    .where(recordings.c.id == bindparam("which"))
    .values(
        {
            name: bindparam(name)
            for name in ("seconds", "state", "rank", "bridged", "size", "sha256", "settled_at")
        }
    )
    .returning(recordings.c.call)
)


async def settle(tx: Tx, recording: Recording, *, size: int, sha256: str, at: datetime) -> None:
    """Keep what verification found and tell it as an amendment of the call."""
    row = await tx.row(
        _SETTLE,
        which=recording.id,
        size=size,
        sha256=sha256,
        settled_at=micros(at),
        **facts(recording),
    )
    if row is None:
        raise unknown(recording.id)
    found = {"state": recording.state, "size": size, "sha256": sha256}
    subject = f"recording:{recording.id}"
    await journal.append(tx, f"recording.{recording.state}", subject, found, by=SYSTEM, at=at)
    call = await call_rows.find(tx, row[0])
    if call is not None:
        await call_rows.tell(tx, call, "amended", await call_rows.bump(tx, call.id), at=at)


async def play(tx: Tx, recording_id: str, *, by: Actor, at: datetime) -> None:
    """Journal a playback."""
    row = await tx.row(_ONE, id=recording_id)
    if row is None:
        raise unknown(recording_id)
    subject, facts = f"recording:{recording_id}", {"call": row[0]}
    await journal.append(tx, "recording.played", subject, facts, by=by, at=at)


def unknown(recording_id: str) -> Refusal:
    """No such recording."""
    return Refusal("recording.unknown", f"no recording {recording_id!r}", status=404)


class Recordings:
    """`routing.ports.Recordings`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def get(self, recording_id: str) -> tuple[str, Recording] | None:
        """As the port says."""
        row = await self._writer.read(lambda tx: tx.row(_ONE, id=recording_id))
        return (row[0], recording_of(row[1:])) if row else None

    async def settle(self, recording: Recording, *, size: int, sha256: str, at: datetime) -> None:
        """As the port says; Refusal `recording.unknown`."""
        await self._writer.write(lambda tx: settle(tx, recording, size=size, sha256=sha256, at=at))

    async def unsettled(self) -> Sequence[tuple[str, Recording]]:
        """As the port says."""
        rows = await self._writer.read(lambda tx: tx.rows(_UNSETTLED))
        return [(row[0], recording_of(row[1:])) for row in rows]

    async def played(self, recording_id: str, *, by: Actor, at: datetime) -> None:
        """As the port says; Refusal `recording.unknown`."""
        await self._writer.write(lambda tx: play(tx, recording_id, by=by, at=at))
