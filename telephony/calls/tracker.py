"""Holds everything known of one switch's calls and tells what each fact changed."""

import math
from collections.abc import Iterable, Mapping
from types import MappingProxyType

import msgspec

from routing.calls import Call, Way
from routing.happenings import CallStepped, DeviceChanged, Happening
from telephony import facts
from telephony.calls.aging import KEPT, Aging
from telephony.calls.instants import utc
from telephony.calls.leg import ENTER, EVER, GONE, Leg
from telephony.calls.matter import Matter
from telephony.calls.phones import Phones
from telephony.calls.record import RECORD
from telephony.calls.register import RESTORED, Register
from telephony.calls.restored import remembered
from telephony.calls.steps import steps
from telephony.calls.view import Reading, view
from telephony.facts import Fact, LegFact

TRUNKS: Mapping[str, Way] = MappingProxyType(
    {"trunk-city": "962200", "trunk-12345": "12345", "trunk-110": "110"}
)


class Tracker:
    """The calls of one switch.

    Facts may be late, doubled and out of order. Nothing is ever raised on what they say.

    Args:
        trunks: way in by the trunk's endpoint name.
        waiting: how the dialplan contexts begin in which citizen and agent are held by the page.
        kept: seconds for which an ended call is remembered.
    """

    def __init__(
        self,
        *,
        trunks: Mapping[str, Way] = TRUNKS,
        waiting: str = "hotline-wait",
        kept: float = KEPT,
    ) -> None:
        self._register = Register(frozenset(trunks))
        self._phones = Phones()
        self._reading = Reading(trunks, self._phones.agent_of, waiting)
        self._cut: float | None = None
        self._shown: dict[str, Matter] = {}
        self._aging = Aging(kept)

    def apply(self, fact: Fact) -> list[Happening]:
        """Take a fact in; the happenings it amounts to, in order."""
        if not math.isfinite(fact.at):
            return []
        for matter in self._aging.due(fact.at):
            self._forget(matter)
        if isinstance(fact, LegFact):
            named = self._named(fact)
            return self._about_leg(named) if named else []
        match fact:
            case facts.Reachable():
                return self._reach(fact)
            case facts.SignedIn():
                self._phones.sign(fact.device, fact.agent, fact.at)
            case facts.Cut():
                self._cut = fact.at
            case facts.Booted():
                return self._boot(fact)
            case facts.Listed():
                return self._sweep(fact)
        return []

    def live(self) -> list[Call]:
        """The calls that have not ended, oldest first."""
        shown = (matter.shown for matter in self._shown.values())
        calls = [call for call in shown if call and call.ended_at is None]
        return sorted(calls, key=lambda call: call.started_at)

    def get(self, call_id: str) -> Call | None:
        """A call by its id, as long as it is remembered."""
        matter = self._shown.get(call_id)
        return matter.shown if matter else None

    def calls(self) -> list[Call]:
        """All calls remembered, oldest first."""
        calls = [matter.shown for matter in self._shown.values() if matter.shown]
        return sorted(calls, key=lambda call: (call.started_at, call.id))

    def restore(self, calls: Iterable[Call]) -> None:
        """Take over what was known before our own restart; tells nothing."""
        for call in calls:
            for fact in remembered(call, self._reading.trunks):
                self.apply(fact)
            matter = self._shown.get(call.id)
            if matter:
                matter.before = call.transfers
                matter.shown = view(matter, self._reading)

    def _named(self, fact: LegFact) -> LegFact | None:
        """The fact with its channel's Uniqueid, where the switch named it otherwise."""
        if fact.leg:
            return fact
        leg = self._register.started(fact.name)
        changed = {"leg": leg.uid, "linkedid": leg.uid} if leg else {}
        return msgspec.structs.replace(fact, **changed) if leg else None

    def _about_leg(self, fact: LegFact) -> list[Happening]:
        known = len(self._register.legs)
        leg = self._register.leg(fact)
        if len(self._register.legs) > known:
            self._aging.add(fact.at, leg.matter)
        changed = RECORD[type(fact)](leg, fact)
        self._register.relate(leg, fact)
        absorbed = self._absorbed(leg.matter, fact.at)
        if absorbed or (changed and not _is_quiet(fact, leg, self._register)):
            return absorbed + self._show(leg.matter, fact.at)
        return absorbed

    def _absorbed(self, into: Matter, at: float) -> list[Happening]:
        """A call that turned out to be a part of another is over as a call of its own."""
        told: list[Happening] = []
        while self._register.absorbed:
            gone = self._register.absorbed.pop().shown
            if gone and self._shown.pop(gone.id, into) is not into and gone.ended_at is None:
                over = msgspec.structs.replace(gone, state="ended", ended_at=utc(at))
                told.append(CallStepped("ended", over, utc(at)))
        return told

    def _show(self, matter: Matter, at: float) -> list[Happening]:
        old, new = matter.shown, view(matter, self._reading)
        if new is None or new == old:
            return []
        if old and old.id != new.id:
            self._shown.pop(old.id, None)
            old = None
        matter.shown = new
        self._shown[new.id] = matter
        return [*steps(old, new, utc(at))]

    def _reach(self, fact: facts.Reachable) -> list[Happening]:
        told: list[Happening] = []
        if self._phones.reach(fact.device, reachable=fact.reachable):
            told.append(DeviceChanged(fact.device, fact.reachable, utc(fact.at)))
        if not fact.reachable:
            legs = self._register.devices.get(fact.device, [])
            for leg in self._phones.silenced(legs, fact.at):
                told += self._show(leg.matter, fact.at)
        return told

    def _boot(self, fact: facts.Booted) -> list[Happening]:
        """Whatever was alive when the connection was lost died with the switch that restarted."""
        cut, booted = self._cut, fact.at - fact.uptime
        if cut is None or booted < cut:
            return []
        dead = [leg for leg in self._living() if leg.last_seen <= max(cut, booted - 1.0)]
        for leg in dead:
            leg.matter.lost_at = cut
        return self._end(dead, cut)

    def _sweep(self, fact: facts.Listed) -> list[Happening]:
        for leg in self._living():
            if leg.uid in fact.legs:
                _move(leg, fact.bridges.get(leg.uid, ""), fact)
        gone = [
            leg
            for leg in self._living()
            if leg.uid not in fact.legs and leg.last_seen <= fact.since
        ]
        moved = {id(leg.matter): leg.matter for leg in self._living()}
        told = self._end(gone, fact.since)
        return told + [step for matter in moved.values() for step in self._show(matter, fact.at)]

    def _end(self, legs: list[Leg], at: float) -> list[Happening]:
        """The channels ended, as far as known, with the last that was heard of them or at all."""
        for leg in legs:
            leg.end_at(max(at, leg.last_seen), None, lost=True)
        matters = {id(leg.matter): leg.matter for leg in legs}
        return [step for matter in matters.values() for step in self._show(matter, at)]

    def _living(self) -> list[Leg]:
        return [leg for leg in self._register.legs.values() if leg.ended_at is None]

    def _forget(self, matter: Matter) -> None:
        self._register.forget(matter)
        if matter.shown and self._shown.get(matter.shown.id) is matter:
            del self._shown[matter.shown.id]
        matter.legs = {}


def _is_quiet(fact: LegFact, leg: Leg, register: Register) -> bool:
    """Whether what changed shows only with a later fact, so that the call need not be read now."""
    if leg.matter.shown is None or leg.ended_at is not None:
        return False
    if isinstance(fact, facts.Joined):
        return register.is_alone(leg, fact.bridge)
    if isinstance(fact, facts.Born):
        return leg.uid != fact.linkedid and leg.first_seen == leg.last_seen
    return isinstance(fact, _QUIET)


_QUIET = (facts.Ringing, facts.DialOver, facts.Conferred, facts.HungUp)


def _move(leg: Leg, bridge: str, fact: facts.Listed) -> None:
    """Set right in which bridge the channel is; a provisional name gives way to the true one."""
    if bridge:
        leg.name_bridges(RESTORED, bridge)
    inside = {stay.bridge for stay in leg.stays if stay.until == EVER}
    moved = max(fact.since, leg.last_seen)
    for left in inside - {bridge}:
        leg.mark(moved, GONE, left)
    if bridge and bridge not in inside:
        leg.mark(moved if inside else fact.at, ENTER, bridge)
