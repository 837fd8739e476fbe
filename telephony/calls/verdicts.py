"""What became of dialling somebody, by Dial's status and the Q.850 cause of the channel's end.

Asterisk's own status says NOANSWER of nearly everything, so the cause decides where it says more.
"""

from collections.abc import Mapping

from routing.calls import Outcome, TransferOutcome
from telephony.calls.leg import Leg

_CAUSES: Mapping[int, Outcome] = {
    1: "wrong_number",  # 404
    17: "busy",  # 486
    20: "unreachable",
    21: "rejected",  # 603
    22: "wrong_number",  # 410, number changed
    27: "unreachable",
    28: "wrong_number",  # 484, incomplete
    34: "failed",  # 503
    38: "failed",
    41: "failed",
    42: "failed",
    44: "failed",
    58: "failed",
    102: "failed",  # the carrier sent nothing
}
_NOT_THERE = 19  # no answer where it rang; a telephone switched off where not
_STATUSES: tuple[tuple[str, Outcome], ...] = (
    ("BUSY", "busy"),
    ("CONGESTION", "failed"),
    ("CHANUNAVAIL", "failed"),
)
_TRANSFERS: Mapping[Outcome, TransferOutcome] = {
    "answered": "completed",
    "busy": "busy",
    "rejected": "busy",
    "no_answer": "no_answer",
}


def dialling(leg: Leg) -> Outcome:
    """What became of dialling this channel, which is over."""
    if leg.up_at is not None or "ANSWER" in leg.statuses:
        return "answered"
    said = _CAUSES.get(leg.cause or 0)
    if said:
        return said
    if leg.cause == _NOT_THERE and leg.rang_at is None and leg.statuses:
        return "unreachable"
    for status, verdict in _STATUSES:
        if status in leg.statuses:
            return verdict
    # Given up by us: it rang, or the carrier never said a word.
    return "no_answer" if leg.rang_at is not None or "CANCEL" in leg.statuses else "failed"


def passing_on(leg: Leg) -> TransferOutcome:
    """The same, of the target of a transfer."""
    return _TRANSFERS.get(dialling(leg), "failed")


def is_given_up(leg: Leg) -> bool:
    """Whether dialling was ended by the one who wanted it, not by the one who was dialled."""
    return "CANCEL" in leg.statuses and "NOANSWER" not in leg.statuses
