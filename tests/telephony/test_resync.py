"""Lists that Asterisk gives when asked, as facts; live and in a capture."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from routing.happenings import CallStepped, DeviceChanged
from telephony import facts
from telephony.ear import Hearing
from telephony.replay import lines, replay
from telephony.resync import settle
from telephony.wire import Decoder, Message
from tests.telephony.captured import capture
from tests.telephony.said import CITIZEN, START, Teller

LISTED = """\
Event: CoreShowChannel
Channel: PJSIP/trunk-city-00000001
ChannelState: 6
CallerIDNum: 13800001111
CallerIDName: 王小明
Uniqueid: c.1
Linkedid: c.1
ChanVariable: HL_CALLID=call-1
Application: Queue
Duration: 00:01:05
BridgeId: b-1

Event: CoreShowChannel
Channel: PJSIP/8001-00000002
ChannelState: 6
Uniqueid: a.1
Linkedid: c.1
Application: AppQueue
Duration: odd
BridgeId: b-1

Event: CoreShowChannel
Channel: OutgoingSpoolFailed
Uniqueid: p.1

Event: QueueEntry
Queue: hotline
Channel: PJSIP/trunk-city-00000009
Uniqueid: c.9
Wait: 12

Event: QueueEntry
Uniqueid: c.10
Wait: long

Event: QueueMember
Location: PJSIP/8002
Status: 5

Event: QueueMember
Location: PJSIP/8003

Event: DeviceStateChange
Device: PJSIP/8001
State: INUSE

Event: DeviceStateChange
Device: Queue:hotline
State: INUSE

"""


def messages(text: str) -> list[Message]:
    return Decoder().feed(text.replace("\n", "\r\n").encode())


def test_lists_tell_who_is_there_who_waits_and_which_phones_answer() -> None:
    """Phantoms are nobody; what cannot be read is not told."""
    assert settle(messages(LISTED), at=START + 100, since=START + 90) == [
        facts.Present(
            START + 100,
            *CITIZEN,
            began=START + 35,
            up=True,
            dials=True,
            number="13800001111",
            caller="王小明",
            call="call-1",
        ),
        facts.Present(
            START + 100, "a.1", "PJSIP/8001-00000002", "c.1", START + 100, up=True, dials=False
        ),
        facts.Waiting(START + 100, "c.9", "PJSIP/trunk-city-00000009", "c.9", START + 88),
        facts.Reachable(START + 100, "PJSIP/8002", reachable=False),
        facts.Reachable(START + 100, "PJSIP/8001", reachable=True),
        facts.Listed(
            START + 100, START + 90, frozenset({"c.1", "a.1"}), {"c.1": "b-1", "a.1": "b-1"}
        ),
    ]


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(START + seconds, UTC)


def hearing(teller: Teller, cel: Path | None = None) -> Hearing:
    return Hearing(teller.tracker, clock=lambda: at(100), cel=cel, zone=UTC)


def test_a_call_begun_while_we_were_away_is_there_after_the_lists() -> None:
    """Its talk is known from then on; the phone that does not answer is told too."""
    teller = Teller()
    ear = hearing(teller)
    told = list(ear.settle(messages(LISTED), asked_at=at(100)))
    (call,) = [call for call in teller.tracker.live() if call.id == "call-1"]

    assert [(s.device, s.since) for s in call.segments] == [("PJSIP/8001", at(100))]
    assert DeviceChanged("PJSIP/8002", reachable=False, at=at(100)) in told
    assert ear.knows("call-1")
    assert not ear.knows("call-2")


def test_the_gap_is_filled_from_the_log_before_the_lists_are_believed(tmp_path: Path) -> None:
    """The call ended in between, and the log says when; without a log nothing is filled."""
    log = tmp_path / "Master.csv"
    log.write_text(
        f'"HANGUP","{START + 42}","","","{CITIZEN[1]}","c.1","c.1","","{{""hangupcause"":16}}"\n'
    )
    teller = Teller()
    teller.arrives()
    ear = hearing(teller, log)
    ear.cut(at(30))
    told = [*ear.fill(ear.written(at(30))), *ear.settle([], asked_at=at(100))]

    assert [(s.step, s.call.ended_at) for s in told if isinstance(s, CallStepped)] == [
        ("ended", at(42))
    ]
    assert hearing(teller).written(at(30)) == ()
    assert list(hearing(teller).fill([])) == []


def test_without_a_cut_only_what_was_known_before_the_asking_can_vanish() -> None:
    """A call that came while the lists were made is not in them."""
    teller = Teller()
    teller.arrives(99.5)
    ear = hearing(teller)
    ear.settle([], asked_at=at(100))

    assert [call.id for call in teller.tracker.live()] == ["call-1"]

    ear.settle([], asked_at=at(110))

    assert teller.tracker.live() == []


def test_who_takes_a_seat_is_the_agent_of_its_device() -> None:
    """Told by the page's sign-in."""
    teller = Teller()
    hearing(teller).seat("PJSIP/8001", "wang", at=at(0))
    teller.arrives()
    teller.rings("8001", 1)

    assert [offer.agent for call in teller.tracker.live() for offer in call.offers] == ["wang"]


def test_what_asterisk_does_not_date_is_dated_by_the_clock() -> None:
    """Live; the lists it gives are not wanted as events."""
    teller = Teller()
    ear = hearing(teller)
    (message,) = messages("Event: Hold\nUniqueid: c.1\nChannel: PJSIP/8001-1\n\n")

    assert list(ear.hear(message)) == []
    assert "CoreShowChannel" not in ear.wanted
    assert list(ear.hear(messages("Response: Success\nMessage: x\n\n")[0])) == []


def test_a_capture_file_is_replayed_as_json_lines(tmp_path: Path) -> None:
    """One call a line, durations in seconds, instants in UTC."""
    path = tmp_path / "call.ami"
    path.write_bytes(capture("answered_citizen_hangs_up"))
    (line,) = lines(replay(path))

    assert b'"way":"962200"' in line
    assert b'"started_at":"2026-11-23T04:17:24.' in line
    assert line.endswith(b"}\n")


def test_a_capture_that_ends_with_the_reconnection_has_lost_its_call(tmp_path: Path) -> None:
    """The greeting of a switch that is up for a moment is the last that was heard."""
    stream = capture("restart_kill9")
    cut = stream.index(b"Event: FullyBooted", 1000)
    path = tmp_path / "cut.ami"
    path.write_bytes(stream[: stream.index(b"\r\n\r\n", cut) + 4])

    assert [call.outcome for call in replay(path)] == ["lost"]


@pytest.mark.parametrize("uptime", ["5", "45"])
def test_lists_before_any_dated_event_wait_for_nothing(uptime: str) -> None:
    """The undated greeting before them is taken to be within a minute of the cut."""
    teller = Teller()
    teller.arrives()
    ear = Hearing(teller.tracker)
    (event,) = messages(f"Event: Hold\nTimestamp: {START + 20}\nUniqueid: c.1\nChannel: x-1\n\n")
    ear.hear(event)
    ear.hear(Message(f"Asterisk Call Manager/1\r\nTimestamp: {START + 20}".encode()))
    for message in messages(f"Event: FullyBooted\nUptime: {uptime}\n\n"):
        ear.hear(message)
    for message in messages("Event: CoreShowChannelsComplete\n\n"):
        ear.hear(message)

    assert [call.outcome for call in teller.tracker.calls()] == ["lost"]


def test_the_first_greeting_is_no_reconnection() -> None:
    """There was nothing before it."""
    teller = Teller()
    ear = Hearing(teller.tracker)

    assert list(ear.hear(Message(b"Asterisk Call Manager/11.0.0"))) == []
