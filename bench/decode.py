"""AMI decoding on one core beside bare panoramisk: five headers read of every wanted event."""

import asyncio
from functools import partial

import panoramisk
from panoramisk.ami_protocol import AMIProtocol

from bench.measure import Ratio, in_turn
from bench.traffic import BANNER, Pattern
from telephony.wire import Decoder

WANTED = frozenset(
    {
        "AgentCalled",
        "AgentComplete",
        "AgentConnect",
        "AgentRingNoAnswer",
        "AttendedTransfer",
        "BlindTransfer",
        "BridgeEnter",
        "BridgeLeave",
        "DialBegin",
        "DialEnd",
        "Hangup",
        "Hold",
        "LocalBridge",
        "MixMonitorStart",
        "NewConnectedLine",
        "Newchannel",
        "Newstate",
        "QueueCallerAbandon",
        "QueueCallerJoin",
        "QueueCallerLeave",
        "QueueMemberStatus",
        "Unhold",
        "UserEvent",
    }
)
HEADERS = ("Uniqueid", "Linkedid", "Channel", "CallerIDNum", "Timestamp")
CHUNK = 4096


def _chunks(calls: int, *, lean: bool) -> tuple[list[bytes], int]:
    events = [
        event
        for _, event in Pattern(lean=lean).stream(calls, per_second=50, start=1.8e9, agents=1000)
    ]
    data = BANNER + b"".join(events)
    return [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)], len(events)


def _panoramisk(chunks: list[bytes], count: int) -> int:
    manager = panoramisk.Manager()
    seen = 0

    def handle(_: object, event: panoramisk.message.Message) -> None:
        nonlocal seen
        for header in HEADERS:
            event.get(header)
        seen += 1

    for name in WANTED:
        manager.register_event(name, handle)
    protocol = AMIProtocol()
    protocol.connection_made(asyncio.Transport())
    protocol.factory = manager
    protocol.encoding = "utf8"
    for chunk in chunks:
        protocol.data_received(chunk)
    assert seen
    return count


def _ours(chunks: list[bytes], count: int) -> int:
    decoder = Decoder(WANTED)
    seen = 0
    for chunk in chunks:
        for message in decoder.feed(chunk):
            for header in HEADERS:
                message.get(header)
            seen += 1
    assert seen
    return count


def run() -> list[Ratio]:
    """Decode what an unfiltered account sends, and what ours is sent."""
    ratios = []
    for lean, sends in ((False, "an unfiltered account"), (True, "our account")):
        chunks, count = _chunks(100, lean=lean)
        ratios.append(
            in_turn(
                f"AMI decode, events as {sends} is sent them",
                baseline=partial(_panoramisk, chunks, count),
                ours=partial(_ours, chunks, count),
                unit="events",
                target=7,
            )
        )
    return ratios
