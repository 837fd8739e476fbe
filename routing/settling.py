"""Recordings proven after their call: length and checksum taken, broken headers repaired."""

import logging
from datetime import datetime, timedelta
from typing import Protocol

import msgspec

from routing.calls import Recording
from routing.ports import Clock, Recordings, StoreUnavailable

log = logging.getLogger(__name__)

FIRST_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=2)


class Proof(msgspec.Struct, frozen=True):
    """What a look at the file found: its state, length in seconds, size in bytes and SHA-256."""

    state: str
    seconds: float | None
    size: int
    sha256: str
    reason: str = ""


class Files(Protocol):
    """The recordings folder."""

    async def prove(self, recording_id: str, *, now: datetime, overdue: bool) -> Proof | None:
        """Look at the file; None while it is still being written or not there yet.

        `overdue` files are judged as they are: repaired or missing.
        """
        ...


class Settling:
    """Looks at the files of ended calls until each is verified, repaired or missing."""

    def __init__(
        self, *, recordings: Recordings, files: Files, clock: Clock, patience: timedelta
    ) -> None:
        self._recordings = recordings
        self._files = files
        self._clock = clock
        self._patience = patience
        self._next_look: dict[str, datetime] = {}

    async def cycle(self) -> int:
        """One round; returns how many recordings were settled."""
        settled = 0
        try:
            unsettled = [recording for _, recording in await self._recordings.unsettled()]
            self._next_look = {r.id: self._next_look.get(r.id, r.started_at) for r in unsettled}
            for recording in unsettled:
                settled += await self._settle(recording)
        except StoreUnavailable as why:
            log.warning("recordings not settled: %s", why)
        return settled

    async def _settle(self, recording: Recording) -> bool:
        now = self._clock()
        if now < self._next_look[recording.id]:
            return False
        waited = now - recording.started_at - timedelta(seconds=recording.seconds or 0)
        proof = await self._files.prove(recording.id, now=now, overdue=waited > self._patience)
        if proof is None:
            self._next_look[recording.id] = now + min(max(waited, FIRST_PAUSE), LONGEST_PAUSE)
            return False
        if proof.state != "verified":
            log.warning("recording %s is %s: %s", recording.id, proof.state, proof.reason)
        found = msgspec.structs.replace(recording, state=proof.state, seconds=proof.seconds)
        await self._recordings.settle(found, size=proof.size, sha256=proof.sha256, at=now)
        return True
