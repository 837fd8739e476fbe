"""Our own restart in the middle of calls: what the database kept goes on, from facts to facts."""

import msgspec
import pytest

from routing.calls import Call
from telephony import facts
from telephony.calls import Tracker
from tests.telephony.said import CITIZEN, START, Teller, agent

OUTSIDE = ("c2c-1-b", "PJSIP/trunk-city-00000008", "c2c-1")
CLICK = ("c2c-1", "PJSIP/8001-00000007", "c2c-1")


def restarted(teller: Teller) -> Teller:
    """Another tracker that has from the first what a database keeps: unfinished calls as JSON."""
    kept = msgspec.json.encode(teller.tracker.live())
    again = Teller(Tracker())
    again.tracker.restore(msgspec.json.decode(kept, type=list[Call]))
    return again


def only(teller: Teller) -> Call:
    (call,) = teller.tracker.calls()
    return call


@pytest.fixture
def talking() -> Teller:
    """8002 has missed the call, 8001 talks, was on hold for a second, is recorded."""
    teller = Teller()
    teller.tell(facts.SignedIn(START - 9, "PJSIP/8001", "wang"))
    teller.arrives()
    teller.queues(7)
    teller.rings("8002", 8)
    teller.tell(
        facts.DialOver(START + 14, *agent("8002"), "NOANSWER"),
        facts.Ended(START + 14, *agent("8002"), 0),
    )
    teller.rings("8001", 15)
    teller.answers("8001", 16)
    teller.tell(
        facts.Recorded(START + 5, *CITIZEN),
        facts.RecordingNamed(START + 5, *CITIZEN, "call-1", "r-1"),
        facts.Held(START + 17, *agent("8001")),
        facts.Resumed(START + 18, *agent("8001")),
    )
    return teller


def listed(teller: Teller, bridge: str = "b-1") -> None:
    uids = frozenset({CITIZEN[0], agent("8001")[0]})
    teller.tell(
        facts.Present(START + 40, *CITIZEN, began=START, up=True, dials=True, call="call-1"),
        facts.Present(START + 40, *agent("8001"), began=START + 15, up=True, dials=False),
        facts.Listed(START + 40, START + 30, uids, dict.fromkeys(uids, bridge)),
    )


def test_an_unfinished_call_is_known_as_it_was(talking: Teller) -> None:
    """Every value of it, and nothing happens by it."""
    again = restarted(talking)

    assert only(again) == only(talking)
    assert again.happened == []


def test_a_call_that_goes_on_goes_on(talking: Teller) -> None:
    """Its channels are found in the lists; the talk has not been interrupted."""
    again = restarted(talking)
    listed(again)

    assert only(again).state == "talking"

    again.tell(facts.Left(START + 50, *agent("8001"), "b-1"), facts.Ended(START + 50, *CITIZEN, 16))
    call = only(again)

    assert [(s.device, s.hold_seconds) for s in call.segments] == [("PJSIP/8001", 1.0)]
    assert call.talk_seconds == pytest.approx(32.997)
    assert call.outcome == "answered"
    assert [(o.agent, o.device, o.outcome) for o in call.offers] == [
        (None, "PJSIP/8002", "missed"),
        ("wang", "PJSIP/8001", "answered"),
    ]


def test_a_call_that_ended_while_we_were_away_has_ended(talking: Teller) -> None:
    """Nothing later than what was last heard of is claimed."""
    again = restarted(talking)
    again.tell(facts.Cut(START + 30), facts.Listed(START + 40, START + 30, frozenset(), {}))

    assert only(again).talk_seconds == pytest.approx(12.997)
    assert only(again).outcome == "answered"


def test_a_call_that_ended_in_the_log_ended_then(talking: Teller) -> None:
    """The log names channels that the database did not; they are recognised by their device."""
    again = restarted(talking)
    again.tell(
        facts.Left(START + 33, *agent("8001"), "b-1"),
        facts.Ended(START + 33, *agent("8001"), 16),
        facts.Ended(START + 33.5, *CITIZEN, 16),
    )

    assert (only(again).outcome, only(again).state) == ("answered", "ended")
    assert only(again).ended_at.timestamp() == START + 33.5  # type: ignore[union-attr]


def test_a_call_lost_with_switch_and_server_is_lost(talking: Teller) -> None:
    """Both were down together."""
    again = restarted(talking)
    again.tell(facts.Cut(START + 30), facts.Booted(START + 40, uptime=5))

    assert only(again).outcome == "lost"


def test_transfers_and_talks_that_are_over_are_kept(talking: Teller) -> None:
    """The second agent talks when we go down."""
    talking.tell(
        facts.BlindTransferred(START + 20, *agent("8001"), CITIZEN[0], "8003", succeeded=True),
        facts.Left(START + 20, *agent("8001"), "b-1"),
        facts.Left(START + 20, *CITIZEN, "b-1"),
        facts.Ended(START + 20, *agent("8001"), 16),
    )
    talking.rings("8003", 20.1)
    talking.answers("8003", 21, "b-2")
    again = restarted(talking)

    assert only(again) == only(talking)


def test_a_refused_and_an_unreachable_phone_stay_so(talking: Teller) -> None:
    """And the digit of the survey."""
    teller = Teller()
    teller.arrives()
    for number, cause in (("8001", 17), ("8002", 20)):
        leg = agent(number)
        teller.tell(
            facts.Dialled(START + 1, *leg, by=CITIZEN[0]), facts.Ended(START + 2, *leg, cause)
        )
    teller.tell(facts.Surveyed(START, *CITIZEN, "call-1", "3"))
    again = restarted(teller)

    assert [offer.outcome for offer in only(again).offers] == ["rejected", "unreachable"]
    assert only(again).survey == "3"


def clicked() -> Teller:
    teller = Teller()
    teller.tell(
        facts.Born(START, *CLICK, dials=False, call="out-1"),
        facts.Dialled(START, *CLICK, to="8001", call="out-1"),
        facts.Up(START + 1, *CLICK),
        facts.Born(START + 1, *OUTSIDE, dials=False),
        facts.Dialled(START + 1, *OUTSIDE, by="c2c-1", to="13811110001@trunk-city"),
        facts.Ringing(START + 2, *OUTSIDE),
    )
    return teller


def test_a_call_of_ours_goes_on_when_picked_up_meanwhile() -> None:
    """The outside party's channel is recognised as the one of a trunk."""
    again = restarted(clicked())
    again.tell(
        facts.Up(START + 3, *OUTSIDE),
        facts.Joined(START + 3, *OUTSIDE, "b-1"),
        facts.Joined(START + 3, *CLICK, "b-1"),
        facts.Ended(START + 9, *OUTSIDE, 16),
        facts.Ended(START + 9, *CLICK, 16),
    )
    call = only(again)

    assert (call.id, call.way, call.citizen_number) == ("out-1", "outbound", "13811110001")
    assert (call.outcome, call.talk_seconds) == ("answered", 6.0)


def test_a_call_of_ours_that_talks_is_known_as_it_was() -> None:
    """Agent and outside party are together."""
    teller = clicked()
    teller.tell(
        facts.Up(START + 3, *OUTSIDE),
        facts.Joined(START + 3, *OUTSIDE, "b-1"),
        facts.Joined(START + 3, *CLICK, "b-1"),
    )

    assert only(restarted(teller)) == only(teller)


def test_a_talk_without_a_ringing_before_it_is_kept() -> None:
    """The agent dialled out himself."""
    teller = Teller()
    phone = ("x.1", "PJSIP/8002-1", "x.1")
    outside = ("x.2", "PJSIP/trunk-city-2", "x.1")
    teller.tell(
        facts.Born(START, *phone, dials=True),
        facts.Outgoing(START + 0.1, *phone, call="out-2", number="13811110002"),
        facts.Dialled(START + 0.2, *outside, by="x.1", to="13811110002@trunk-city"),
        facts.Up(START + 3, *outside),
        facts.Joined(START + 3, *outside, "b-1"),
        facts.Joined(START + 3, *phone, "b-1"),
    )
    again = restarted(teller)

    assert [s.device for s in only(again).segments] == ["PJSIP/8002"]
    assert only(again).citizen_number == "13811110002"


def test_an_internal_call_ends_with_its_channels() -> None:
    """Nothing but its being there was kept."""
    teller = Teller()
    teller.tell(
        facts.Born(START, "x.1", "PJSIP/8001-1", "x.1", dials=True, exten="8003"),
        facts.Dialled(START + 1, "x.2", "PJSIP/8003-1", "x.1", by="x.1", to="8003"),
    )
    again = restarted(teller)

    assert (only(again).way, only(again).id) == ("internal", "x.1")

    again.tell(facts.Listed(START + 40, START + 30, frozenset(), {}))

    assert only(again).state == "ended"


def test_two_kept_calls_of_one_matter_are_one(talking: Teller) -> None:
    """The first is known by its id; the second was a part of it."""
    (call,) = talking.tracker.live()
    part = msgspec.structs.replace(call, id="part", offers=(), segments=(), recordings=())
    again = Teller(Tracker())
    again.tracker.restore([call, part])

    assert [each.id for each in again.tracker.calls()] == ["call-1"]


def test_a_call_kept_while_it_waited_waits(talking: Teller) -> None:
    """How long is not known before it is over."""
    teller = Teller()
    teller.arrives()
    teller.queues(7)
    again = restarted(teller)

    assert (only(again).state, only(again).queue_seconds) == ("queued", None)


def test_an_agent_who_came_back_from_a_consultation_has_both_talks(talking: Teller) -> None:
    """On one channel."""
    talking.tell(
        facts.Left(START + 20, *agent("8001"), "b-1"),
        facts.Joined(START + 20, "x.1", "PJSIP/8003-1", "c.1", "b-2"),
        facts.Joined(START + 20, *agent("8001"), "b-2"),
        facts.Left(START + 25, *agent("8001"), "b-2"),
        facts.Joined(START + 25, *agent("8001"), "b-1"),
    )
    again = restarted(talking)

    assert [s.until is None for s in only(again).segments] == [False, True]
    assert only(again).segments == only(talking).segments
