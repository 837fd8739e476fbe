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


def chunks(calls: int, *, lean: bool) -> tuple[list[bytes], int]:
    """The traffic of so many calls in pieces as a socket gives them, and how many events."""
    events = [
        event
        for _, event in Pattern(lean=lean).stream(calls, per_second=50, start=1.8e9, agents=1000)
    ]
    data = BANNER + b"".join(events)
    return [data[i : i + CHUNK] for i in range(0, len(data), CHUNK)], len(events)


def panoramisk_decodes(parts: list[bytes], count: int) -> int:
    """Feed a bare panoramisk manager with a callback per wanted event."""
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
    for part in parts:
        protocol.data_received(part)
    assert seen
    return count


def _ours(parts: list[bytes], count: int) -> int:
    decoder = Decoder(WANTED)
    seen = 0
    for part in parts:
        for message in decoder.feed(part):
            for header in HEADERS:
                message.get(header)
            seen += 1
    assert seen
    return count


def run() -> list[Ratio]:
    """Decode what an unfiltered account sends, and what ours is sent."""
    ratios = []
    for lean, sends in ((False, "an unfiltered account"), (True, "our account")):
        parts, count = chunks(100, lean=lean)
        ratios.append(
            in_turn(
                f"AMI decode, events as {sends} is sent them",
                baseline=partial(panoramisk_decodes, parts, count),
                ours=partial(_ours, parts, count),
                unit="events",
                target=7,
            )
        )
    return ratios
