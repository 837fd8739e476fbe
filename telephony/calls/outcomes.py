"""How a call came to its end."""

from routing.calls import Outcome
from telephony.calls.cast import Cast
from telephony.calls.leg import Leg
from telephony.calls.matter import Matter
from telephony.calls.together import SEAM, Talk
from telephony.calls.verdicts import dialling


def outcome(matter: Matter, cast: Cast, talks: list[Talk]) -> Outcome:
    """The outcome of an ended call; on outbound calls the outside party's."""
    ended = cast.citizen or cast.root
    if matter.lost_at is not None and ended.lost:
        return "lost"
    if cast.way == "outbound":
        return _outbound(cast)
    if cast.way == "internal":
        return _internal(cast)
    if talks or ended.machine:
        return "answered"
    return _unanswered(matter, cast, ended)


def _unanswered(matter: Matter, cast: Cast, citizen: Leg) -> Outcome:
    if matter.callback:
        return "callback"
    rung = [leg for leg in cast.real if leg.kind == "device" and leg.dialled_at is not None]
    if not matter.queued and not rung:
        return "abandoned_greeting"
    if _left_the_queue(matter, citizen):
        return "no_agent"
    is_ringing = any(leg.up_at is None and leg.end >= citizen.end - SEAM for leg in rung)
    return "abandoned_ringing" if is_ringing else "abandoned_queue"


def _left_the_queue(matter: Matter, citizen: Leg) -> bool:
    """Whether the queue was over before the citizen gave up: its patience, or nobody there."""
    left = max(matter.unqueued, default=0.0)
    if left < max(matter.queued, default=0.0) or not left:
        return False
    return citizen.hung_at is None or citizen.hung_at > left + SEAM


def _outbound(cast: Cast) -> Outcome:
    if cast.citizen:
        return dialling(cast.citizen)
    # Nobody outside was ever dialled: the agent did not pick up, or the number was refused.
    return "failed" if cast.root.up_at is not None or cast.root.dials else "no_agent"


def _internal(cast: Cast) -> Outcome:
    called = [leg for leg in cast.real if leg is not cast.root and leg.by == cast.root.uid]
    if any(leg.up_at is not None for leg in called) or (not called and cast.root.up_at is not None):
        return "answered"
    return dialling(called[-1]) if called else "failed"
