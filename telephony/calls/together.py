"""When two channels shared a bridge; Local channels in between are looked through."""

from collections.abc import Iterable
from typing import NamedTuple

from telephony.calls.leg import EVER, Leg, Stay

SEAM = 0.05  # seconds; a channel moved from bridge to bridge is in neither for a moment
LONG = 0.5  # seconds; whoever is still there apart for longer has not hung up, he waits

Spans = list[tuple[float, float]]


class Talk(NamedTuple):
    """An agent's time with the citizen; `away`: both waited apart, held by the page."""

    leg: Leg
    since: float
    until: float
    away: Spans

    def holds(self) -> Spans:
        """Times on hold within the talk, not overlapping; a lasting one ends EVER."""
        spans = [
            (max(since, self.since), min(until, self.until)) for since, until in self.leg.held()
        ]
        return union([*(s for s in spans if s[0] < s[1]), *self.away])


def union(spans: Iterable[tuple[float, float]], *, seam: float = 0.0) -> Spans:
    """The same times without overlaps, in order; gaps up to `seam` seconds are closed."""
    merged: Spans = []
    for since, until in sorted(spans):
        if merged and since <= merged[-1][1] + seam:
            merged[-1] = (merged[-1][0], max(merged[-1][1], until))
        else:
            merged.append((since, until))
    return merged


def heard_in(citizen: Leg, halves: list[Leg]) -> list[Stay]:
    """Where the citizen is heard: the own bridges, and those at the far end of Local channels."""
    stays = list(citizen.stays)
    pairs = [(one, two) for one in halves for two in halves if _are_a_pair(one, two)]
    for stay in stays:  # grows while it is walked
        for near, far in pairs:
            stays += [s for s in _through(stay, near, far) if s not in stays]
    return stays


def _are_a_pair(one: Leg, two: Leg) -> bool:
    return one is not two and one.name[:-2] == two.name[:-2] and one.kind == "local"


def _through(stay: Stay, near: Leg, far: Leg) -> list[Stay]:
    """The far half's stays while the near half is in the bridge of `stay`."""
    found = []
    for at, here in ((a, b) for a in near.stays if a.bridge == stay.bridge for b in far.stays):
        since = max(stay.since, at.since, here.since)
        until = min(stay.until, at.until, here.until)
        if since < until:
            found.append(Stay(here.bridge, since, until))
    return found


def together(leg: Leg, heard: list[Stay]) -> Spans:
    """When the channel was where the citizen was heard."""
    spans = [
        (max(a.since, b.since), min(a.until, b.until))
        for a in leg.stays
        for b in heard
        if a.bridge == b.bridge and a.since <= b.until and b.since <= a.until
    ]
    return union(spans) if len(spans) > 1 else spans


def talks(citizen: Leg, agent: Leg, heard: list[Stay], legs: list[Leg], waiting: str) -> list[Talk]:
    """An agent's talks with the citizen.

    Both moved together from one bridge to another go on talking, held meanwhile, and so do both who
    wait apart until one gives up; the agent who was in company of a third in between comes back to
    a new talk.

    Args:
        citizen: the outside party's channel.
        agent: an agent's channel.
        heard: where the citizen was heard.
        legs: all channels of the matter.
        waiting: how the dialplan contexts begin in which both wait to be joined again.
    """
    found: list[Talk] = []
    for since, until in together(agent, heard):
        last = found[-1] if found else None
        if last and _is_same(last.until, since, citizen, agent, legs):
            gap = [(last.until, since)] if since - last.until > SEAM else []
            found[-1] = Talk(agent, last.since, until, last.away + gap)
        else:
            found.append(Talk(agent, since, until, []))
    if found and found[-1].until < EVER:
        left, until = found[-1].until, min(agent.end, citizen.end)
        waited = LONG < until - left < EVER and _is_same(left, until, citizen, agent, legs)
        if until > left and (waited or _were_sent(citizen, agent, left, waiting)):
            found[-1] = found[-1]._replace(until=until, away=[*found[-1].away, (left, until)])
    return found


def _is_same(left: float, back: float, citizen: Leg, agent: Leg, legs: list[Leg]) -> bool:
    if back - left <= SEAM:
        return True
    return not any(
        _in_company(one, other, left, back)
        for one in (citizen, agent)
        for other in legs
        if other is not citizen and other is not agent
    )


def _in_company(leg: Leg, other: Leg, since: float, until: float) -> bool:
    return any(
        a.bridge == b.bridge and max(a.since, b.since, since) < min(a.until, b.until, until)
        for a in leg.stays
        for b in other.stays
    )


def _were_sent(citizen: Leg, agent: Leg, left: float, waiting: str) -> bool:
    """Whether the two were sent to wait; either may be told to leave before it is there."""
    return any(
        at >= left - SEAM and (leg is agent or at <= left + SEAM) and context.startswith(waiting)
        for leg in (agent, citizen)
        for at, context in leg.contexts
    )
