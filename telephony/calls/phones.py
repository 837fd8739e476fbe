"""Which phones answer, and who has them."""

from bisect import insort
from operator import itemgetter

from telephony.calls.leg import Leg
from telephony.calls.offers import REFUSALS

SILENCE = 30.0  # seconds after ringing in vain in which a dead phone is noticed to be dead
_KEPT = 50  # changes of hands remembered for each device


class Phones:
    """What is known of every device."""

    def __init__(self) -> None:
        self._reachable: dict[str, bool] = {}
        self._hands: dict[str, list[tuple[float, str]]] = {}

    def agent_of(self, device: str, at: float) -> str | None:
        """Who had the device at that instant, None where nobody."""
        before = [agent for since, agent in self._hands.get(device, ()) if since <= at]
        return (before[-1] or None) if before else None

    def sign(self, device: str, agent: str | None, at: float) -> None:
        """Note that a person took the device, or with None, left it."""
        hands = self._hands.setdefault(device, [])
        if (at, agent or "") not in hands:
            insort(hands, (at, agent or ""), key=itemgetter(0))
            del hands[:-_KEPT]

    def reach(self, device: str, *, reachable: bool) -> bool:
        """Note whether the phone answers; True where that is new."""
        known = self._reachable.get(device)
        self._reachable[device] = reachable
        return known is not reachable

    @staticmethod
    def silenced(legs: list[Leg], at: float) -> list[Leg]:
        """The ringings that were in vain because the phone was dead, as is noticed now."""
        silent = [leg for leg in legs if _rang_in_vain(leg, at)]
        for leg in silent:
            leg.silent_at = at
        return silent


def _rang_in_vain(leg: Leg, at: float) -> bool:
    return (
        leg.dialled_at is not None
        and leg.silent_at is None
        and leg.up_at is None
        and leg.cause not in REFUSALS
        and leg.dialled_at <= at <= leg.end + SILENCE
    )
