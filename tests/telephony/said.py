"""Facts in few words, for calls that are told step by step."""

from routing.happenings import CallStepped, Happening
from telephony import facts
from telephony.calls import Tracker
from telephony.facts import Fact

START = 1_795_408_000.0  # 2026-11-23 04:26:40 UTC
CITIZEN = ("c.1", "PJSIP/trunk-city-00000001", "c.1")


def agent(number: str, uid: str = "", linkedid: str = "c.1") -> tuple[str, str, str]:
    """An agent's channel in the citizen's call."""
    return (uid or f"a.{number}", f"PJSIP/{number}-0000000a", linkedid)


class Teller:
    """Tells a tracker facts at seconds from the start, and keeps what happened."""

    def __init__(self, tracker: Tracker | None = None) -> None:
        self.tracker = tracker or Tracker()
        self.happened: list[Happening] = []

    def tell(self, *told: Fact) -> list[Happening]:
        new = [happening for fact in told for happening in self.tracker.apply(fact)]
        self.happened += new
        return new

    def steps(self) -> list[str]:
        """The steps of all calls, with the device concerned."""
        return [
            f"{each.step} {each.device.removeprefix('PJSIP/')}" if each.device else each.step
            for each in self.happened
            if isinstance(each, CallStepped)
        ]

    def arrives(self, at: float = 0.0, call: str = "call-1") -> None:
        """A citizen's call as our dialplan announces it."""
        self.tell(
            facts.Born(START + at, *CITIZEN, dials=True, number="13800001111", exten="962200"),
            facts.Entered(
                START + at + 0.001, *CITIZEN, call, "direct", "13800001111", "王小明", "962200", ""
            ),
        )

    def queues(self, at: float) -> None:
        self.tell(facts.Queued(START + at, *CITIZEN))

    def rings(self, number: str, at: float, uid: str = "") -> None:
        leg = agent(number, uid)
        self.tell(
            facts.Born(START + at, *leg, dials=False),
            facts.Dialled(START + at + 0.001, *leg, by=CITIZEN[0], to=number),
            facts.Ringing(START + at + 0.002, *leg),
        )

    def answers(self, number: str, at: float, bridge: str = "b-1", uid: str = "") -> None:
        leg = agent(number, uid)
        self.tell(
            facts.Up(START + at, *leg),
            facts.Unqueued(START + at + 0.001, *CITIZEN),
            facts.Joined(START + at + 0.002, *leg, bridge),
            facts.Joined(START + at + 0.003, *CITIZEN, bridge),
        )

    def hangs_up(self, leg: tuple[str, str, str], at: float, cause: int = 16) -> None:
        self.tell(facts.HungUp(START + at, *leg), facts.Ended(START + at + 0.001, *leg, cause))
