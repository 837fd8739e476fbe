"""A capture of AMI bytes, read by the code that listens to a living switch."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec

from routing.calls import Call, Way
from telephony.calls import Tracker
from telephony.calls.tracker import TRUNKS
from telephony.ear import Hearing
from telephony.messages import WANTED
from telephony.wire import Decoder

_CHUNK = 1 << 16  # bytes


def replay(path: Path, *, trunks: Mapping[str, Way] = TRUNKS) -> list[Call]:
    """The calls of a capture, oldest first.

    A second banner in it is a reconnect; lists that were asked for then are believed.

    Args:
        path: raw AMI bytes as received.
        trunks: way in by the trunk's endpoint name.

    Raises:
        OSError: the file cannot be read.
        BadMessage: it is no AMI.
    """
    with path.open("rb") as file:
        return calls_of(iter(lambda: file.read(_CHUNK), b""), trunks=trunks)


def calls_of(chunks: Iterator[bytes], *, trunks: Mapping[str, Way] = TRUNKS) -> list[Call]:
    """The calls of a stream that comes in pieces."""
    tracker = Tracker(trunks=trunks, kept=float("inf"))
    hearing = Hearing(tracker)
    decoder = Decoder(WANTED)
    for chunk in chunks:
        for message in decoder.feed(chunk):
            hearing.hear(message)
    hearing.finish()
    return tracker.calls()


def lines(calls: list[Call]) -> Iterator[bytes]:
    """One JSON object a line."""
    encoder = msgspec.json.Encoder()
    return (encoder.encode(call) + b"\n" for call in calls)
