"""All channels of one matter, with what was said of it besides: the records a call is made from."""

from typing import TYPE_CHECKING, NamedTuple

from routing.calls import Call, Transfer
from telephony.calls.leg import Leg

if TYPE_CHECKING:
    from telephony.facts import AttendedTransferred, BlindTransferred, Entered


class Named(NamedTuple):
    """A recording's id and when it was told."""

    at: float
    recording: str


class Matter:
    """Records of one call. `shown` is the call as last computed, None until it is one.

    Absorbing another matter takes its records over; the order of absorptions changes nothing.
    """

    __slots__ = (
        "attended", "before", "blind", "callback", "e164", "entry", "first_call", "keys", "legs",
        "lost_at", "named", "numbers", "outgoing", "queued", "recorded", "shown", "surveys",
        "unqueued", "unrecorded",
    )  # fmt: skip

    def __init__(self) -> None:
        self.legs: dict[str, Leg] = {}
        self.keys: set[str] = set()  # what it is found by: Linkedids and our own ids
        self.entry: Entered | None = None
        self.first_call: tuple[float, str] | None = None
        self.outgoing: dict[str, str] = {}
        self.numbers: set[tuple[float, str]] = set()
        self.queued: set[float] = set()
        self.unqueued: set[float] = set()
        self.blind: dict[tuple[float, str], BlindTransferred] = {}
        self.attended: dict[tuple[float, str], AttendedTransferred] = {}
        self.recorded: set[tuple[float, str]] = set()
        self.unrecorded: set[tuple[float, str]] = set()
        self.named: set[Named] = set()
        self.surveys: set[tuple[float, str]] = set()
        self.callback: set[tuple[float, str]] = set()
        self.lost_at: float | None = None
        self.before: tuple[Transfer, ...] = ()
        self.shown: Call | None = None
        self.e164: tuple[str | None, str | None] = (None, None)

    def enter(self, entry: "Entered") -> bool:
        """Note the entry; of several the earliest counts."""
        if self.entry is not None and self.entry.at <= entry.at:
            return False
        self.entry = entry
        return True

    def name(self, at: float, call: str) -> bool:
        """Note a call id carried by a channel; of several the earliest counts."""
        if not call or (self.first_call is not None and self.first_call <= (at, call)):
            return False
        self.first_call = (at, call)
        return True

    def absorb(self, other: "Matter") -> None:
        """Take over everything of another matter, without an entry, that is the same one."""
        for leg in other.legs.values():
            leg.matter = self
        self.legs.update(other.legs)
        other.legs = {}
        if other.first_call:
            self.name(*other.first_call)
        self.outgoing.update(other.outgoing)
        self.blind.update(other.blind)
        self.attended.update(other.attended)
        for field in _SETS:
            getattr(self, field).update(getattr(other, field))
        self.before = (*self.before, *other.before)
        if other.lost_at is not None:
            self.lost_at = min(other.lost_at, self.lost_at or other.lost_at)


_SETS = (
    "callback", "keys", "named", "numbers", "queued", "recorded", "surveys", "unqueued",
    "unrecorded",
)  # fmt: skip
