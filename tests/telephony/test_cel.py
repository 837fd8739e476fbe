"""Asterisk's own event log: rows to facts, and an independent witness of every capture."""

import json
from collections.abc import Iterator
from datetime import timedelta, timezone
from pathlib import Path

import pytest

from routing.calls import Call
from telephony import facts
from telephony.calls import Tracker
from telephony.cel import facts_since, read
from telephony.facts import Fact
from telephony.replay import calls_of
from telephony.wire import Decoder, Message
from tests.telephony.captured import capture, names

WHO = ("u-1", "PJSIP/8001-00000001", "l-1")
CLOSE = 0.05  # seconds between an event and its row


def row(
    kind: str,
    at: str = "1795408000.5",
    exten: str = "",
    extra: str = "",
    *ours: str,
    uid: str = "u-1",
) -> str:
    who = ("138", exten, "PJSIP/8001-00000001", uid, "l-1", "")
    quoted = [kind, at, *who, extra.replace('"', '""'), *ours]
    return ",".join(f'"{each}"' for each in quoted)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            row("CHAN_START", exten="962200"),
            [facts.Born(1795408000.5, *WHO, dials=True, number="138", exten="962200")],
        ),
        (
            row("CHAN_START", exten="s"),
            [
                facts.Born(1795408000.5, *WHO, dials=False, number="138", exten="s"),
                facts.Dialled(1795408000.5, *WHO, by="l-1"),
            ],
        ),
        (row("ANSWER", "1795408000.5", "", "", "call-1"), [facts.Up(1795408000.5, *WHO, "call-1")]),
        (
            row("HANGUP", extra='{"hangupcause":17}'),
            [facts.Ended(1795408000.5, *WHO, 17)],
        ),
        (row("CHAN_END"), [facts.Ended(1795408000.5, *WHO, None)]),
        (row("BRIDGE_ENTER", extra='{"bridge_id":"b"}'), [facts.Joined(1795408000.5, *WHO, "b")]),
        (row("BRIDGE_EXIT", extra='{"bridge_id":"b"}'), [facts.Left(1795408000.5, *WHO, "b")]),
        (row("BRIDGE_ENTER", extra="[1]"), []),
        (row("BRIDGE_EXIT", extra="{broken"), []),
        (
            row("BLINDTRANSFER", extra='{"extension":"8003","transferee_channel_uniqueid":"c-1"}'),
            [facts.BlindTransferred(1795408000.5, *WHO, "c-1", "8003", succeeded=True)],
        ),
        (
            row("ATTENDEDTRANSFER", extra='{"channel2_uniqueid":"u-2"}'),
            [facts.AttendedTransferred(1795408000.5, *WHO, "u-2", succeeded=True)],
        ),
        (
            row("LINKEDID_END", "1795408000.5", "", "", "call-1", "r-1"),
            [facts.RecordingNamed(1795408000.5, *WHO, "call-1", "r-1")],
        ),
        (
            row("APP_START", "1795408000.5", "", "", "call-1", "", "Queue"),
            [facts.Queued(1795408000.5, *WHO)],
        ),
        (row("APP_START", "1795408000.5", "", "", "call-1", "", "Dial"), []),
        (row("HANGUP", at="yesterday"), []),
        (row("HANGUP", uid=""), []),
        ("", []),
        ("HANGUP", []),
        ("HANGUP,1795408000.5", []),
        ("\0" + row("HANGUP"), []),
    ],
)
def test_a_row_tells_its_facts(line: str, told: list[Fact]) -> None:
    """What is no row of the log tells nothing."""
    assert list(read([line])) == told


def test_times_may_be_dates_in_the_switchs_zone() -> None:
    """As a `dateformat` in its configuration makes them."""
    line = row("CHAN_END", at="2026-11-23 12:26:40")
    zone = timezone(timedelta(hours=8))

    assert [fact.at for fact in read([line], zone=zone)] == [1795408000.0]


def test_only_the_gap_is_read(tmp_path: Path) -> None:
    """From a second before it on; what is doubled by that changes nothing."""
    log = tmp_path / "Master.csv"
    lines = [row("CHAN_END", at=str(1795408000.0 + second)) for second in range(0, 100, 10)]
    log.write_text("\n".join(lines) + "\n")

    assert [fact.at for fact in facts_since(log, 1795408070.5)] == [
        1795408070.0,
        1795408080.0,
        1795408090.0,
    ]


def test_a_log_that_is_not_there_tells_nothing(tmp_path: Path) -> None:
    """Its path may be wrong; `doctor` says so, the calls go on."""
    assert facts_since(tmp_path / "none.csv", 0.0) == []


def logged(stream: bytes) -> list[Message]:
    return [message for message in Decoder(frozenset({"CEL"})).feed(stream) if message.name]


def lines_of(stream: bytes) -> Iterator[str]:
    """The file that Asterisk would have written, from the same rows sent as AMI events."""
    for message in logged(stream):
        fields = (
            "EventName",
            "Timestamp",
            "CallerIDnum",
            "Exten",
            "Channel",
            "UniqueID",
            "LinkedID",
        )
        told = [message.get(field) or "" for field in fields]
        extra = (message.get("Extra") or "").replace('"', '""')
        yield ",".join(f'"{each}"' for each in (*told, message.get("Peer") or "", extra))


def shared(stream: bytes, citizen: str) -> dict[str, list[tuple[float, float]]]:
    """When each phone's channels shared a bridge with the citizen's, by rows of the log alone."""
    inside: dict[tuple[str, str], float] = {}
    stays: list[tuple[str, str, str, float, float]] = []
    for message in logged(stream):
        bridge = json.loads(message.get("Extra") or "{}").get("bridge_id", "")
        key = (message.get("UniqueID") or "", bridge)
        at = float(message.get("Timestamp") or 0)
        if message.get("EventName") == "BRIDGE_ENTER":
            inside[key] = at
        elif message.get("EventName") == "BRIDGE_EXIT" and key in inside:
            stays.append((*key, message.get("Channel") or "", inside.pop(key), at))
    mine = [stay for stay in stays if stay[0] == citizen]
    found: dict[str, list[tuple[float, float]]] = {}
    for uid, bridge, channel, since, until in stays:
        device = channel.rpartition("-")[0]
        for _, theirs, _, begun, over in mine:
            if bridge == theirs and uid != citizen and device.startswith("PJSIP/8"):
                span = (max(since, begun), min(until, over))
                if span[0] < span[1]:
                    found.setdefault(device, []).append(span)
    return found


LOCAL_FOR_A_WHILE = {"attended_transfer_ami_completed"}  # together by Local channels before
APART = {"hold_by_page", "hold_by_page_citizen_gives_up"}  # held: a talk, but in no bridge


WITNESSED = [name for name in names() if not name.startswith("restart") and name not in APART]


@pytest.mark.parametrize("name", WITNESSED)
def test_talks_are_those_of_the_event_log(name: str) -> None:
    """Bridge by bridge, instant by instant; the tracker does not see these rows."""
    stream = capture(name)
    for call in calls_of(iter([stream])):
        if call.way not in ("962200", "12345", "110") or name.startswith("ami_cut"):
            continue
        theirs = [
            (device, since, until)
            for device, spans in shared(stream, call.linkedid).items()
            for since, until in joined(spans)
        ]
        ours = [
            (each.device, each.since.timestamp(), each.until.timestamp())
            for each in call.segments
            if each.until
        ]
        slack = 0.5 if name in LOCAL_FOR_A_WHILE else CLOSE
        assert [each[0] for each in ours] == [each[0] for each in sorted(theirs, key=start)]
        for mine, truth in zip(ours, sorted(theirs, key=start), strict=True):
            assert mine[1:] == pytest.approx(truth[1:], abs=slack)


def start(talk: tuple[str, float, float]) -> float:
    return talk[1]


def joined(spans: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Moved from bridge to bridge within milliseconds is not gone."""
    merged: list[tuple[float, float]] = []
    for since, until in sorted(spans):
        if merged and since - merged[-1][1] <= CLOSE:
            merged[-1] = (merged[-1][0], until)
        else:
            merged.append((since, until))
    return merged


def told_by_log(name: str) -> Call:
    tracker = Tracker()
    for fact in read(lines_of(capture(name))):
        tracker.apply(fact)
    return tracker.calls()[0]


@pytest.mark.parametrize(
    "name",
    ["answered_citizen_hangs_up", "ring_no_answer_then_second_agent", "blind_transfer_ami",
     "phone_attended_completed", "c2c_busy"],
)  # fmt: skip
def test_a_call_is_known_from_the_log_alone(name: str) -> None:
    """A gap as long as the call: who talked when, how it ended. Only what AMI alone says is not."""
    (call, *_) = calls_of(iter([capture(name)]))
    log = told_by_log(name)

    assert (log.way, log.citizen_number or "", log.outcome, log.hangup_cause) == (
        call.way,
        (call.citizen_number or "") if call.way != "outbound" else "",
        call.outcome,
        call.hangup_cause,
    )
    assert [s.device for s in log.segments] == [s.device for s in call.segments]
    assert log.talk_seconds == pytest.approx(
        (call.talk_seconds or 0) + (call.hold_seconds or 0), abs=CLOSE
    )
