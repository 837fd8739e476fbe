"""The scripted phone's own language."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.pbx import rtp, sip

INVITE = sip.Message(
    "INVITE sip:962200@127.0.0.1 SIP/2.0",
    (
        ("Via", "SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bKab;rport"),
        ("From", '"王小明" <sip:138@127.0.0.2>;tag=f1'),
        ("To", "<sip:962200@127.0.0.1>"),
        ("Call-ID", "c1"),
        ("CSeq", "7 INVITE"),
    ),
    sip.description("127.0.0.2", 4000, direction="sendonly"),
)


def test_a_message_survives_the_wire() -> None:
    read = sip.parse(INVITE.encode())
    assert (read.start, read.body, read.method, read.sequence) == (
        INVITE.start, INVITE.body, "INVITE", 7
    )  # fmt: skip
    assert read["from"] == '"王小明" <sip:138@127.0.0.2>;tag=f1'


def test_compact_names_mean_the_same() -> None:
    assert sip.parse(b"BYE sip:a@b SIP/2.0\r\ni: c9\r\n\r\n")["call-id"] == "c9"


def test_what_is_no_sip_is_refused() -> None:
    with pytest.raises(sip.BadSip):
        sip.parse(b"\x80\x08\x00\x01")


def test_a_description_says_where_and_which_way() -> None:
    assert sip.media(INVITE.body) == sip.Media("127.0.0.2", 4000, "sendonly")


def test_an_answer_repeats_what_names_the_request() -> None:
    answer = sip.response(INVITE, 200, "OK", to_tag="t1")
    assert (answer.status, answer.branch, sip.tag(answer["to"]), answer["cseq"]) == (
        200, "z9hG4bKab", "t1", "7 INVITE"
    )  # fmt: skip


def test_a_digest_is_that_of_the_rfc() -> None:
    """RFC 2617's own example, without quality of protection."""
    challenge = sip.Message(
        "SIP/2.0 401 Unauthorized",
        (("WWW-Authenticate", 'Digest realm="testrealm@host.com", nonce="dcd98b"'),),
    )
    name, value = sip.authorization(challenge, "GET", "/dir", name="Mufasa", password="Circle")
    assert name == "Authorization"
    assert 'response="' in value
    assert 'nonce="dcd98b"' in value


@given(st.integers(-32768, 32767))
def test_a_law_keeps_a_sample_within_its_step(sample: int) -> None:
    """An eighth of the size at most, and never more than 16 where it is quiet."""
    heard = rtp.decode_alaw(rtp.encode_alaw(sample))
    assert abs(heard - sample) <= max(16, abs(sample) / 8)


def test_silence_is_not_loud_and_a_tone_is() -> None:
    assert rtp.loudness(rtp.SILENCE) < rtp.LOUD < rtp.loudness(rtp.tone(1000, 0.02))


def test_a_key_is_heard_once_however_many_packets_bring_it() -> None:
    stream = rtp.Stream()
    for place in (1, 2, 3):
        head = struct.pack("!BBHII", 0x80, 101, place, 160, 1)
        stream.datagram_received(head + struct.pack("!BBH", 10, 0, 160), ("127.0.0.1", 1))
    assert stream.digits == "*"
