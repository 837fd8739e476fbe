"""What happened to a call: the difference between what was known of it and what is now."""

from collections.abc import Iterator
from datetime import datetime

from routing.calls import Call, Offer, Segment
from routing.happenings import CallStepped, Step

Noted = tuple[Step, str | None]


def steps(old: Call | None, new: Call, at: datetime) -> list[CallStepped]:
    """The steps from one to the other, which differ, in the order in which they happen."""
    noted = dict.fromkeys(_steps(old, new)) or {("amended", None): None}
    return [CallStepped(step, new, at, device) for step, device in noted]


def _steps(old: Call | None, new: Call) -> Iterator[Noted]:
    if old is None:
        yield "arrived", None
    if new.queued_at and not (old and old.queued_at):
        yield "queued", None
    yield from _ringing(old.offers if old else (), new.offers)
    yield from _talking(old.segments if old else (), new.segments)
    if old and {old.state, new.state} == {"talking", "held"}:
        yield ("held" if new.state == "held" else "resumed"), _talker(new)
    if new.transfers != (old.transfers if old else ()):
        yield "transferred", new.transfers[-1].by if new.transfers else None
    if new.ended_at and not (old and old.ended_at):
        yield "ended", None


def _ringing(old: tuple[Offer, ...], new: tuple[Offer, ...]) -> Iterator[Noted]:
    before = {(offer.device, offer.rang_at): offer.outcome for offer in old}
    for offer in new:
        key = (offer.device, offer.rang_at)
        if key not in before:
            yield "offered", offer.device
        if offer.outcome not in (None, "answered") and before.get(key) is None:
            yield "withdrawn", offer.device


def _talking(old: tuple[Segment, ...], new: tuple[Segment, ...]) -> Iterator[Noted]:
    before = {(segment.device, segment.since): segment.until for segment in old}
    for segment in new:
        key = (segment.device, segment.since)
        if key not in before:
            yield "answered", segment.device
            if segment.until:
                yield "left", segment.device
        elif segment.until and before[key] is None:
            yield "left", segment.device
        elif before[key] and segment.until is None:
            yield "resumed", segment.device


def _talker(call: Call) -> str | None:
    return next((each.device for each in reversed(call.segments) if each.until is None), None)
