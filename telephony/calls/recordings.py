"""Which sound files a call has, how long they are, and where in them people speak together."""

from routing.calls import Recording
from telephony.calls.cast import Cast
from telephony.calls.instants import utc
from telephony.calls.leg import EVER, Leg, Stay
from telephony.calls.matter import Matter
from telephony.calls.together import SEAM, Spans, together, union

_NEAR = 2.0  # seconds between a recorder's start and the event that names its file


def recordings(matter: Matter, cast: Cast, heard: list[Stay], call: str) -> tuple[Recording, ...]:
    """The recordings in order; one whose name was never told bears the call's id."""
    begun = _begun(matter, call)
    if not begun:
        return ()
    ends = _ends(matter, begun)
    speaking = _speaking(cast, heard) if min(ends) < EVER else []
    return tuple(
        _recording(name, at, ends[index], speaking) for index, (at, _, name) in enumerate(begun)
    )


def _begun(matter: Matter, call: str) -> list[tuple[float, str, str]]:
    """When, on which channel, and the file's id."""
    names = sorted(matter.named)
    begun: list[tuple[float, str, str]] = []
    for at, uid in sorted(matter.recorded):
        own = next((n for n in names if abs(n.at - at) <= _NEAR), None)
        if own:
            names.remove(own)
        unnamed = call if not begun else f"{call}-{len(begun) + 1}"
        begun.append((at, uid, own.recording if own else unnamed))
    known = {name for _, _, name in begun}
    root = next(iter(matter.legs))
    begun += [(n.at, root, n.recording) for n in names if n.recording not in known]
    return sorted(begun)


def _ends(matter: Matter, begun: list[tuple[float, str, str]]) -> list[float]:
    """A recorder's stop ends the youngest one on its channel; the channel's end ends all."""
    ends = [EVER] * len(begun)
    for at, uid in sorted(matter.unrecorded):
        running = [i for i, one in enumerate(begun) if one[1] == uid and one[0] < at < ends[i]]
        if running:
            ends[running[-1]] = at
    legs = matter.legs
    return [
        min(end, legs[uid].end if uid in legs else EVER)
        for end, (_, uid, _) in zip(ends, begun, strict=True)
    ]


def _speaking(cast: Cast, heard: list[Stay]) -> Spans:
    others: list[Leg] = [leg for leg in cast.real if leg is not cast.citizen]
    return union((span for leg in others for span in together(leg, heard)), seam=SEAM)


def _recording(name: str, at: float, end: float, speaking: Spans) -> Recording:
    if end == EVER:
        return Recording(name, utc(at))
    bridged = tuple(
        (round(max(since, at) - at, 3), round(min(until, end) - at, 3))
        for since, until in speaking
        if since < end and until > at
    )
    return Recording(name, utc(at), round(end - at, 6), "closed", bridged)
