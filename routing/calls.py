"""A call as everybody outside telephony sees it: one frozen value for REST, replay and screens.

Instants are UTC, durations seconds, lists in time order; unknown or not yet over is None.
"""

from datetime import datetime
from typing import Literal

import msgspec

Way = Literal["962200", "12345", "110", "outbound", "internal"]
"""The ways in of Art. 6, and the two directions that are ours."""
State = Literal["greeting", "queued", "ringing", "talking", "held", "ended"]
Outcome = Literal[
    "answered",
    "abandoned_greeting",
    "abandoned_queue",
    "abandoned_ringing",
    "no_agent",
    "callback",
    "busy",
    "no_answer",
    "rejected",
    "unreachable",
    "wrong_number",
    "failed",
    "lost",
]
OfferOutcome = Literal["answered", "missed", "rejected", "unreachable", "withdrawn"]
TransferKind = Literal["blind", "attended", "threeway", "handback"]
TransferOutcome = Literal["completed", "cancelled", "no_answer", "busy", "failed"]
RecordingState = Literal["recording", "closed", "verified", "repaired", "missing"]


class Offer(msgspec.Struct, frozen=True):
    """A call ringing one agent's device (`PJSIP/8001`); agent is None where nobody is signed in."""

    agent: str | None
    device: str
    rang_at: datetime
    outcome: OfferOutcome | None = None


class Segment(msgspec.Struct, frozen=True, rename={"since": "from", "until": "to"}):
    """The time an agent's own channel shared a bridge with the citizen."""

    agent: str | None
    device: str
    since: datetime
    until: datetime | None = None
    hold_seconds: float = 0.0


class Transfer(msgspec.Struct, frozen=True):
    """A call passed on: `by` is the transferring device, `to` the number that was dialled."""

    kind: TransferKind
    by: str
    to: str
    at: datetime
    outcome: TransferOutcome | None = None


class Recording(msgspec.Struct, frozen=True):
    """One sound file of the call; `id` is its UUID, `seconds` its length once closed.

    `bridged` are the intervals (seconds from the file's start) in which citizen and agent were
    together, so that playback can skip queue music.
    """

    id: str
    started_at: datetime
    seconds: float | None = None
    state: RecordingState = "recording"
    bridged: tuple[tuple[float, float], ...] = ()


class Call(msgspec.Struct, frozen=True):
    """One citizen's call with all its legs; a citizen with two legs of one matter is one call.

    `citizen_number` is the outside party's digits as carried, never reformatted; `citizen_e164` the
    normalised form. On outbound calls both are the number dialled.
    """

    id: str
    linkedid: str
    way: Way
    started_at: datetime
    state: State
    citizen_number: str | None = None
    citizen_e164: str | None = None
    citizen_name: str | None = None
    did: str | None = None
    sender_case: str | None = None
    queued_at: datetime | None = None
    answered_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    hangup_cause: int | None = None
    queue_seconds: float | None = None
    talk_seconds: float | None = None
    hold_seconds: float | None = None
    offers: tuple[Offer, ...] = ()
    segments: tuple[Segment, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    recordings: tuple[Recording, ...] = ()
    survey: str | None = None
    tickets: tuple[str, ...] = ()
