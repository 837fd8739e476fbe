"""The table of facts: what each changes in the records of a channel or its matter.

Every entry says whether it changed anything. Each is a minimum, an insertion or a first value, so
that the order of facts and their number do not matter.
"""

from collections.abc import Callable
from typing import Any

from telephony import facts
from telephony.calls.leg import ENTER, LEAVE, Leg
from telephony.calls.matter import Named
from telephony.facts import LegFact

Entry = Callable[[Leg, Any], bool]


def _earliest(leg: Leg, field: str, at: float) -> bool:
    known = getattr(leg, field)
    if known is not None and known <= at:
        return False
    setattr(leg, field, at)
    return True


def _added(known: set[Any], item: Any) -> bool:
    if item in known:
        return False
    known.add(item)
    return True


def _born(leg: Leg, fact: facts.Born) -> bool:
    named = leg.matter.name(fact.at, fact.call)
    if leg.guessed:
        leg.born, leg.guessed = None, False
    if not _earliest(leg, "born", fact.at):
        return named
    leg.dials = fact.dials if leg.dials is None else leg.dials
    leg.number, leg.caller, leg.exten = fact.number, fact.caller, fact.exten
    return True


def _present(leg: Leg, fact: facts.Present) -> bool:
    changed = leg.matter.name(fact.at, fact.call)
    if leg.born is None:
        leg.born, leg.guessed, leg.dials = fact.began, True, fact.dials
        leg.number, leg.caller, leg.exten = fact.number, fact.caller, fact.exten
        changed = True
    if fact.up and leg.up_at is None:
        leg.up_at = fact.at
        changed = True
    if fact.dials is False and leg.dialled_at is None:
        leg.dialled_at = leg.born
        changed = True
    return changed


def _ringing(leg: Leg, fact: facts.Ringing) -> bool:
    return leg.matter.name(fact.at, fact.call) | _earliest(leg, "rang_at", fact.at)


def _up(leg: Leg, fact: facts.Up) -> bool:
    return leg.matter.name(fact.at, fact.call) | _earliest(leg, "up_at", fact.at)


def _dialled(leg: Leg, fact: facts.Dialled) -> bool:
    named = leg.matter.name(fact.at, fact.call)
    if not _earliest(leg, "dialled_at", fact.at):
        return named
    leg.by, leg.to = fact.by, fact.to
    return True


def _dial_over(leg: Leg, fact: facts.DialOver) -> bool:
    if fact.status in leg.statuses:
        return False
    leg.statuses = (*leg.statuses, fact.status)
    return True


def _left(leg: Leg, fact: facts.Left) -> bool:
    where = (fact.at, fact.context)
    if fact.context and where not in leg.contexts:
        leg.contexts = (*leg.contexts[-3:], where)
    return leg.mark(fact.at, LEAVE, fact.bridge)


def _conferred(leg: Leg, fact: facts.Conferred) -> bool:
    if fact.room in leg.rooms:
        return False
    leg.rooms = (*leg.rooms, fact.room)
    return True


def _destined(leg: Leg, fact: facts.Destined) -> bool:
    if leg.destined:
        return False
    leg.destined = fact.exten
    return True


def _outgoing(leg: Leg, fact: facts.Outgoing) -> bool:
    told = _added(leg.matter.numbers, (fact.at, fact.number)) if fact.number else False
    known = leg.matter.outgoing.get(leg.uid) == fact.call
    leg.matter.outgoing[leg.uid] = fact.call
    return leg.matter.name(fact.at, fact.call) | told | (not known)


def _waiting(leg: Leg, fact: facts.Waiting) -> bool:
    return not leg.matter.queued and _added(leg.matter.queued, fact.since)


def _blind(leg: Leg, fact: facts.BlindTransferred) -> bool:
    key = (fact.at, fact.leg)
    return leg.matter.blind.setdefault(key, fact) is fact


def _attended(leg: Leg, fact: facts.AttendedTransferred) -> bool:
    key = (fact.at, fact.leg)
    return leg.matter.attended.setdefault(key, fact) is fact


def _named(leg: Leg, fact: facts.RecordingNamed) -> bool:
    return _added(leg.matter.named, Named(fact.at, fact.recording))


def _machine(leg: Leg, _: facts.Machine) -> bool:
    was, leg.machine = leg.machine, True
    return not was


RECORD: dict[type[LegFact], Entry] = {
    facts.Born: _born,
    facts.Present: _present,
    facts.Ringing: _ringing,
    facts.Up: _up,
    facts.Dialled: _dialled,
    facts.DialOver: _dial_over,
    facts.HungUp: lambda leg, fact: _earliest(leg, "hung_at", fact.at),
    facts.Ended: lambda leg, fact: leg.end_at(fact.at, fact.cause),
    facts.Joined: lambda leg, fact: leg.mark(fact.at, ENTER, fact.bridge),
    facts.Left: _left,
    facts.Held: lambda leg, fact: leg.hold(fact.at, on=True),
    facts.Resumed: lambda leg, fact: leg.hold(fact.at, on=False),
    facts.Entered: lambda leg, fact: leg.matter.enter(fact),
    facts.Outgoing: _outgoing,
    facts.Destined: _destined,
    facts.Conferred: _conferred,
    facts.Queued: lambda leg, fact: _added(leg.matter.queued, fact.at),
    facts.Waiting: _waiting,
    facts.Unqueued: lambda leg, fact: _added(leg.matter.unqueued, fact.at),
    facts.BlindTransferred: _blind,
    facts.AttendedTransferred: _attended,
    facts.Recorded: lambda leg, fact: _added(leg.matter.recorded, (fact.at, leg.uid)),
    facts.RecordingOver: lambda leg, fact: _added(leg.matter.unrecorded, (fact.at, leg.uid)),
    facts.RecordingNamed: _named,
    facts.Surveyed: lambda leg, fact: _added(leg.matter.surveys, (fact.at, fact.digit)),
    facts.CalledBack: lambda leg, fact: _added(leg.matter.callback, (fact.at, fact.number)),
    facts.Machine: _machine,
}
