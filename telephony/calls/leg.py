"""One channel with its dated history: born, rung, answered, in which bridges, held, gone."""

from bisect import insort
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from telephony.calls.matter import Matter

EVER = float("inf")  # of something that has not ended

ENTER, LEAVE, GONE = 0, 1, 2  # GONE: it must have left by then; a known LEAVE says when

Kind = Literal["trunk", "device", "local"]


class Stay(NamedTuple):
    """Time in one bridge, seconds since 1970; `until` is EVER while it lasts."""

    bridge: str
    since: float
    until: float


class Leg:
    """What is known of one channel; every record may arrive in any order.

    `first_seen` is the earliest fact of any kind, `born` the Newchannel. `context` is where the
    dialplan goes on after the bridge left last.
    """

    __slots__ = (
        "_stays", "born", "by", "caller", "cause", "contexts", "destined", "device", "dialled_at",
        "dials", "ended_at", "exten", "first_seen", "guessed", "holds", "hung_at", "kind",
        "last_seen", "lost", "machine", "marks", "matter", "name", "number", "rang_at", "rooms",
        "silent_at", "statuses", "to", "uid", "up_at",
    )  # fmt: skip

    matter: "Matter"

    def __init__(self, uid: str, name: str, trunks: frozenset[str], at: float) -> None:
        self.uid = uid
        self.name = name
        self.device = name.rpartition("-")[0] or name
        self.kind: Kind = (
            "local"
            if name.startswith("Local/")
            else "trunk"
            if self.device.partition("/")[2] in trunks
            else "device"
        )
        self.first_seen = self.last_seen = at
        self.born: float | None = None
        self.guessed = False  # born known from a list only, to the second
        self.dials: bool | None = None
        self.number = self.caller = self.exten = self.by = self.to = ""
        self.dialled_at: float | None = None
        self.rang_at: float | None = None
        self.up_at: float | None = None
        self.hung_at: float | None = None  # its far end asked for the end
        self.ended_at: float | None = None
        self.lost = False  # ended only as far as we can tell
        self.cause: int | None = None
        self.statuses: tuple[str, ...] = ()
        self.marks: list[tuple[float, int, str]] = []
        self.holds: list[tuple[float, bool]] = []
        self.contexts: tuple[tuple[float, str], ...] = ()
        self.destined = ""  # where it was to go once answered
        self.rooms: tuple[str, ...] = ()
        self.machine = False
        self.silent_at: float | None = (
            None  # the phone was found unreachable, ringing or soon after
        )
        self._stays: list[Stay] | None = None

    @property
    def endpoint(self) -> str:
        """`trunk-city` of `PJSIP/trunk-city`."""
        return self.device.partition("/")[2]

    @property
    def began(self) -> float:
        """When it came into being, as far as known."""
        return self.first_seen if self.born is None else self.born

    @property
    def end(self) -> float:
        """When it was gone, EVER while it is there."""
        return EVER if self.ended_at is None else self.ended_at

    def mark(self, at: float, kind: int, bridge: str) -> bool:
        """Note that a bridge was entered or left; False where that is known already."""
        entry = (at, kind, bridge)
        if entry in self.marks:
            return False
        insort(self.marks, entry)
        self._stays = None
        return True

    def name_bridges(self, prefix: str, bridge: str) -> None:
        """A bridge that it is in, so far under a provisional name with that prefix, is this one."""
        ours = {s.bridge for s in self.stays if s.until == EVER and s.bridge.startswith(prefix)}
        if ours:
            marks = {(at, kind, bridge if b in ours else b) for at, kind, b in self.marks}
            self.marks, self._stays = sorted(marks), None

    def hold(self, at: float, *, on: bool) -> bool:
        """Note Hold or Unhold; False where that is known already."""
        if (at, on) in self.holds:
            return False
        insort(self.holds, (at, on))
        return True

    def end_at(self, at: float, cause: int | None, *, lost: bool = False) -> bool:
        """Note the end; a known one is never replaced by a supposed one."""
        if self.ended_at is not None and (lost or not self.lost):
            return False
        self.ended_at, self.cause, self.lost = at, cause, lost
        self._stays = None
        return True

    @property
    def stays(self) -> list[Stay]:
        """Its times in bridges, in order, none longer than the channel itself."""
        if self._stays is None:
            self._stays = _stays(self.marks, self.end)
        return self._stays

    def held(self) -> list[tuple[float, float]]:
        """Times from Hold to Unhold; a second Hold begins nothing, a lone Unhold ends nothing."""
        spans: list[tuple[float, float]] = []
        since: float | None = None
        for at, on in self.holds:
            if on:
                since = at if since is None else since
            elif since is not None:
                spans.append((since, at))
                since = None
        return spans if since is None else [*spans, (since, EVER)]


def _stays(marks: list[tuple[float, int, str]], end: float) -> list[Stay]:
    """Pair enterings and leavings, bridge by bridge."""
    stays: list[Stay] = []
    supposed: dict[str, int] = {}  # bridges left only supposedly: their stay's index
    inside: dict[str, int] = {}
    for at, kind, bridge in marks:
        if kind == ENTER:
            if bridge not in inside:
                inside[bridge] = len(stays)
                stays.append(Stay(bridge, at, EVER))
            supposed.pop(bridge, None)
        elif bridge in inside:
            index = inside.pop(bridge)
            stays[index] = stays[index]._replace(until=at)
            if kind == GONE:
                supposed[bridge] = index
        elif kind == LEAVE and bridge in supposed:
            index = supposed.pop(bridge)
            stays[index] = stays[index]._replace(until=at)
    return _bounded(stays, end)


def _bounded(stays: list[Stay], end: float) -> list[Stay]:
    """A bridge whose leaving nobody told of was left for the next one, or at the end."""
    bounded = []
    for index, stay in enumerate(stays):
        until = min(stay.until, end)
        if until == EVER and index + 1 < len(stays):
            until = stays[index + 1].since
        if until >= stay.since:
            bounded.append(stay._replace(until=until))
    return bounded
