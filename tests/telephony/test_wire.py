"""AMI bytes become messages, however the network cuts them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony.wire import LARGEST, BadMessage, Decoder, Message
from tests.telephony.captured import capture, names


def decode(stream: bytes, cuts: list[int] | None = None) -> list[tuple[str, bytes]]:
    decoder = Decoder()
    edges = [0, *sorted(cuts or []), len(stream)]
    chunks = [stream[a:b] for a, b in itertools.pairwise(edges)]
    return [(message.name, message.raw) for chunk in chunks for message in decoder.feed(chunk)]


def one(stream: bytes) -> Message:
    (message,) = Decoder().feed(stream)
    return message


PIECES = st.sampled_from(
    [
        b"Asterisk Call Manager/11.0.0\r\n",
        b"Response: Success\r\nActionID: a-1\r\n\r\n",
        "Event: Newchannel\r\nCallerIDName: 王小明 甲\r\n\r\n".encode(),
        b"Event: Newchannel\r\nCallerIDName: Asterisk Call Manager/1.0\r\nExten: 1\r\n\r\n",
        b"Event: UserEvent\r\nText: one\n\ntwo\r\n\r\n",
        b"Event: Hangup\nUniqueid: 7\n\n",
        b"Event: Hang",
        b"Event: VarSet\r\nTimestamp: 1795407444.25\r\n\r\n",
        b"garbage\r\n\r\n",
        b"\r\n",
        b"\n",
    ]
)


@given(st.lists(PIECES, max_size=8).map(b"".join), st.lists(st.integers(0, 400)))
def test_any_split_of_a_stream_gives_the_same_messages(stream: bytes, cuts: list[int]) -> None:
    """Cuts inside a character, a line end or the banner change nothing."""
    assert decode(stream, [min(cut, len(stream)) for cut in cuts]) == decode(stream)


@given(st.sampled_from(names()), st.lists(st.integers(0, 200_000), max_size=40))
def test_any_split_of_a_capture_gives_the_same_messages(name: str, cuts: list[int]) -> None:
    """The same for what a real Asterisk sent."""
    stream = capture(name)

    assert decode(stream, [min(cut, len(stream)) for cut in cuts]) == decode(stream)


def test_every_byte_may_come_alone() -> None:
    """A UTF-8 name cut by the network is whole again."""
    stream = "Event: Newchannel\r\nCallerIDName: 王小明 甲\r\n\r\n".encode()
    decoder = Decoder()

    got = [message for byte in stream for message in decoder.feed(bytes([byte]))]

    assert [message.get("CallerIDName") for message in got] == ["王小明 甲"]


def test_a_capture_is_decoded_whole() -> None:
    """The number of events is the one counted when the call was made."""
    messages = Decoder().feed(capture("answered_citizen_hangs_up"))

    assert sum(1 for message in messages if message.name) == 179
    assert [message.name for message in messages[:3]] == ["", "", "FullyBooted"]
    assert [message.is_banner for message in messages[:3]] == [True, False, False]
    assert [message.is_response for message in messages[:3]] == [False, True, False]


def test_the_banner_is_told_before_any_message() -> None:
    """A link may log in when Asterisk has greeted."""
    assert decode(b"Asterisk Call Manager/11.0.0\r\n") == [("", b"Asterisk Call Manager/11.0.0")]


def test_a_banner_in_the_middle_drops_the_half_message_before_it() -> None:
    """So looks a capture that goes on after Asterisk was killed."""
    stream = (
        b"Event: Hangup\r\nTimestamp: 7.5\r\n\r\nEvent: Hangup\r\nTimestamp: 8.5\r\nUniq"
        b"Asterisk Call Manager/11.0.0\r\nResponse: Success\r\nMessage: in\r\n\r\n"
    )

    assert decode(stream) == [
        ("Hangup", b"Event: Hangup\r\nTimestamp: 7.5"),
        ("", b"Asterisk Call Manager/11.0.0\r\nTimestamp: 7.5"),
        ("", b"Response: Success\r\nMessage: in"),
    ]


def test_a_caller_named_like_the_banner_is_a_caller() -> None:
    """A display name is free text and must not look like a lost connection."""
    stream = (
        b"Event: Newchannel\r\nCallerIDName: Asterisk Call Manager/11.0.0\r\n"
        b"ConnectedLineNum: 1\r\n\r\n"
    )

    assert [message.is_banner for message in Decoder().feed(stream)] == [False]


def test_only_wanted_events_are_delivered_and_every_response() -> None:
    """An unwanted event is dropped, wherever its name stands."""
    stream = (
        b"Event: VarSet\r\nVariable: x\r\n\r\n"
        b"Privilege: call,all\r\nEvent: VarSet\r\n\r\n"
        b"Response: Success\r\n\r\n"
        b"Event: Hangup\r\n\r\n"
        b"Privilege: call,all\r\nevent: Hangup\r\n\r\n"
    )
    messages = Decoder(frozenset({"Hangup"})).feed(stream)

    assert [message.name for message in messages] == ["", "Hangup", "Hangup"]


def test_messages_with_bare_line_feeds_stand_alone() -> None:
    """Neither glued to the next one nor, as a part of a value, taken for an end."""
    stream = (
        b"Event: A\nKey: 1\n\nEvent: B\r\nKey: 2\n\nstill two\r\n\r\nEvent: C\r\nKey: 3\r\n\r\n"
    )

    assert decode(stream) == [
        ("A", b"Event: A\r\nKey: 1"),
        ("B", b"Event: B\r\nKey: 2\n\nstill two"),
        ("C", b"Event: C\r\nKey: 3"),
    ]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("Channel", "PJSIP/8001-00000001"),
        ("CHANNEL", "PJSIP/8001-00000001"),
        ("Event", "Hold"),
        ("event", "Hold"),
        ("Tight", "no blank"),
        ("Twice", "first"),
        ("Padded", " x "),
        ("Empty", ""),
        ("Name", "�"),
        ("Absent", None),
        ("Hold", None),
    ],
)
def test_a_field_is_found_as_it_was_sent(key: str, value: str | None) -> None:
    """In any case, the first of several, with its blanks; broken UTF-8 is shown as such."""
    message = one(
        b"Event: Hold\r\nChannel: PJSIP/8001-00000001\r\nTight:no blank\r\nTwice: first\r\n"
        b"Twice: second\r\nPadded:  x \r\nName: \xff\r\nno field\r\nEmpty: \r\n\r\n"
    )

    assert message.get(key) == value


def test_a_repeated_field_gives_all_its_values() -> None:
    """ChanVariable stands once for each variable."""
    message = one(b"Event: Hold\r\nChanVariable: A=1\r\nno field\r\nChanVariable: B=\r\n\r\n")

    assert message.all("chanvariable") == ["A=1", "B="]
    assert len(list(message.items())) == 3


def test_a_channel_variable_is_found_among_those_that_come_with_every_event() -> None:
    """Of the channel itself or of the dialled one; unset ones are empty."""
    message = one(
        b"Event: DialBegin\r\nChanVariable: HL_CALLID=\r\nDestChanVariable: HL_CALLID=u-1\r\n\r\n"
    )

    assert message.variable("HL_CALLID") == ""
    assert message.variable("HL_CALLID", "DestChanVariable") == "u-1"
    assert message.variable("HL_OTHER") == ""


def test_a_response_names_the_action_it_answers() -> None:
    """The ActionID comes back as it was sent."""
    assert one(b"Response: Error\r\nActionID: q-7\r\n\r\n").action_id == "q-7"


def test_a_message_shows_its_bytes_in_a_log() -> None:
    """Whoever reads the log sees what came."""
    assert repr(one(b"Event: Hold\r\n\r\n")) == "Message(b'Event: Hold')"


def test_a_stream_without_an_end_is_refused() -> None:
    """A peer that is no Asterisk cannot fill the memory."""
    decoder = Decoder()
    decoder.feed(b"Event: X\r\n")

    with pytest.raises(BadMessage, match="without the end of a message"):
        decoder.feed(b"a" * LARGEST)

    assert [message.name for message in decoder.feed(b"Event: Y\r\n\r\n")] == ["Y"]
