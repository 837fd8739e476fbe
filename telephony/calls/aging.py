"""When a matter may be forgotten: long after its end, by the switch's clock."""

from collections import deque

from telephony.calls.leg import EVER
from telephony.calls.matter import Matter

KEPT = 300.0  # seconds for which an ended call is remembered
_LEAP = 3600.0  # seconds; a later time is believed when a second fact confirms it


class Aging:
    """Matters in the order in which to look at them again.

    Args:
        kept: seconds for which an ended call is remembered.
    """

    def __init__(self, kept: float) -> None:
        self._kept = kept
        self._now = self._leap = 0.0
        self._queue: deque[tuple[float, Matter]] = deque()

    def add(self, at: float, matter: Matter) -> None:
        """Look at the matter when the time after that instant is over."""
        self._queue.append((at, matter))

    def due(self, at: float) -> list[Matter]:
        """The matters to forget now that it is `at`; one odd instant makes nothing old."""
        if at > self._now + _LEAP and self._now and abs(at - self._leap) > _LEAP:
            self._leap = at
            return []
        self._now = max(self._now, at)
        past = self._now - self._kept
        found = []
        while self._queue and self._queue[0][0] < past:
            _, matter = self._queue.popleft()
            seen = _last_seen(matter)
            if _is_over(matter) and seen < past:
                found.append(matter)
            elif matter.legs:
                self._queue.append((max(seen, past + 1), matter))
        return found


def _last_seen(matter: Matter) -> float:
    ends = (leg.end if leg.end < EVER else leg.last_seen for leg in matter.legs.values())
    return max(ends, default=0.0)


def _is_over(matter: Matter) -> bool:
    """Whether nothing more can come: ended, or never seen to be a call."""
    return matter.shown is None or matter.shown.ended_at is not None
