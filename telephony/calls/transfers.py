"""Calls passed on: by REFER or AMI without a word, after a consultation, or to a third as well."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from routing.calls import Transfer, TransferKind, TransferOutcome
from telephony.calls.cast import Cast, Trunks
from telephony.calls.instants import utc
from telephony.calls.leg import EVER, Leg
from telephony.calls.matter import Matter
from telephony.calls.offers import PATIENCE
from telephony.calls.together import SEAM, Talk
from telephony.calls.verdicts import is_given_up, passing_on

_CITIZEN_AND_AGENT = 2


class Passing(NamedTuple):
    """One transfer as it was begun; `over` is when its beginner had done with it, EVER before."""

    kind: TransferKind
    by: str
    to: str
    at: float
    targets: list[Leg]
    passed: bool
    over: float


def transfers(
    matter: Matter, cast: Cast, talks: list[Talk], trunks: Trunks
) -> tuple[Transfer, ...]:
    """All transfers of a matter in order."""
    nobody_else = len(cast.real) <= _CITIZEN_AND_AGENT and not cast.halves and not matter.blind
    if not talks or nobody_else:
        return matter.before
    begun = sorted(
        [*_blind(matter, cast), *_consulted(matter, cast, talks), *_third(cast, talks)],
        key=lambda passing: (passing.at, passing.to),
    )
    known = {(each.kind, each.by, each.to) for each in matter.before}
    new = [
        Transfer(_kind(each, trunks), each.by, each.to, utc(each.at), _outcome(each))
        for each in begun
    ]
    return (*matter.before, *(each for each in new if (each.kind, each.by, each.to) not in known))


def _kind(passing: Passing, trunks: Trunks) -> TransferKind:
    """Whoever is given back to the platform that sent him is handed back."""
    ways = {trunks.get(leg.endpoint) for leg in passing.targets if leg.kind == "trunk"}
    return "handback" if ways & {"12345", "110"} else passing.kind


def _outcome(passing: Passing) -> TransferOutcome | None:
    targets = passing.targets
    if any(leg.up_at is not None for leg in targets):
        return "completed" if passing.passed else "cancelled" if passing.over < EVER else None
    is_over = passing.over < EVER
    if not targets:
        return "failed" if is_over else None
    last = targets[-1]
    if last.ended_at is None and not is_over:
        return None
    if not is_given_up(last):
        return passing_on(last) if last.ended_at is not None else "no_answer"
    patient = last.end - (last.dialled_at or last.began) >= PATIENCE
    return "no_answer" if passing.passed or patient else "cancelled"


def _blind(matter: Matter, cast: Cast) -> Iterator[Passing]:
    begun = sorted(matter.blind.values(), key=lambda fact: fact.at)
    for index, fact in enumerate(begun):
        until = begun[index + 1].at if index + 1 < len(begun) else EVER
        # Whom the queue rings for a citizen who came back to it is no target.
        until = min(until, *(at for at in matter.queued if at > fact.at), EVER)
        targets = [
            leg
            for leg in cast.real
            if leg.by == fact.transferee and fact.at - SEAM <= (leg.dialled_at or 0) < until
        ]
        moved = matter.legs.get(fact.transferee)
        over = (moved.end if moved else EVER) if fact.succeeded else fact.at
        device = fact.name.rpartition("-")[0]
        yield Passing("blind", device, fact.to, fact.at, targets, fact.succeeded, over)


def _consulted(matter: Matter, cast: Cast, talks: list[Talk]) -> Iterator[Passing]:
    agents = {talk.leg.uid: talk.leg for talk in talks}
    pairs = {half.name[:-2]: half for half in cast.halves}
    for name in pairs:
        halves = {half.uid: half for half in cast.halves if half.name[:-2] == name}
        for agent in agents.values():
            near = next((h for h in halves.values() if _asks(agent, h, halves)), None)
            if near:
                to = name.removeprefix("Local/").partition("@")[0]
                yield _attended(matter, cast, agent, to, line=near, lines=halves)
    for leg in cast.real:
        first = next((a for a in agents.values() if _is_second_line(leg, a)), None)
        if first:
            lines = {leg.uid: leg}
            yield _attended(matter, cast, first, leg.exten, line=leg, lines=lines)


def _asks(agent: Leg, half: Leg, halves: Mapping[str, Leg]) -> bool:
    """Whether the agent is behind this half of a Local channel, alone with it."""
    return agent.by not in halves and any(
        a.bridge == b.bridge and a.since < b.until and b.since < a.until
        for a in agent.stays
        for b in half.stays
    )


def _is_second_line(leg: Leg, agent: Leg) -> bool:
    """Whether the agent dialled this channel on the same phone during the call."""
    return (
        leg is not agent
        and leg.device == agent.device
        and leg.dials is True
        and agent.began < leg.began < agent.end
    )


def _attended(
    matter: Matter, cast: Cast, agent: Leg, to: str, *, line: Leg, lines: Mapping[str, Leg]
) -> Passing:
    passed = next(
        (
            fact
            for fact in sorted(matter.attended.values(), key=lambda fact: fact.at)
            if fact.succeeded
            and fact.leg in (agent.uid, line.uid)
            and fact.second in (agent.uid, *lines)
            and fact.at >= line.began - SEAM
        ),
        None,
    )
    targets = [leg for leg in cast.real if leg.by in lines]
    citizen_gone = cast.citizen.end if cast.citizen else EVER
    over = citizen_gone if passed else min(line.end, citizen_gone)
    return Passing("attended", agent.device, to, line.began, targets, passed is not None, over)


def _third(cast: Cast, talks: list[Talk]) -> Iterator[Passing]:
    """Whoever the server called in on his own, to be joined with citizen and agent."""
    for leg in cast.real:
        if leg is cast.root or leg is cast.citizen or leg.by or leg.dialled_at is None:
            continue
        at = leg.dialled_at
        before = [talk for talk in talks if talk.leg is not leg and talk.since <= at + SEAM]
        by = before[-1] if before else None
        if by and at <= by.until + SEAM:
            to = leg.to.partition("@")[0].removeprefix("PJSIP/")
            yield Passing("threeway", by.leg.device, to, at, [leg], True, leg.end)
