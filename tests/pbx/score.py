"""The list of flows: what is played, on which kind of trunk, and what must have been true of it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from config.pbx.leg import Leg
from tests.pbx.rig import Place, Setting
from tests.pbx.stage import Stage

OWN = "the number of the phone that called"
Transfer = tuple[str, str, str, str]  # kind, by, to, outcome


@dataclass(frozen=True)
class Expected:
    """A call's facts, written down by hand; devices stand without `PJSIP/`."""

    outcome: str
    way: str = "962200"
    offers: tuple[tuple[str, str], ...] = ()
    segments: tuple[str, ...] = ()
    transfers: tuple[Transfer, ...] = ()
    survey: str | None = None
    number: str | None = OWN
    name: str | None = None
    case: str | None = None
    held: float = 0.0


@dataclass(frozen=True)
class Played:
    """One call of a flow: its id, the phone that made it, what must be true, what was noted."""

    call_id: str
    leg: Leg
    expected: Expected
    notes: Mapping[str, object] = field(default_factory=dict)


Script = Callable[[Stage], Awaitable[list[Played]]]


@dataclass(frozen=True)
class Flow:
    name: str
    play: Script
    place: Place


class Score:
    """Flows in the order in which they were written; each gets a place of its own."""

    def __init__(self, first: int) -> None:
        self.flows: list[Flow] = []
        self._first = first

    def flow(self, setting: Setting | None = None) -> Callable[[Script], Script]:
        def register(script: Script) -> Script:
            place = Place(self._first + len(self.flows), setting or Setting())
            self.flows.append(Flow(script.__name__, script, place))
            return script

        return register
