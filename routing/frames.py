"""What a desk's browser is sent over its websocket; `type` names the frame.

The browser draws from these and asks nothing back: a reconnect begins with a Snapshot.
"""

from datetime import datetime

import msgspec

from routing.calls import Call
from routing.history import History
from routing.presence import Presence


class Frame(msgspec.Struct, frozen=True, tag_field="type", tag=str.lower):
    """A message from the server to one desk."""


class Pop(Frame, frozen=True):
    """A call rings this desk's phone: who calls, how often, about what."""

    call: Call
    history: History
    rang_at: datetime


class Withdrawn(Frame, frozen=True):
    """The ringing stopped without an answer at this desk; `outcome` as in the call's offers."""

    call_id: str
    outcome: str | None


class Bound(Frame, frozen=True):
    """This desk's phone and the citizen are together: the ticket belongs to this agent."""

    call: Call
    history: History


class Changed(Frame, frozen=True):
    """A call this desk is concerned with changed (held, transferred, recording, ended …)."""

    call: Call
    step: str


class Mine(Frame, frozen=True):
    """This desk's own presence."""

    presence: Presence


class Floor(Frame, frozen=True):
    """The figures of the top line: who waits, and for how long."""

    waiting: int
    oldest_queued_at: datetime | None


class Telephone(Frame, frozen=True):
    """Whether telephone data is true now; while it is not, screens say so."""

    up: bool
    since: datetime
    reason: str = ""


class Ticketed(Frame, frozen=True):
    """A ticket of a call this desk is concerned with was saved."""

    number: str
    call_id: str | None


class Beat(Frame, frozen=True):
    """The server is still there; a browser that hears nothing for 40 s connects again."""

    now: datetime


class Snapshot(Frame, frozen=True):
    """All a desk needs to be true again: presence, telephone, its live calls and their history."""

    presence: Presence
    telephone: Telephone
    floor: Floor
    pops: tuple[Pop, ...]
    bound: tuple[Bound, ...]
    now: datetime
