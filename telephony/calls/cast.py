"""Who is who in a matter: the citizen's channel, the agents' channels, the way the call came."""

from collections.abc import Mapping
from typing import NamedTuple

from routing.calls import Way
from telephony.calls.leg import Leg
from telephony.calls.matter import Matter

Trunks = Mapping[str, Way]
"""Way in by the trunk's endpoint name."""

_SOURCES: dict[str, Way] = {"direct": "962200", "12345": "12345", "110": "110"}


class Cast(NamedTuple):
    """A matter's channels by their part, each list in order of birth.

    `citizen` is the outside party's channel, None where there is none (yet); `root` the first one.
    """

    way: Way
    root: Leg
    citizen: Leg | None
    real: list[Leg]
    halves: list[Leg]


def cast(matter: Matter, trunks: Trunks) -> Cast | None:
    """Who is who, None where no channel of the matter is known to be a call's."""
    legs = sorted(matter.legs.values(), key=lambda leg: (leg.began, leg.uid))
    real = [leg for leg in legs if leg.kind != "local"]
    if not real:
        return None
    entry = matter.entry
    root = next((leg for leg in real if entry and leg.uid == entry.leg), real[0])
    way = _way(matter, root, real, trunks)
    halves = [leg for leg in legs if leg.kind == "local"]
    return Cast(way, root, _citizen(way, root, real), real, halves)


def _way(matter: Matter, root: Leg, real: list[Leg], trunks: Trunks) -> Way:
    if matter.entry:
        by_trunk = trunks.get(root.endpoint, "962200")
        return _SOURCES.get(matter.entry.source, by_trunk)
    if root.kind == "trunk":
        return "outbound" if _is_dialled(root) else trunks[root.endpoint]
    if any(leg.kind == "trunk" for leg in real) or matter.outgoing or _is_dialled(root):
        return "outbound"
    return "internal"


def _citizen(way: Way, root: Leg, real: list[Leg]) -> Leg | None:
    if way == "internal":
        return None
    if way != "outbound":
        return root
    outside = [leg for leg in real if leg.kind == "trunk"]
    return next((leg for leg in outside if leg.up_at is not None), outside[-1] if outside else None)


def _is_dialled(leg: Leg) -> bool:
    return leg.dialled_at is not None or leg.dials is False
