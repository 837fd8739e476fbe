"""What telephony tells the rest, in the past tense; each is a frozen value.

Happenings of one call come in order. They are observations of the switch, not decisions of ours.
"""

from datetime import datetime
from typing import Literal

import msgspec

from routing.calls import Call

Step = Literal[
    "arrived",  # a citizen's call came in, or an outbound call was started
    "queued",
    "offered",  # `device` began to ring
    "withdrawn",  # `device` stopped ringing unanswered (missed, rejected, gone, taken elsewhere)
    "answered",  # `device`'s channel joined the citizen: a segment began
    "left",  # `device`'s segment ended, the call goes on
    "held",
    "resumed",
    "transferred",  # a transfer was begun or its outcome became known
    "amended",  # a fact became better known: survey digit, recording, gap filled from CEL
    "ended",
]


class CallStepped(msgspec.Struct, frozen=True):
    """A call took a step; `call` is its value after it, `device` whose step it was."""

    step: Step
    call: Call
    at: datetime
    device: str | None = None


class DeviceChanged(msgspec.Struct, frozen=True):
    """An agent's phone became reachable or unreachable, or another of Asterisk's device states."""

    device: str
    reachable: bool
    at: datetime


class LinkChanged(msgspec.Struct, frozen=True):
    """A call took a step; `call` is its value after it, `device` the device that took it."""

    up: bool
    at: datetime
    reason: str = ""


Happening = CallStepped | DeviceChanged | LinkChanged
