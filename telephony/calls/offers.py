"""Whose phone rang, and what came of it."""

from collections.abc import Callable

from routing.calls import Offer, OfferOutcome
from telephony.calls.cast import Cast
from telephony.calls.instants import utc
from telephony.calls.leg import Leg

# Q.850 causes with which a phone ends its own ringing: 486, 600 and 603 from SIP.
REFUSALS = frozenset({17, 21})
# No route, nobody there, subscriber absent, out of order, timer expired (the phone sent nothing).
ABSENCES = frozenset({3, 6, 18, 20, 27, 38, 102})
PATIENCE = 10.0  # seconds of ringing; who gives up a consultation later was not answered

_BY_STATUS: tuple[tuple[str, OfferOutcome], ...] = (
    ("CHANUNAVAIL", "unreachable"),
    ("CONGESTION", "unreachable"),
    ("NOANSWER", "missed"),
    ("BUSY", "rejected"),
)

AgentOf = Callable[[str, float], str | None]
"""Who had a device at an instant."""


def offers(cast: Cast, agent_of: AgentOf) -> tuple[Offer, ...]:
    """The offers in the order of ringing."""
    rung = sorted(
        (leg.dialled_at, leg.uid, leg)
        for leg in cast.real
        if leg.kind == "device" and leg.dialled_at is not None
    )
    return tuple(
        Offer(agent_of(leg.device, at), leg.device, utc(at), outcome(leg, cast))
        for at, _, leg in rung
    )


def outcome(leg: Leg, cast: Cast) -> OfferOutcome | None:
    """What became of ringing this phone; None while it rings.

    A queue reports a phone's refusal as no answer; the cause of its channel's end tells it apart.
    """
    if leg.up_at is not None or "ANSWER" in leg.statuses:
        return "answered"
    if leg.ended_at is None:
        return None
    if leg.cause in REFUSALS:
        return "rejected"
    if leg.silent_at is not None or (leg.cause in ABSENCES and leg.rang_at is None):
        return "unreachable"
    for status, verdict in _BY_STATUS:
        if status in leg.statuses:
            return verdict
    return "missed" if _is_in_vain(leg, cast) else "withdrawn"


def _is_in_vain(leg: Leg, cast: Cast) -> bool:
    """Whether nobody took the ringing back: it lasted until whoever had it begun gave it up."""
    if not leg.by:
        return True
    by_citizen = cast.citizen is None or leg.by == cast.citizen.uid
    return not by_citizen and leg.end - (leg.dialled_at or leg.began) >= PATIENCE
