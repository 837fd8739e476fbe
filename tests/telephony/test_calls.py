"""Calls told fact by fact: what a capture does not show, and what happens meanwhile."""

from datetime import UTC, datetime

import pytest

from routing.calls import Call
from routing.happenings import CallStepped, DeviceChanged
from telephony import facts
from telephony.calls import Tracker
from tests.telephony.said import CITIZEN, START, Teller, agent


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def known(teller: Teller, call_id: str = "call-1") -> Call:
    call = teller.tracker.get(call_id)
    if call is None:
        pytest.fail(f"{call_id} is not known")
    return call


@pytest.fixture
def teller() -> Teller:
    return Teller()


@pytest.fixture
def talking(teller: Teller) -> Teller:
    """A citizen talks to 8001."""
    teller.arrives()
    teller.queues(7)
    teller.rings("8001", 8)
    teller.answers("8001", 9)
    return teller


def test_a_call_takes_its_steps_in_order(talking: Teller) -> None:
    """Everybody is told once of everything."""
    talking.tell(facts.Held(START + 10, *agent("8001")))
    talking.tell(facts.Resumed(START + 11, *agent("8001")))
    talking.hangs_up(CITIZEN, 12)

    assert talking.steps() == [
        "arrived",
        "queued",
        "offered 8001",
        "amended",
        "amended",
        "answered 8001",
        "held 8001",
        "resumed 8001",
        "left 8001",
        "ended",
    ]


def test_states_follow_the_call(teller: Teller) -> None:
    """Greeting, queued, ringing, talking, held, ended."""
    states = []
    teller.arrives()
    states.append(known(teller).state)
    teller.queues(7)
    states.append(known(teller).state)
    teller.rings("8001", 8)
    states.append(known(teller).state)
    teller.answers("8001", 9)
    states.append(known(teller).state)
    teller.tell(facts.Held(START + 10, *agent("8001")))
    states.append(known(teller).state)
    teller.hangs_up(CITIZEN, 12)
    states.append(known(teller).state)

    assert states == ["greeting", "queued", "ringing", "talking", "held", "ended"]


def test_a_call_is_live_until_it_ends(talking: Teller) -> None:
    """Afterwards it is remembered, but no longer live."""
    assert [call.id for call in talking.tracker.live()] == ["call-1"]

    talking.hangs_up(CITIZEN, 12)

    assert talking.tracker.live() == []
    assert known(talking).ended_at == at(12.001)


def test_our_own_id_is_the_calls_id_from_the_first_step(teller: Teller) -> None:
    """A channel alone is nobody's call until the dialplan has named it."""
    teller.tell(facts.Born(START, *CITIZEN, dials=True))

    assert teller.happened == []

    teller.arrives(0.0005)

    assert [step.call.id for step in teller.happened if isinstance(step, CallStepped)] == ["call-1"]


def test_the_survey_digit_and_the_recording_belong_to_the_call(talking: Teller) -> None:
    """The recorder runs from the notice to the end; only together is marked as speech."""
    talking.tell(
        facts.Recorded(START + 2, *CITIZEN),
        facts.RecordingNamed(START + 2.001, *CITIZEN, "call-1", "r-1"),
        facts.RecordingNamed(START + 2.001, *CITIZEN, "call-1", "r-1"),
    )
    talking.hangs_up(agent("8001"), 12)
    talking.tell(
        facts.Left(START + 12, *CITIZEN, "b-1"),
        facts.Surveyed(START + 15, *CITIZEN, "call-1", "5"),
        facts.Surveyed(START + 16, *CITIZEN, "call-1", "1"),
    )

    assert known(talking).state == "greeting"

    talking.hangs_up(CITIZEN, 20)
    call = known(talking)

    assert call.survey == "5"
    assert [(r.id, r.state, r.seconds, r.bridged) for r in call.recordings] == [
        ("r-1", "closed", 18.001, ((7.003, 10.0),))
    ]


def test_a_recording_that_runs_has_no_length_yet(talking: Teller) -> None:
    """A name without a recorder's start is a recording too; a second recorder is numbered."""
    talking.tell(facts.RecordingNamed(START + 2, *CITIZEN, "call-1", "r-1"))
    talking.tell(facts.Recorded(START + 20, *CITIZEN), facts.Recorded(START + 30, *CITIZEN))
    talking.tell(facts.RecordingOver(START + 35, *CITIZEN))

    assert [(r.id, r.state, r.seconds) for r in known(talking).recordings] == [
        ("r-1", "recording", None),
        ("call-1", "recording", None),
        ("call-1-2", "closed", 5.0),
    ]


def test_a_stop_without_a_recorder_changes_no_recording(talking: Teller) -> None:
    """Its start may have been before we listened."""
    talking.tell(facts.RecordingOver(START + 10, *CITIZEN))

    assert known(talking).recordings == ()


def test_a_call_back_asked_for_is_the_outcome(teller: Teller) -> None:
    """The queue's patience ended, the citizen pressed the key."""
    teller.arrives()
    teller.queues(7)
    teller.tell(
        facts.Unqueued(START + 60, *CITIZEN),
        facts.CalledBack(START + 70, *CITIZEN, "call-1", "13800001111"),
    )
    teller.hangs_up(CITIZEN, 75)

    assert known(teller).outcome == "callback"


def test_hanging_up_in_the_menu_after_the_queue_is_no_agent(teller: Teller) -> None:
    """Nobody could answer; that he then gave up is not the reason."""
    teller.arrives()
    teller.queues(7)
    teller.tell(facts.Unqueued(START + 60, *CITIZEN))
    teller.hangs_up(CITIZEN, 75)

    assert known(teller).outcome == "no_agent"


def test_giving_up_after_being_queued_again_is_giving_up(teller: Teller) -> None:
    """A return to the queue counts from then on."""
    teller.arrives()
    teller.queues(7)
    teller.tell(facts.Unqueued(START + 60, *CITIZEN))
    teller.queues(61)
    teller.hangs_up(CITIZEN, 75)

    assert known(teller).outcome == "abandoned_queue"


def held_by_the_page(talking: Teller) -> None:
    for leg, context in ((agent("8001"), "hotline-wait-agent"), (CITIZEN, "hotline-wait-citizen")):
        talking.tell(facts.Left(START + 12, *leg, "b-1", context))


def test_hold_from_the_page_is_one_segment_while_it_lasts(talking: Teller) -> None:
    """Both wait apart; nobody is told that the agent left."""
    held_by_the_page(talking)
    call = known(talking)

    assert call.state == "held"
    assert [segment.until for segment in call.segments] == [None]
    assert talking.steps()[-1] == "held 8001"


def test_hold_from_the_page_is_hold_and_not_talk(talking: Teller) -> None:
    """Joined again in another bridge four seconds later."""
    held_by_the_page(talking)
    for leg in (agent("8001"), CITIZEN):
        talking.tell(facts.Joined(START + 16, *leg, "b-2"))

    assert known(talking).state == "talking"

    talking.hangs_up(CITIZEN, 20)
    call = known(talking)

    assert [segment.hold_seconds for segment in call.segments] == [4.0]
    assert (call.talk_seconds, call.hold_seconds) == (6.998, 4.0)


def test_a_citizen_who_hangs_up_on_hold_from_the_page_was_held_to_the_end(talking: Teller) -> None:
    """The segment ends with him."""
    held_by_the_page(talking)
    talking.hangs_up(CITIZEN, 15)
    call = known(talking)

    assert [segment.until for segment in call.segments] == [at(15.001)]
    assert call.hold_seconds == 3.001


def test_who_signed_in_is_the_agent_from_then_on(teller: Teller) -> None:
    """A device changes hands; what was before stays his who had it."""
    teller.tell(facts.SignedIn(START - 5, "PJSIP/8001", "wang"))
    teller.arrives()
    teller.rings("8001", 1, uid="a.1")
    teller.tell(facts.Ended(START + 5, *agent("8001", "a.1"), 0))
    teller.tell(facts.SignedIn(START + 6, "PJSIP/8001", None))
    teller.rings("8001", 7, uid="a.2")
    teller.tell(facts.Ended(START + 8, *agent("8001", "a.2"), 0))
    teller.tell(facts.SignedIn(START + 9, "PJSIP/8001", "li"))
    teller.tell(facts.SignedIn(START + 9, "PJSIP/8001", "li"))
    teller.rings("8001", 10, uid="a.3")
    teller.answers("8001", 11, uid="a.3")
    call = known(teller)

    assert [offer.agent for offer in call.offers] == ["wang", None, "li"]
    assert [segment.agent for segment in call.segments] == ["li"]


def test_a_phone_that_stops_answering_is_told_once(teller: Teller) -> None:
    """And again when it is back."""
    for second, reachable in ((0, False), (1, False), (2, True), (3, True)):
        teller.tell(facts.Reachable(START + second, "PJSIP/8001", reachable))

    assert teller.happened == [
        DeviceChanged("PJSIP/8001", False, at(0)),
        DeviceChanged("PJSIP/8001", True, at(2)),
    ]


def test_a_dead_phone_noticed_much_later_has_missed_the_call(teller: Teller) -> None:
    """It may have died at any time since."""
    teller.arrives()
    teller.rings("8001", 1)
    teller.tell(
        facts.DialOver(START + 10, *agent("8001"), "NOANSWER"),
        facts.Ended(START + 10, *agent("8001"), 0),
        facts.Reachable(START + 70, "PJSIP/8001", False),
    )

    assert [offer.outcome for offer in known(teller).offers] == ["missed"]


def test_two_citizens_are_two_calls_even_in_one_bridge(talking: Teller) -> None:
    """An agent may join two callers; each keeps his own call."""
    other = ("c.2", "PJSIP/trunk-110-00000002", "c.2")
    talking.tell(
        facts.Born(START + 9.5, *other, dials=True),
        facts.Entered(START + 9.6, *other, "call-2", "110", "1", "", "", ""),
        facts.Joined(START + 10, *other, "b-1"),
    )

    assert sorted(call.id for call in talking.tracker.live()) == ["call-1", "call-2"]


def test_a_call_that_turns_out_to_be_part_of_another_ends_as_its_own(talking: Teller) -> None:
    """A third party the server called joins the conference: one matter, one call."""
    third = ("t.1", "PJSIP/trunk-city-00000009", "t.1")
    talking.tell(
        facts.Born(START + 10, *third, dials=False),
        facts.Dialled(START + 10.001, *third, to="13712340002@trunk-city"),
        facts.Up(START + 11, *third),
    )

    assert sorted(call.id for call in talking.tracker.live()) == ["call-1", "t.1"]

    told = talking.tell(facts.Joined(START + 11.1, *third, "b-1"))

    assert [(s.step, s.call.id) for s in told if isinstance(s, CallStepped)] == [
        ("ended", "t.1"),
        ("transferred", "call-1"),
    ]
    assert [call.id for call in talking.tracker.live()] == ["call-1"]


def test_an_ended_part_of_another_call_is_not_told_again(talking: Teller) -> None:
    """Its end was told when it came."""
    third = ("t.1", "PJSIP/trunk-city-00000009", "t.1")
    talking.tell(
        facts.Born(START + 10, *third, dials=False),
        facts.Dialled(START + 10.001, *third, to="13712340002@trunk-city"),
        facts.Ended(START + 11, *third, 17),
    )
    told = talking.tell(facts.Up(START + 11, *third, "call-1"))

    assert [s.step for s in told if isinstance(s, CallStepped)] == ["transferred"]


def test_a_phone_in_a_call_that_dials_another_consults(talking: Teller) -> None:
    """From its first ringing the second line is part of the citizen's call."""
    line = ("x.1", "PJSIP/8001-0000000b", "x.1")
    target = ("x.2", "PJSIP/8003-0000000c", "x.1")
    talking.tell(
        facts.Born(START + 10, *line, dials=True, exten="8003"),
        facts.Born(START + 10.1, *target, dials=False),
        facts.Dialled(START + 10.2, *target, by="x.1", to="8003"),
    )
    call = known(talking)

    assert [(t.kind, t.by, t.to, t.outcome) for t in call.transfers] == [
        ("attended", "PJSIP/8001", "8003", None)
    ]
    assert [call.id for call in talking.tracker.live()] == ["call-1"]


def test_a_colleague_dialled_outside_any_call_is_an_internal_call(teller: Teller) -> None:
    """A second line of it is no consultation about a citizen."""
    first, second = ("x.1", "PJSIP/8001-1", "x.1"), ("x.3", "PJSIP/8001-2", "x.3")
    teller.tell(
        facts.Born(START, *first, dials=True, exten="8003"),
        facts.Dialled(START + 1, "x.2", "PJSIP/8003-1", "x.1", by="x.1", to="8003"),
        facts.Born(START + 1, "x.2", "PJSIP/8003-1", "x.1", dials=False),
        facts.Up(START + 2, *first),
        facts.Born(START + 3, *second, dials=True, exten="8002"),
        facts.Ended(START + 4, *second, 16),
    )

    assert [(call.id, call.way, call.state) for call in teller.tracker.calls()] == [
        ("x.1", "internal", "ringing"),
        ("x.3", "internal", "ended"),
    ]


def test_a_number_refused_by_the_gate_is_a_failed_call(teller: Teller) -> None:
    """Dialled on a phone, named by the dialplan, never dialled on."""
    phone = ("x.1", "PJSIP/8001-1", "x.1")
    teller.tell(
        facts.Born(START, *phone, dials=True, exten="0099"),
        facts.Outgoing(START + 0.1, *phone, call="out-1", number="0099"),
        facts.Outgoing(START + 0.1, *phone, call="out-1", number="0099"),
        facts.Ended(START + 1, *phone, 21),
    )
    call = known(teller, "out-1")

    assert (call.way, call.citizen_number, call.outcome) == ("outbound", "0099", "failed")


def test_an_outgoing_call_may_bear_neither_id_nor_number(teller: Teller) -> None:
    """The first channel's id stands in."""
    phone = ("x.1", "PJSIP/8001-1", "x.1")
    teller.tell(
        facts.Born(START, *phone, dials=True),
        facts.Outgoing(START + 0.1, *phone, call="", number=""),
    )

    assert (known(teller, "x.1").way, known(teller, "x.1").citizen_number) == ("outbound", None)


def test_an_ended_call_is_forgotten_after_its_time() -> None:
    """Later facts about it make no call again."""
    teller = Teller(Tracker(kept=60.0))
    teller.arrives()
    teller.rings("8001", 1)
    teller.answers("8001", 2)
    teller.tell(facts.Conferred(START + 3, *CITIZEN, "9001"))
    teller.hangs_up(CITIZEN, 10)
    teller.hangs_up(agent("8001"), 10)
    teller.tell(facts.Reachable(START + 65, "PJSIP/8009", True))

    assert teller.tracker.get("call-1") is not None

    teller.tell(facts.Reachable(START + 100, "PJSIP/8009", False))

    assert teller.tracker.get("call-1") is None
    assert teller.tell(facts.Left(START + 9.9, *CITIZEN, "b-1")) == []
    assert teller.tracker.calls() == []


def test_a_living_call_is_never_forgotten() -> None:
    """However long it lasts."""
    teller = Teller(Tracker(kept=60.0))
    teller.arrives()
    for second in range(0, 7200, 30):
        teller.tell(facts.Reachable(START + second, "PJSIP/8009", True))

    assert [call.id for call in teller.tracker.live()] == ["call-1"]


def test_one_absurd_instant_does_not_make_everything_old() -> None:
    """A later time counts when a second fact confirms it."""
    teller = Teller(Tracker(kept=60.0))
    teller.arrives()
    teller.hangs_up(CITIZEN, 5)
    teller.tell(facts.Reachable(START + 1e9, "PJSIP/8009", True))

    assert teller.tracker.get("call-1") is not None

    teller.tell(facts.Reachable(START + 1e9 + 1, "PJSIP/8009", True))

    assert teller.tracker.get("call-1") is None


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), float("-inf")])
def test_a_fact_without_a_time_is_passed_over(teller: Teller, moment: float) -> None:
    """Nothing is raised, nothing is known."""
    assert teller.tell(facts.Born(moment, *CITIZEN, dials=True)) == []
    assert teller.tracker.calls() == []


def test_where_an_unknown_channel_was_going_is_passed_over(teller: Teller) -> None:
    """The answer to an Originate may come before its channel."""
    assert teller.tell(facts.Destined(START, "", "PJSIP/8001", "", "9001")) == []


def test_a_call_cut_by_a_crash_is_lost_where_it_was_last_heard_of(talking: Teller) -> None:
    """Even if it was answered; the switch came up after the connection went down."""
    talking.tell(facts.Cut(START + 30))
    told = talking.tell(facts.Booted(START + 40, uptime=3))
    call = known(talking)

    assert [s.step for s in told if isinstance(s, CallStepped)] == ["left", "ended"]
    assert (call.outcome, call.ended_at, call.segments[0].until) == ("lost", at(30), at(30))


def test_a_switch_that_was_up_all_the_time_has_lost_nothing(talking: Teller) -> None:
    """Only the connection was cut; the first greeting says nothing either."""
    assert talking.tell(facts.Booted(START + 10, uptime=3)) == []

    talking.tell(facts.Cut(START + 30))

    assert talking.tell(facts.Booted(START + 40, uptime=5000)) == []
    assert known(talking).state == "talking"


def test_what_the_log_tells_of_the_gap_replaces_what_was_supposed(talking: Teller) -> None:
    """A call not listed any more has ended; the event log says when."""
    talking.tell(facts.Cut(START + 30), facts.Listed(START + 40, START + 30, frozenset(), {}))

    assert known(talking).ended_at == at(30)

    talking.tell(
        facts.Left(START + 33, *agent("8001"), "b-1"), facts.Ended(START + 34, *CITIZEN, 16)
    )
    call = known(talking)

    assert (call.outcome, call.ended_at, call.hangup_cause) == ("answered", at(34), 16)


def test_a_list_sets_right_who_is_in_which_bridge(talking: Teller) -> None:
    """Both were moved to another bridge in the gap: they talk on. The third came in the gap."""
    third = agent("8003")
    uids = frozenset({"c.1", "a.8001", "a.8003"})
    talking.tell(
        facts.Present(START + 40, *third, began=START + 35, up=True, dials=False),
        facts.Listed(START + 40, START + 30, uids, dict.fromkeys(uids, "b-2")),
    )
    call = known(talking)

    assert [(s.device, s.since, s.until) for s in call.segments] == [
        ("PJSIP/8001", at(9.003), None),
        ("PJSIP/8003", at(40), None),
    ]


def test_a_list_that_shows_nobody_in_a_bridge_ends_the_talk(talking: Teller) -> None:
    """The leaving was not told; when the log tells it, that instant counts."""
    uids = frozenset({"c.1", "a.8001"})
    talking.tell(facts.Listed(START + 40, START + 30, uids, {}))

    assert [s.until for s in known(talking).segments] == [at(30)]

    talking.tell(facts.Left(START + 33, *agent("8001"), "b-1"))
    talking.tell(facts.Left(START + 33, *CITIZEN, "b-1"))

    assert [s.until for s in known(talking).segments] == [at(33)]


def test_a_channel_known_from_a_list_gets_its_true_birth_from_the_log(teller: Teller) -> None:
    """A list knows seconds; the list never overrides what is known."""
    here = facts.Present(START + 10, *CITIZEN, began=START + 3, up=False, dials=True, call="call-1")
    teller.tell(here)

    assert known(teller).started_at == at(3)

    teller.tell(facts.Born(START + 3.4, *CITIZEN, dials=True), here)

    assert known(teller).started_at == at(3.4)


def test_a_caller_listed_as_waiting_has_been_queued_since(teller: Teller) -> None:
    """Unless it is known already when he joined."""
    teller.tell(
        facts.Present(START + 10, *CITIZEN, began=START + 3, up=True, dials=True, call="call-1"),
        facts.Waiting(START + 10, *CITIZEN, since=START + 5),
        facts.Waiting(START + 20, *CITIZEN, since=START + 6),
    )

    assert (known(teller).queued_at, known(teller).state) == (at(5), "queued")


def test_forgotten_things_leave_nothing_behind() -> None:
    """Whatever was kept to find channels by is gone with them."""
    teller = Teller(Tracker(kept=10.0))
    for number in range(50):
        uid, second = f"x.{number}", number * 60.0
        leg = (uid, f"PJSIP/trunk-city-{number}", uid)
        teller.tell(
            facts.Born(START + second, *leg, dials=False),
            facts.Dialled(START + second, *leg, to=f"138{number}@trunk-city", call=f"u-{number}"),
            facts.Conferred(START + second + 1, *leg, str(number)),
            facts.Joined(START + second + 1, *leg, f"b-{number}"),
            facts.Ended(START + second + 2, *leg, 16),
        )
    teller.tell(facts.Reachable(START + 4000, "PJSIP/8001", True))
    register = teller.tracker._register

    assert [len(each) for each in (register.legs, register.devices, register._keys)] == [0, 0, 0]
    assert [len(each) for each in (register._bridges, register._rooms, register._started)] == [
        0
    ] * 3
    assert teller.tracker._shown == {}


def test_local_channels_alone_are_no_call(teller: Teller) -> None:
    """Somebody real has to be there."""
    half = ("l.1", "Local/8003@internal-00000001;1", "l.1")
    teller.tell(
        facts.Born(START, *half, dials=True), facts.Up(START, "l.2", half[1][:-1] + "2", "l.1")
    )

    assert teller.tracker.calls() == []


def test_a_leaving_without_an_entering_is_passed_over(talking: Teller) -> None:
    """Its entering was before we listened; so is a leaving before the channel was there."""
    talking.tell(facts.Left(START + 10, *agent("8001"), "b-0"))

    assert [segment.until for segment in known(talking).segments] == [None]


def test_an_entering_after_the_end_is_no_talk(talking: Teller) -> None:
    """Instants decide, not the order of telling."""
    talking.hangs_up(agent("8001"), 12)
    talking.tell(facts.Joined(START + 13, *agent("8001"), "b-2"))
    talking.tell(facts.Joined(START + 13, *CITIZEN, "b-2"))

    assert [segment.until for segment in known(talking).segments] == [at(12.001)]


def test_the_entry_may_be_told_after_everything_else(teller: Teller) -> None:
    """The matter it belongs to has been named by another channel before."""
    other = ("t.1", "PJSIP/trunk-city-00000009", "t.1")
    teller.tell(
        facts.Born(START + 1, *other, dials=False),
        facts.Dialled(START + 1, *other, to="137@trunk-city", call="call-1"),
        facts.Ended(START + 2, *other, 17),
    )
    teller.arrives()
    teller.arrives()
    call = known(teller)

    assert (call.way, call.citizen_number, call.started_at) == ("962200", "13800001111", at(0))


def test_of_two_matters_the_one_with_an_entry_keeps_its_identity(teller: Teller) -> None:
    """Whichever was there first, and its losses are both's."""
    leg = ("x.1", "PJSIP/8003-1", "x.1")
    teller.tell(
        facts.Born(START - 5, *leg, dials=True),
        facts.Outgoing(START - 4, *leg, call="out-1", number=""),
        facts.Cut(START - 3),
        facts.Booted(START - 1, uptime=1),
    )
    teller.arrives()
    teller.tell(facts.Up(START + 1, "x.1", "PJSIP/8003-1", "c.1"))

    assert [(call.id, call.state) for call in teller.tracker.calls()] == [("call-1", "greeting")]


def test_a_stop_ends_no_recording_of_another_channel(talking: Teller) -> None:
    """Nor one that began later."""
    talking.tell(
        facts.RecordingOver(START + 10, *CITIZEN),
        facts.Recorded(START + 11, *CITIZEN),
        facts.RecordingOver(START + 12, *agent("8001")),
    )

    assert [r.state for r in known(talking).recordings] == ["recording"]


def test_a_talk_told_afterwards_is_told_whole(teller: Teller) -> None:
    """The log fills a gap in which an agent came and left."""
    teller.arrives()
    for leg in (agent("8001"), CITIZEN):
        teller.tell(facts.Left(START + 12, *leg, "b-1"))
    teller.tell(facts.Joined(START + 9, *agent("8001"), "b-1"))
    told = teller.tell(facts.Joined(START + 9, *CITIZEN, "b-1"))

    assert [s.step for s in told if isinstance(s, CallStepped)] == ["answered", "left"]


def test_a_talk_that_was_thought_over_goes_on(talking: Teller) -> None:
    """Moved to another bridge, and the entering told late."""
    for leg in (agent("8001"), CITIZEN):
        talking.tell(facts.Left(START + 12, *leg, "b-1"))
    for leg in (agent("8001"), CITIZEN):
        talking.tell(facts.Joined(START + 12.01, *leg, "b-2"))

    steps = [step for step in talking.steps() if step != "amended"]

    assert steps[-2:] == ["left 8001", "resumed 8001"]


def test_waiting_apart_ends_with_the_one_who_is_gone_already(talking: Teller) -> None:
    """The agent's phone was dead before the page could hold the citizen."""
    talking.tell(facts.Ended(START + 12, *agent("8001"), 16))
    talking.tell(facts.Left(START + 12, *agent("8001"), "b-1", "hotline-wait-agent"))

    assert [segment.until for segment in known(talking).segments] == [at(12)]


def test_a_trunk_that_reports_congestion_has_failed(teller: Teller) -> None:
    """By the dial's status where the cause says nothing."""
    leg = ("t.1", "PJSIP/trunk-city-00000009", "t.1")
    teller.tell(
        facts.Born(START, *leg, dials=False),
        facts.Dialled(START, *leg, to="137@trunk-city"),
        facts.DialOver(START + 1, *leg, "CONGESTION"),
        facts.Ended(START + 1, *leg, 0),
    )

    assert known(teller, "t.1").outcome == "failed"


def test_a_room_entered_again_by_others_is_not_forgotten_with_the_first() -> None:
    """The third party is expected by whoever is in the room now."""
    teller = Teller(Tracker(kept=10.0))
    old = ("t.1", "PJSIP/trunk-city-00000009", "t.1")
    teller.tell(
        facts.Born(START, *old, dials=True),
        facts.Conferred(START + 1, *old, "9001"),
        facts.Conferred(START + 1, *old, "9001"),
        facts.Ended(START + 2, *old, 16),
    )
    teller.arrives(3)
    teller.tell(
        facts.Conferred(START + 4, *CITIZEN, "9001"),
        facts.Reachable(START + 60, "PJSIP/8001", reachable=True),
        facts.Born(START + 61, "t.2", "PJSIP/trunk-city-2", "t.2", dials=False),
        facts.Dialled(START + 61, "t.2", "PJSIP/trunk-city-2", "t.2", to="137@trunk-city"),
        facts.Destined(START + 62, "", "PJSIP/137@trunk-city", "", "9001"),
    )

    assert [call.id for call in teller.tracker.calls()] == ["call-1"]


def test_a_part_of_a_living_call_is_never_forgotten() -> None:
    """The third party stays in the conference for long, and nothing is told of him meanwhile."""
    teller = Teller(Tracker(kept=60.0))
    third = ("t.1", "PJSIP/trunk-city-00000009", "t.1")
    teller.arrives()
    teller.rings("8001", 1)
    teller.answers("8001", 2)
    teller.tell(
        facts.Born(START + 10, *third, dials=False),
        facts.Dialled(START + 10, *third, to="13712340002@trunk-city"),
        facts.Joined(START + 11, *third, "b-1"),
    )
    for second in range(30, 900, 30):
        teller.tell(facts.Reachable(START + second, "PJSIP/8009", reachable=True))
    teller.tell(facts.Ended(START + 901, *third, 16))

    assert [call.id for call in teller.tracker.calls()] == ["call-1"]
    assert teller.tracker._register.legs["t.1"].ended_at == START + 901


def test_a_fact_of_no_known_kind_is_passed_over(teller: Teller) -> None:
    """It may be one day."""
    assert teller.tell(facts.Fact(START)) == []


def test_a_call_seen_before_it_was_named_goes_on_under_its_name(teller: Teller) -> None:
    """Only the order of telling was odd; it is one call, known by our own id."""
    teller.tell(facts.Born(START, *CITIZEN, dials=True))
    teller.queues(7)

    assert [call.id for call in teller.tracker.calls()] == ["c.1"]

    teller.arrives()

    assert [call.id for call in teller.tracker.calls()] == ["call-1"]
    assert teller.tracker.get("c.1") is None


def test_an_entering_told_by_event_and_log_begins_one_talk(talking: Teller) -> None:
    """Their clocks differ by microseconds."""
    talking.tell(facts.Joined(START + 9.0021, *agent("8001"), "b-1"))

    assert [segment.since for segment in known(talking).segments] == [at(9.003)]
