"""Calls of a real Asterisk, replayed whole, cut, doubled and out of order, are what they were."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing.calls import Call
from telephony.calls import Tracker
from telephony.ear import Hearing
from telephony.messages import WANTED
from telephony.replay import calls_of
from telephony.wire import Decoder, Message
from tests.telephony.captured import capture, names
from tests.telephony.truths import TRUTHS, Truth

NEAR = 0.25  # seconds between what phones and Asterisk measured
CLOSE = 0.05  # seconds within which events may come in any order
NOISE = ("CEL", "VarSet", "Newexten", "TestEvent", "RTCPSent", "RTCPReceived", "DTMFEnd")


def short(device: str) -> str:
    return device.removeprefix("PJSIP/")


def facts_of(call: Call) -> Truth:
    """A call as the table of truths tells it."""
    return Truth(
        way=call.way,
        number=call.citizen_number,
        outcome=call.outcome,
        offers=", ".join(f"{short(o.device)} {o.outcome}" for o in call.offers),
        talks=", ".join(short(s.device) for s in call.segments),
        transfers=", ".join(f"{t.kind} {short(t.by)}>{t.to} {t.outcome}" for t in call.transfers),
        cause=call.hangup_cause,
        name=call.citizen_name,
        case=call.sender_case,
        did=call.did,
    )


def told(truth: Truth) -> Truth:
    """A truth without its times, as `facts_of` gives it."""
    talkers = ", ".join(each.split()[0] for each in truth.talks.split(", ") if each)
    return truth._replace(talks=talkers, hold=0.0, waited=None)


def times(truth: Truth) -> list[float]:
    return [float(each.split()[1]) for each in truth.talks.split(", ") if each]


def lengths(call: Call) -> list[float]:
    return [(s.until - s.since).total_seconds() for s in call.segments if s.until]


@pytest.mark.parametrize("name", names())
def test_a_capture_gives_the_truth(name: str) -> None:
    """Ways, people, outcomes and the order of everything; times as near as phones measure."""
    calls = calls_of(iter([capture(name)]))
    truths = TRUTHS[name]

    assert [facts_of(call) for call in calls] == [told(truth) for truth in truths]
    for call, truth in zip(calls, truths, strict=True):
        assert lengths(call) == pytest.approx(times(truth), abs=NEAR)
        assert call.hold_seconds == pytest.approx(truth.hold, abs=NEAR)
        assert call.talk_seconds == pytest.approx(sum(times(truth)) - truth.hold, abs=2 * NEAR)
        assert call.state == "ended"
        if truth.waited is not None:
            assert call.queue_seconds == pytest.approx(truth.waited, abs=NEAR)


def test_every_truth_has_its_capture() -> None:
    """No capture is missed and no truth stands alone."""
    assert sorted(TRUTHS) == names()


def replayed(messages: list[Message]) -> list[Call]:
    tracker = Tracker(kept=float("inf"))
    hearing = Hearing(tracker)
    for message in messages:
        hearing.hear(message)
    hearing.finish()
    return tracker.calls()


def decoded(name: str) -> list[Message]:
    decoder = Decoder(WANTED)
    return decoder.feed(capture(name))


def shuffled(messages: list[Message], seed: int) -> list[Message]:
    """Neighbours within 50 ms in any order; what bears no time stays where it is."""
    randomness = random.Random(seed)
    blocks: list[list[Message]] = [[]]
    for message in messages:
        if message.get("Timestamp") is None or message.is_banner:
            blocks += [[message], []]
        else:
            blocks[-1].append(message)

    def late(message: Message) -> float:
        return float(message.get("Timestamp") or 0) + randomness.uniform(0, CLOSE)

    return [m for block in blocks for m in (sorted(block, key=late) if block[1:] else block)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(names()), st.integers(0, 1 << 30))
def test_any_order_within_fifty_milliseconds_gives_the_same_calls(name: str, seed: int) -> None:
    """Events overtake one another; nothing is held back to wait for the others."""
    messages = decoded(name)

    assert replayed(shuffled(messages, seed)) == replayed(messages)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(names()), st.integers(0, 1 << 30))
def test_doubled_events_give_the_same_calls(name: str, seed: int) -> None:
    """At once, or a little later."""
    messages = decoded(name)
    randomness = random.Random(seed)
    doubled = list(messages)
    for message in messages:
        if message.name and message.get("Timestamp") and randomness.random() < 0.5:
            at = doubled.index(message)
            doubled.insert(min(len(doubled), at + randomness.choice([1, 1, 2, 5])), message)

    assert replayed(doubled) == replayed(messages)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(names()), st.lists(st.integers(0, 200_000), max_size=60))
def test_any_cut_of_the_bytes_gives_the_same_calls(name: str, cuts: list[int]) -> None:
    """As the network may deliver them."""
    stream = capture(name)
    edges = [0, *sorted(min(cut, len(stream)) for cut in cuts), len(stream)]
    chunks = [stream[a:b] for a, b in pairwise(edges)]

    assert calls_of(iter(chunks)) == calls_of(iter([stream]))


@pytest.mark.parametrize("name", names())
def test_what_the_servers_account_does_not_get_is_not_needed(name: str) -> None:
    """Without CEL, VarSet, Newexten and the like the calls are the same."""
    frames = capture(name).split(b"\r\n\r\n")
    noise = tuple(f"Event: {each}\r\n".encode() for each in NOISE)
    stream = b"\r\n\r\n".join(frame for frame in frames if not frame.startswith(noise))

    calls = calls_of(iter([stream]))

    assert [facts_of(call) for call in calls] == [told(truth) for truth in TRUTHS[name]]
    if not name.startswith(("restart", "ami_cut")):  # there the last event before counts
        assert calls == calls_of(iter([capture(name)]))
