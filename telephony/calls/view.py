"""A matter's records, read as a call."""

import msgspec

from routing.calls import Call, State
from routing.numbers import e164
from telephony.calls.cast import Cast, Trunks, cast
from telephony.calls.instants import utc, utc_or_none
from telephony.calls.leg import EVER, Leg
from telephony.calls.matter import Matter
from telephony.calls.offers import AgentOf, offers
from telephony.calls.outcomes import outcome
from telephony.calls.recordings import recordings
from telephony.calls.segments import all_talks, segments, talk_and_hold
from telephony.calls.together import Talk, heard_in
from telephony.calls.transfers import transfers

_INBOUND = frozenset({"962200", "12345", "110"})


class Reading(msgspec.Struct, frozen=True):
    """How to read: the trunks, who had which device when, the waiting contexts' beginning."""

    trunks: Trunks
    agent_of: AgentOf
    waiting: str = "hotline-wait"


def view(matter: Matter, reading: Reading) -> Call | None:
    """The call, None as long as there is only a channel of which nobody said whose it is."""
    who = cast(matter, reading.trunks)
    if who is None or not _is_a_call(matter, who):
        return None
    heard = heard_in(who.citizen, who.halves) if who.citizen else []
    found = all_talks(who, heard, reading.waiting)
    call = _identity(matter, who)
    ended = _ended_at(who)
    number = _number(matter, who)
    if matter.e164[0] != number:
        matter.e164 = (number, e164(number))
    answered = _answered_at(who, found)
    queued = min(matter.queued, default=None)
    talk, hold = talk_and_hold(found) if ended is not None else (None, None)
    is_closed = ended is not None
    return Call(
        id=call,
        linkedid=min((leg.began, leg.uid) for leg in matter.legs.values())[1],
        way=who.way,
        started_at=utc(min(leg.began for leg in who.real)),
        state=_state(matter, who, found) if not is_closed else "ended",
        citizen_number=number,
        citizen_e164=matter.e164[1],
        citizen_name=_name(matter, who),
        did=_did(matter, who),
        sender_case=(matter.entry.case or None) if matter.entry else None,
        queued_at=utc_or_none(queued),
        answered_at=utc_or_none(answered),
        ended_at=utc_or_none(ended),
        outcome=outcome(matter, who, found) if is_closed else None,
        hangup_cause=(who.citizen or who.root).cause if is_closed else None,
        queue_seconds=_waited(matter, who, found),
        talk_seconds=talk,
        hold_seconds=hold,
        offers=offers(who, reading.agent_of),
        segments=segments(found, reading.agent_of),
        transfers=transfers(matter, who, found, reading.trunks),
        recordings=recordings(matter, who, heard, call),
        survey=min(matter.surveys)[1] if matter.surveys else None,
    )


def _is_a_call(matter: Matter, who: Cast) -> bool:
    """A channel alone, just born, has not been named yet by the dialplan or the server."""
    if matter.entry or matter.outgoing or matter.first_call or len(matter.legs) > 1:
        return any(leg.born is not None for leg in matter.legs.values()) or bool(matter.entry)
    root = who.root
    if root.born is None:
        return False
    return bool(matter.queued or root.marks or root.dialled_at or root.ended_at or root.machine)


def _identity(matter: Matter, who: Cast) -> str:
    """Our own id; the first channel's where none was given."""
    if matter.entry and matter.entry.call:
        return matter.entry.call
    if matter.first_call:
        return matter.first_call[1]
    return next((call for call in matter.outgoing.values() if call), who.root.uid)


def _ended_at(who: Cast) -> float | None:
    """A call ends with the outside party; one that reached nobody, with its last channel."""
    citizen = who.citizen
    if citizen and (who.way != "outbound" or citizen.up_at is not None):
        return citizen.ended_at
    end = max(leg.end for leg in who.real)
    return None if end == EVER else end


def _number(matter: Matter, who: Cast) -> str | None:
    """The outside party's digits as carried; a text without any digit is no number."""
    if who.way == "internal":
        return None
    if who.way == "outbound":
        dialled = who.citizen.to.partition("@")[0].removeprefix("PJSIP/") if who.citizen else ""
        told = min(matter.numbers)[1] if matter.numbers else ""
        number = dialled or told or who.root.destined
    else:
        number = _whole(matter.entry.number if matter.entry else "", who.root.number)
    return number if any(c.isdigit() for c in number) else None


def _name(matter: Matter, who: Cast) -> str | None:
    if who.way not in _INBOUND:
        return None
    return _whole(matter.entry.caller if matter.entry else "", who.root.caller) or None


def _whole(told: str, seen: str) -> str:
    """What the dialplan told, unless it cut at a comma what the channel bears whole."""
    return seen if not told or seen.startswith(told + ",") else told


def _did(matter: Matter, who: Cast) -> str | None:
    if who.way not in _INBOUND:
        return None
    return (matter.entry.did if matter.entry else "") or who.root.exten or None


def _answered_at(who: Cast, found: list[Talk]) -> float | None:
    """By a person: the first agent, or the outside party that was called."""
    if who.way == "outbound":
        return who.citizen.up_at if who.citizen else None
    if who.way == "internal":
        called = [leg.up_at for leg in who.real if leg is not who.root and leg.up_at is not None]
        return min(called, default=None)
    return found[0].since if found else None


def _waited(matter: Matter, who: Cast, found: list[Talk]) -> float | None:
    """Seconds from joining the queue to leaving it, answered or not."""
    if not matter.queued:
        return None
    since = min(matter.queued)
    ends = [*matter.unqueued, *(talk.since for talk in found), *(leg.end for leg in (who.root,))]
    until = min((at for at in ends if at >= since), default=EVER)
    return None if until == EVER else round(until - since, 6)


def _state(matter: Matter, who: Cast, found: list[Talk]) -> State:
    """Where a living call is."""
    open_talks = [talk for talk in found if talk.until == EVER]
    if open_talks:
        return "held" if all(_is_held(talk) for talk in open_talks) else "talking"
    if any(_is_ringing(leg) for leg in who.real):
        return "ringing"
    if who.citizen and any(t.leg.end == EVER and _is_busy(t.leg) for t in found):
        return "held"
    if who.way in ("outbound", "internal"):
        return "talking" if (who.citizen or who.root).up_at is not None else "ringing"
    if matter.queued and max(matter.queued) > max(matter.unqueued, default=0.0):
        return "queued"
    return "greeting"


def _is_held(talk: Talk) -> bool:
    return any(until == EVER for _, until in talk.holds())


def _is_ringing(leg: Leg) -> bool:
    return (
        leg.kind == "device"
        and leg.dialled_at is not None
        and leg.up_at is None
        and leg.ended_at is None
    )


def _is_busy(leg: Leg) -> bool:
    """Whether the channel is in a bridge still: the agent consults a third."""
    return bool(leg.stays) and leg.stays[-1].until == EVER
