"""Who takes part in the simulated day: citizens, the phones at the desks, and how each behaves."""

from dataclasses import dataclass
from typing import Literal

Way = Literal["962200", "12345", "110"]
How = Literal["blind", "attended"]
Leaves = Literal["greeting", "queue", "ringing"]


@dataclass(frozen=True)
class Visit:
    """One citizen's call: who calls, by which way, and how far their patience goes.

    `leaves` names the phase in which they give up after `patience` seconds of it; None stays.
    `talk` is how long they would talk before hanging up; None waits for the agent to do it.
    `digit` is what they press in the survey; None hangs up instead. Where nobody can answer they
    press the call-back key, or leave a message if not `calls_back`.
    """

    number: str
    way: Way = "962200"
    name: str = ""
    case: str = ""
    leaves: Leaves | None = None
    patience: float = 0.0
    talk: float | None = None
    digit: str | None = None
    calls_back: bool = True


@dataclass(frozen=True)
class Conduct:
    """What a simulated colleague does with one call, in seconds after the ring or the answer.

    `answers` None lets it ring; `rejects` presses reject. `holds` is (when, how long); `passes` is
    (when, to which number, how); `hangs_up` None leaves the end to the other side.
    """

    answers: float | None = 2.0
    rejects: float | None = None
    holds: tuple[float, float] | None = None
    passes: tuple[float, str, How] | None = None
    hangs_up: float | None = None


@dataclass(frozen=True)
class Fate:
    """What happens to a call to an outside number after `seconds` of ringing.

    `talk` is how long the outside party talks before hanging up; None waits for the other side.
    """

    outcome: Literal[
        "answered", "busy", "no_answer", "rejected", "switched_off", "unallocated", "congested"
    ] = "answered"
    seconds: float = 3.0
    talk: float | None = 20.0


@dataclass(frozen=True)
class Phone:
    """A device at a desk; `name` is what its display shows, as Asterisk's caller id has it."""

    device: str
    number: str
    name: str
