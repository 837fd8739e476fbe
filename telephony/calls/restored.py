"""A call known before our own restart, told again as facts; its channels get provisional names.

Only the first channel's Uniqueid is known (the Linkedid); the others are recognised by their device
when they are seen again.
"""

from collections.abc import Iterator
from typing import NamedTuple

from routing.calls import Call, Offer, Segment
from telephony import facts
from telephony.calls.cast import Trunks
from telephony.calls.register import RESTORED
from telephony.facts import Fact

_SOURCES = {"962200": "direct", "12345": "12345", "110": "110"}
_STATUS: dict[str | None, facts.Ring] = {
    "missed": "NOANSWER",
    "withdrawn": "CANCEL",
    "rejected": "BUSY",
    "unreachable": "CHANUNAVAIL",
}
_CAUSES = {"rejected": 17, "unreachable": 20}


class _Told(NamedTuple):
    """The call, and its outside party's channel as facts name it: Uniqueid, name, Linkedid."""

    call: Call
    citizen: tuple[str, str, str]


def remembered(call: Call, trunks: Trunks) -> Iterator[Fact]:
    """The facts that make the call again."""
    trunk = next((name for name, way in trunks.items() if way == call.way), next(iter(trunks)))
    uid = call.linkedid if _is_first(call) else f"{RESTORED}{call.id}/outside"
    told = _Told(call, (uid, f"PJSIP/{trunk}-{RESTORED}", call.linkedid))
    if call.way in _SOURCES:
        yield from _entered(told)
    else:
        yield from _dialled(told)
    yield from _waited(told)
    for index, offer in enumerate(call.offers):
        yield from _rung(told, index, offer)
    for index, segment in enumerate(call.segments):
        yield from _talked(told, index, segment)
    for recording in call.recordings:
        at = recording.started_at.timestamp()
        yield facts.Recorded(at, *told.citizen)
        yield facts.RecordingNamed(at, *told.citizen, call.id, recording.id)


def _is_first(call: Call) -> bool:
    """Whether the outside party's channel was the first; a click to call rings ours first."""
    return call.way != "internal" and (call.way != "outbound" or not call.offers)


def _entered(told: _Told) -> Iterator[Fact]:
    call, at = told.call, told.call.started_at.timestamp()
    yield facts.Born(at, *told.citizen, dials=True, call=call.id)
    yield facts.Entered(
        at,
        *told.citizen,
        call=call.id,
        source=_SOURCES[call.way],
        number=call.citizen_number or "",
        caller=call.citizen_name or "",
        did=call.did or "",
        case=call.sender_case or "",
    )


def _dialled(told: _Told) -> Iterator[Fact]:
    call, at = told.call, told.call.started_at.timestamp()
    first = (call.linkedid, f"{_first_device(call)}-{RESTORED}", call.linkedid)
    if not _is_first(call):
        yield facts.Born(at, *first, dials=call.way == "internal", call=call.id)
    if call.way == "outbound":
        yield facts.Dialled(at, *told.citizen, to=call.citizen_number or "", call=call.id)
        yield facts.Born(at, *told.citizen, dials=False, call=call.id)
        if call.answered_at:
            yield facts.Up(call.answered_at.timestamp(), *told.citizen)


def _first_device(call: Call) -> str:
    return call.offers[0].device if call.offers else "PJSIP/unknown"


def _waited(told: _Told) -> Iterator[Fact]:
    call = told.call
    if call.queued_at:
        at = call.queued_at.timestamp()
        yield facts.Queued(at, *told.citizen)
        if call.queue_seconds is not None:
            yield facts.Unqueued(at + call.queue_seconds, *told.citizen)
    if call.survey:
        yield facts.Surveyed(call.started_at.timestamp(), *told.citizen, call.id, call.survey)


def _leg_of(told: _Told, index: int, device: str) -> tuple[str, str, str]:
    """The channel of the offer of that number; on a click to call the first is the call's own."""
    call = told.call
    if index == 0 and not _is_first(call) and call.way == "outbound":
        return call.linkedid, f"{device}-{RESTORED}", call.linkedid
    return f"{RESTORED}{call.id}/{index}", f"{device}-{RESTORED}", call.linkedid


def _rung(told: _Told, index: int, offer: Offer) -> Iterator[Fact]:
    at, leg = offer.rang_at.timestamp(), _leg_of(told, index, offer.device)
    yield facts.SignedIn(at, offer.device, offer.agent)
    yield facts.Dialled(at, *leg, by=told.citizen[0])
    if offer.outcome == "answered":
        yield facts.Up(at, *leg)
    elif offer.outcome:
        yield facts.DialOver(at, *leg, status=_STATUS[offer.outcome])
        yield facts.Ended(at, *leg, cause=_CAUSES.get(offer.outcome))


def _talked(told: _Told, index: int, segment: Segment) -> Iterator[Fact]:
    call, at = told.call, segment.since.timestamp()
    leg = _leg_of(told, _offer_of(call, segment, index), segment.device)
    bridge = f"{RESTORED}{call.id}/{index}"
    yield facts.SignedIn(at, segment.device, segment.agent)
    yield facts.Joined(at, *leg, bridge)
    yield facts.Joined(at, *told.citizen, bridge)
    if segment.hold_seconds:
        yield facts.Held(at, *leg)
        yield facts.Resumed(at + segment.hold_seconds, *leg)
    if segment.until:
        until = segment.until.timestamp()
        yield facts.Left(until, *leg, bridge)
        yield facts.Left(until, *told.citizen, bridge)
        later = next((s for s in call.segments[index + 1 :] if s.device == segment.device), None)
        yield from _consulted(told, leg, until, later) if later else [facts.Ended(until, *leg)]


def _consulted(
    told: _Told, leg: tuple[str, str, str], since: float, back: Segment
) -> Iterator[Fact]:
    """Between two talks of one agent he was in the company of a third."""
    until, third = back.since.timestamp(), f"{RESTORED}{told.call.id}/{since}"
    for each in (leg, (third, f"{RESTORED}third", told.call.linkedid)):
        yield facts.Joined(since, *each, third)
        yield facts.Left(until, *each, third)
    yield facts.Ended(until, third, f"{RESTORED}third", told.call.linkedid)


def _offer_of(call: Call, segment: Segment, index: int) -> int:
    """The ringing that the talk followed; a number of its own where there was none."""
    rung = [
        number
        for number, offer in enumerate(call.offers)
        if offer.device == segment.device and offer.rang_at <= segment.since
    ]
    return rung[-1] if rung else len(call.offers) + index
