"""Which channel belongs to which matter: by Linkedid, by our own id, by a shared bridge.

A citizen with two legs of one matter is one call, two citizens never are: matters that both have an
entry of their own stay apart, whatever they share.
"""

from telephony.calls.leg import EVER, Leg
from telephony.calls.matter import Matter
from telephony.facts import Born, Conferred, Destined, Dialled, Joined, LegFact

RESTORED = "restored:"  # Uniqueid of a channel known from before our own restart, until seen again
_SECOND_LINE = "internal"


class Register:
    """All channels and matters that are remembered."""

    def __init__(self, trunks: frozenset[str]) -> None:
        self._trunks = trunks
        self.legs: dict[str, Leg] = {}
        self.devices: dict[str, list[Leg]] = {}
        self.absorbed: list[Matter] = []  # since last asked for
        self._keys: dict[str, Matter] = {}
        self._bridges: dict[str, list[Leg]] = {}
        self._rooms: dict[str, Leg] = {}
        self._started: dict[str, Leg] = {}  # by the server, by what was dialled

    def leg(self, fact: LegFact) -> Leg:
        """The channel a fact is about, in its matter; both made where unknown."""
        leg = self.legs.get(fact.leg)
        if leg is None:
            leg = self._new(fact)
        if fact.at < leg.first_seen:
            leg.first_seen = fact.at
        elif fact.at > leg.last_seen:
            leg.last_seen = fact.at
        if fact.linkedid:  # OriginateResponse has none
            self._key(leg, fact.linkedid)
        call = getattr(fact, "call", "")
        if call:
            self._key(leg, "call " + call)
        return leg

    def is_alone(self, leg: Leg, bridge: str) -> bool:
        """Whether nobody else has been in the bridge, as far as known."""
        return self._bridges.get(bridge) == [leg]

    def started(self, dialled: str) -> Leg | None:
        """The channel last started by the server to that interface."""
        return self._started.get(dialled.partition("/")[2])

    def relate(self, leg: Leg, fact: LegFact) -> None:
        """Join matters that turn out to be one by what the fact tells."""
        match fact:
            case Joined():
                self._share(leg, fact.bridge)
            case Born() if fact.dials and leg.kind == "device" and leg.uid == fact.linkedid:
                self._second_line(leg, fact.at)
            case Dialled() if not fact.by:
                self._started[fact.to] = leg
            case Conferred():
                self._rooms[fact.room] = leg
            case Destined():
                self._expected(leg, fact)

    def forget(self, matter: Matter) -> None:
        """Remember nothing of a matter."""
        for key in matter.keys:
            self._keys.pop(key, None)
        for leg in matter.legs.values():
            self.legs.pop(leg.uid, None)
            _drop(self.devices, leg.device, leg)
            for _, _, bridge in leg.marks:
                _drop(self._bridges, bridge, leg)
            if self._started.get(leg.to) is leg:
                del self._started[leg.to]
            for room in leg.rooms:
                if self._rooms.get(room) is leg:
                    del self._rooms[room]

    def _new(self, fact: LegFact) -> Leg:
        call = getattr(fact, "call", "")
        matter = self._keys.get(fact.linkedid) or self._keys.get("call " + call) or Matter()
        leg = Leg(fact.leg, fact.name, self._trunks, fact.at)
        known = next((old for old in matter.legs.values() if _is_the_same(old, leg)), None)
        if known:
            del self.legs[known.uid], matter.legs[known.uid]
            known.uid, known.name = leg.uid, leg.name
            leg = known
        else:
            self.devices.setdefault(leg.device, []).append(leg)
        leg.matter = matter
        matter.legs[leg.uid] = self.legs[leg.uid] = leg
        return leg

    def _key(self, leg: Leg, key: str) -> None:
        owner = self._keys.get(key)
        if owner is None:
            self._keys[key] = leg.matter
            leg.matter.keys.add(key)
        elif owner is not leg.matter:
            self._unite(owner, leg.matter)

    def _unite(self, one: Matter, two: Matter) -> None:
        if one is two or (one.entry and two.entry and one.entry.leg != two.entry.leg):
            return
        keeps, goes = (two, one) if _precedence(two) < _precedence(one) else (one, two)
        keeps.absorb(goes)
        for key in goes.keys:
            self._keys[key] = keeps
        self.absorbed.append(goes)

    def _share(self, leg: Leg, bridge: str) -> None:
        inside = self._bridges.setdefault(bridge, [])
        if leg not in inside:
            inside.append(leg)
        for other in inside:
            if other.matter is not leg.matter and _met(leg, other, bridge):
                self._unite(other.matter, leg.matter)

    def _second_line(self, leg: Leg, at: float) -> None:
        """A phone in a call that dials another number consults about that call."""
        for first in self.devices.get(leg.device, ()):
            talks = first.up_at is not None and first.began < at < first.end
            shown = first.matter.shown
            if talks and first is not leg and shown and shown.way != _SECOND_LINE:
                self._unite(first.matter, leg.matter)
                return

    def _expected(self, leg: Leg, fact: Destined) -> None:
        """Whoever was dialled to join a conference belongs to it, answered or not."""
        waiting = self._rooms.get(fact.exten)
        if waiting and waiting.began < fact.at < waiting.end:
            self._unite(waiting.matter, leg.matter)


def _is_the_same(old: Leg, new: Leg) -> bool:
    """Whether a channel known from before our restart is the one seen now."""
    return (
        old.uid.startswith(RESTORED)
        and old.ended_at is None
        and (old.device == new.device or old.kind == new.kind == "trunk")
    )


def _met(one: Leg, two: Leg, bridge: str) -> bool:
    return any(
        a.bridge == b.bridge == bridge and a.since < b.until and b.since < a.until
        for a in one.stays
        for b in two.stays
    )


def _precedence(matter: Matter) -> tuple[bool, float]:
    """Which of two keeps its identity: the one with an entry, else the older one."""
    began = min((leg.began for leg in matter.legs.values()), default=EVER)
    return matter.entry is None, began


def _drop(index: dict[str, list[Leg]], key: str, leg: Leg) -> None:
    kept = [each for each in index.get(key, ()) if each is not leg]
    if kept:
        index[key] = kept
    else:
        index.pop(key, None)
