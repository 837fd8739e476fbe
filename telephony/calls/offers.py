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
NORMAL = 16  # normal clearing
PATIENCE = 10.0  # seconds of ringing; who gives up a consultation later was not answered

_UNREACHED = frozenset({"CHANUNAVAIL", "CONGESTION"})

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

    A queue reports a phone's refusal as no answer; who ended the ringing, and the cause of the
    channel's end, tell it apart.
    """
    if leg.up_at is not None or "ANSWER" in leg.statuses:
        return "answered"
    if leg.ended_at is None:
        return None
    return next((verdict for verdict, is_so in _VERDICTS if is_so(leg, cast)), "withdrawn")


def _is_refused(leg: Leg, _: Cast) -> bool:
    rang_and_ended_it = leg.rang_at is not None and leg.hung_at is not None
    return leg.cause in REFUSALS or rang_and_ended_it


def _is_absent(leg: Leg, _: Cast) -> bool:
    never_rang = leg.rang_at is None and (leg.hung_at is not None or leg.cause in ABSENCES)
    return leg.silent_at is not None or never_rang or bool(_UNREACHED.intersection(leg.statuses))


def _is_taken_back(leg: Leg, _: Cast) -> bool:
    """By the server, whose own Originate it was."""
    return not leg.by and leg.cause == NORMAL


def _is_missed(leg: Leg, cast: Cast) -> bool:
    """Nobody took the ringing back: it lasted until whoever had it begun gave it up."""
    if "NOANSWER" in leg.statuses or not leg.by:
        return True
    by_citizen = cast.citizen is None or leg.by == cast.citizen.uid
    return not by_citizen and leg.end - (leg.dialled_at or leg.began) >= PATIENCE


_VERDICTS: tuple[tuple[OfferOutcome, Callable[[Leg, Cast], bool]], ...] = (
    ("rejected", _is_refused),
    ("unreachable", _is_absent),
    ("withdrawn", _is_taken_back),
    ("missed", _is_missed),
)
