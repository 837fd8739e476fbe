"""The switch's questions before it queues a call or dials a number for a phone.

Silence is no answer: the dialplan then takes its default route, and refuses to dial all but the
emergency numbers.
"""

import asyncio
import re
from datetime import timedelta
from typing import Literal

import msgspec

from routing.numbers import e164
from routing.ports import Calls, Clock, StoreUnavailable
from routing.seats import Seats

EMERGENCY = frozenset({"110", "119", "120"})
LINES = frozenset({"12345", "962200"})
PATIENCE_SECONDS = 0.2
REPEAT_WITHIN = timedelta(days=1)
PRIORITY: dict[str, int] = {"110": 6, "12345": 2}
REPEAT_PRIORITY = 3  # with any other way in still below a call from 110

_MOBILE = re.compile(r"\+86(1[3-9]\d{9})")
_FIXED = re.compile(r"\+86(10\d{8}|[2-9]\d{8,10})")
_SERVICE = re.compile(r"\+86(95|96|400|800)\d+")

DialRefusal = Literal["nobody_signed_in", "number"]


class Route(msgspec.Struct, frozen=True):
    """How a call enters the queue: 0–9, higher first; the device to try first, if any."""

    priority: int = 0
    device: str | None = None
    repeat: bool = False


class Entry:
    """Answers about a call that is about to be queued, and about a number a phone wants to dial."""

    def __init__(self, *, calls: Calls, seats: Seats, clock: Clock, extensions: set[str]) -> None:
        self._calls = calls
        self._seats = seats
        self._clock = clock
        self._extensions = extensions

    async def route(self, *, way: str, caller: str) -> Route:
        """Priority by way in and by repetition, and the agent who last talked with the number."""
        priority = PRIORITY.get(way, 0)
        number = e164(caller)
        if number is None:
            return Route(priority)
        now = self._clock()
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                history = await self._calls.history(number, before=now)
        except (StoreUnavailable, TimeoutError):
            return Route(priority)
        last = history.last_call_at
        repeat = last is not None and now - last <= REPEAT_WITHIN
        ready = {p.person: p.device for p in self._seats.all() if p.state == "ready"}
        device = ready.get(history.last_agent or "") if repeat else None
        return Route(priority + REPEAT_PRIORITY * repeat, device, repeat)

    def dial(self, *, device: str, number: str) -> str | DialRefusal:
        """The digits to dial, or why not: extensions, the emergency numbers and the mainland."""
        if number in EMERGENCY:
            return number
        if self._seats.at(device) is None:
            return "nobody_signed_in"
        if number in LINES or number in self._extensions:
            return number
        return dialled(number) or "number"


def dialled(number: str) -> str | None:
    """A mainland subscriber's number as the trunk wants it: mobiles bare, others with 0 and area.

    None for anything else: abroad, premium and service numbers, and what is not a number.
    """
    normal = e164(number) or ""
    if mobile := _MOBILE.fullmatch(normal):
        return mobile[1]
    fixed = _FIXED.fullmatch(normal)
    return "0" + fixed[1] if fixed and not _SERVICE.fullmatch(normal) else None
