"""What a call's record says of its sound files, and what is known of them now."""

from typing import Final

import msgspec
from sqlalchemy import bindparam, select

from routing.calls import Recording, RecordingState
from storage.instants import instant, micros
from storage.schema import recordings
from storage.statements import Statement, row_of
from storage.tx import Row, Tx

RANK: Final[dict[RecordingState, int]] = {
    "recording": 0,
    "closed": 1,
    "missing": 2,
    "verified": 2,
    "repaired": 2,
}
"""A state is replaced only by one of the same or a higher rank."""

SOUND = (
    recordings.c.id,
    recordings.c.started_at,
    recordings.c.seconds,
    recordings.c.state,
    recordings.c.bridged,
)
_NEW = row_of(recordings, "size", "sha256", "settled_at")
_NOTE = Statement(
    _NEW.on_conflict_do_update(
        index_elements=[recordings.c.id],
        set_={name: _NEW.excluded[name] for name in ("seconds", "state", "rank", "bridged")},
        where=(recordings.c.rank <= _NEW.excluded.rank) & recordings.c.settled_at.is_(None),
    )
)
_OF_CALL = Statement(
    select(*SOUND)
    .where(recordings.c.call == bindparam("call"))
    .order_by(recordings.c.started_at, recordings.c.id)
)


async def note(tx: Tx, call_id: str, recording: Recording) -> None:
    """Keep what the call's record says of a recording, unless more is known already."""
    await tx.run(
        _NOTE,
        id=recording.id,
        call=call_id,
        started_at=micros(recording.started_at),
        **facts(recording),
    )


async def of_call(tx: Tx, call_id: str) -> list[Recording]:
    """A call's recordings in time order."""
    return [recording_of(row) for row in await tx.rows(_OF_CALL, call=call_id)]


def facts(recording: Recording) -> dict[str, object]:
    """The columns that a recording's state decides."""
    return {
        "seconds": recording.seconds,
        "state": recording.state,
        "rank": RANK[recording.state],
        "bridged": msgspec.json.encode(recording.bridged).decode(),
    }


def recording_of(row: Row) -> Recording:
    """The recording in a row of `SOUND`."""
    recording_id, started_at, seconds, state, bridged = row
    return Recording(
        id=recording_id,
        started_at=instant(started_at),
        seconds=seconds,
        state=state,
        bridged=msgspec.json.decode(bridged, type=tuple[tuple[float, float], ...]),
    )
