"""Talk and hold of every agent with the citizen."""

from routing.calls import Segment
from telephony.calls.cast import Cast
from telephony.calls.instants import seconds, utc, utc_or_none
from telephony.calls.leg import Stay
from telephony.calls.offers import AgentOf
from telephony.calls.together import Talk, talks


def all_talks(cast: Cast, heard: list[Stay], waiting: str) -> list[Talk]:
    """Everybody's talks with the citizen, in order of their beginning."""
    citizen = cast.citizen
    if citizen is None:
        return []
    legs = cast.real + cast.halves
    found = [
        talk
        for leg in cast.real
        if leg.kind == "device" and leg is not citizen and leg.marks
        for talk in talks(citizen, leg, heard, legs, waiting)
    ]
    return sorted(found, key=lambda talk: (talk.since, talk.leg.uid))


def segments(found: list[Talk], agent_of: AgentOf) -> tuple[Segment, ...]:
    """The talks as everybody sees them."""
    return tuple(
        Segment(
            agent_of(talk.leg.device, talk.since),
            talk.leg.device,
            utc(talk.since),
            utc_or_none(talk.until),
            seconds(talk.holds()),
        )
        for talk in found
    )


def talk_and_hold(found: list[Talk]) -> tuple[float, float]:
    """Sums over the segments: talk without hold, and hold."""
    hold = sum((seconds(talk.holds()) for talk in found), 0.0)
    whole = seconds([(talk.since, talk.until) for talk in found])
    return round(whole - hold, 6), round(hold, 6)
