"""Every flow's call as the product knows it, fact by fact beside Asterisk's own event log."""

from collections.abc import Sequence

import pytest

from routing.calls import Call
from telephony.replay import calls_of
from tests.pbx.cel import Talk, Witness, citizens_channel, witness
from tests.pbx.conftest import FLOWS, TRUNKS, Performance
from tests.pbx.manager import Event
from tests.pbx.score import OWN, Expected, Played

pytestmark = pytest.mark.pbx

CLOSE = 0.1  # seconds between an AMI event and the log's own instant, on a busy machine
HOLD = 0.3  # between the page's command and Asterisk's obedience, on a busy machine
SCRIPTED = 1.0  # a consultation begins by holding the citizen until its announcement is over
A_MOVE = 0.05  # both legs redirected together are apart for less
PARKED = frozenset({"held_from_the_page", "the_agent_vanishes_during_a_hold_from_the_page"})
"""Held apart by the page: the log shows two talks or a shorter one, the product one going on."""

PAIRS = frozenset({"two_calls_in_one_second", "an_urgent_caller_is_served_first"})
CASES = [
    pytest.param(flow.name, number, id=flow.name + (f"-{number}" if number else ""))
    for flow in FLOWS
    for number in range(2 if flow.name in PAIRS else 1)
    if flow.name != "a_number_the_gate_refuses"
]


@pytest.fixture(scope="session")
def known(performance: Performance) -> dict[str, Call]:
    """What the tracker made of the bytes that Asterisk sent."""
    return {call.id: call for call in calls_of(iter([performance.heard]), trunks=TRUNKS)}


@pytest.fixture
def played(performance: Performance, name: str, number: int) -> Played:
    return performance.of(name)[number]


@pytest.fixture
def call(known: dict[str, Call], played: Played) -> Call:
    return known[played.call_id]


@pytest.fixture
def log(performance: Performance, played: Played) -> Witness:
    if played.expected.way == "outbound":
        outside = [row.uniqueid for row in performance.log
                   if row.linkedid == agents_channel(performance, played)
                   and row.channel.startswith("PJSIP/trunk-city")]  # fmt: skip
        return witness(performance.log, outside[0])
    return witness(performance.log, citizens_channel(performance.log, played.call_id))


def agents_channel(performance: Performance, played: Played) -> str:
    """The Linkedid of an outbound call: its first channel is the agent's own."""
    device = f"PJSIP/{played.leg.phone.name}"
    return next(row.uniqueid for row in performance.log if row.device == device)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_the_call_is_told_as_it_was_played(call: Call, played: Played) -> None:
    """Way, citizen, offers, segments, transfers, outcome and survey are those of the script."""
    expected = played.expected
    own = played.leg.phone.name if expected.number == OWN else expected.number
    facts = Expected(
        outcome=call.outcome or "", way=call.way,
        offers=tuple((bare(offer.device), str(offer.outcome)) for offer in call.offers),
        segments=tuple(bare(segment.device) for segment in call.segments),
        transfers=tuple(
            (each.kind, bare(each.by), each.to, str(each.outcome)) for each in call.transfers
        ),
        survey=call.survey, number=expected.number if call.citizen_number == own else "other",
        name=call.citizen_name, case=call.sender_case, held=expected.held,
    )  # fmt: skip
    assert facts == expected
    assert call.citizen_number == own


@pytest.mark.parametrize(("name", "number"), CASES)
def test_time_on_hold_is_what_the_phones_asked_for_within_the_talks(
    performance: Performance, call: Call, log: Witness, played: Played, name: str
) -> None:
    """From Hold to Unhold, as far as the agent was within the citizen's hearing."""
    held = sum(
        min(until, talk.until) - max(since, talk.since)
        for talk in log.talks
        for since, until in holds(performance.events, talk)
    )
    if name in PARKED:
        held = played.expected.held
    assert (call.hold_seconds or 0.0) == pytest.approx(held, abs=HOLD if name in PARKED else 0.1)
    assert held == pytest.approx(played.expected.held, abs=SCRIPTED)


@pytest.mark.parametrize(("name", "number"), CASES)
def test_what_was_told_at_the_time_is_what_is_known_afterwards(
    performance: Performance, call: Call, played: Played
) -> None:
    """The last step told by the living exchange carries the same call as a replay of the bytes."""
    assert performance.product.call(played.call_id) == call


@pytest.mark.parametrize(("name", "number"), CASES)
def test_the_calls_instants_are_those_of_the_log(
    call: Call, log: Witness, played: Played, name: str
) -> None:
    """Beginning, queue, talks and end agree with the event log, and so does the hang-up cause."""
    assert call.state == "ended"
    assert call.ended_at is not None
    assert call.ended_at.timestamp() == pytest.approx(log.ended, abs=CLOSE)
    assert call.hangup_cause == log.cause
    if played.expected.way != "outbound":
        assert call.started_at.timestamp() == pytest.approx(log.began, abs=CLOSE)
        assert (call.queued_at.timestamp() if call.queued_at else None) == about(log.queued)
    if name not in PARKED:
        ours = [
            Talk(each.device, each.since.timestamp(), (each.until or call.ended_at).timestamp())
            for each in call.segments
        ]
        theirs = unbroken(log.talks)
        assert [talk.device for talk in ours] == [talk.device for talk in theirs]
        assert [talk.since for talk in ours] == about_all([talk.since for talk in theirs])
        assert [talk.until for talk in ours] == about_all([talk.until for talk in theirs])


@pytest.mark.parametrize(("name", "number"), [one for one in CASES if one.values[0] not in PARKED])
def test_talking_is_the_sum_of_the_segments_without_hold(call: Call, log: Witness) -> None:
    """Talk seconds are the log's talks less the time on hold."""
    spoken = sum(talk.until - talk.since for talk in log.talks)
    assert (call.talk_seconds or 0.0) + (call.hold_seconds or 0.0) == pytest.approx(spoken, abs=0.1)


def holds(events: Sequence[Event], talk: Talk) -> list[tuple[float, float]]:
    """When the phone of a talk had asked for hold, as far as it overlaps the talk."""
    asked: list[tuple[float, float]] = []
    since: float | None = None
    for event in events:
        if event["Event"] not in ("Hold", "Unhold", "Hangup"):
            continue
        if not event["Channel"].startswith(f"{talk.device}-"):
            continue
        if event["Event"] == "Hold":
            since = since or float(event["Timestamp"])
        elif since:
            asked.append((since, float(event["Timestamp"])))
            since = None
    return [(since, until) for since, until in asked if since < talk.until and until > talk.since]


def bare(device: str) -> str:
    return device.removeprefix("PJSIP/")


def about(instant: float | None) -> object:
    return None if instant is None else pytest.approx(instant, abs=CLOSE)


def about_all(instants: list[float]) -> object:
    return pytest.approx(instants, abs=CLOSE)


def unbroken(talks: tuple[Talk, ...]) -> list[Talk]:
    """Talks of one device with no more than a move between them, as one."""
    joined: list[Talk] = []
    for talk in talks:
        last = joined[-1] if joined else None
        if last and last.device == talk.device and talk.since - last.until < A_MOVE:
            joined[-1] = Talk(talk.device, last.since, talk.until)
        else:
            joined.append(talk)
    return joined
