"""AMI traffic of many calls, made from one real capture: same events, order, headers and gaps.

A captured queue call (notice, recording, queue, one agent, hang-up) is cut into events; every
identity in it (channels, unique ids, bridges, the caller's number, the agent) becomes a blank that
each made call fills with its own.
"""

import gzip
import heapq
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

CAPTURE = Path(__file__).parent.parent / "tests/telephony/captures/answered_citizen_hangs_up.ami.gz"
FILTERED = frozenset({"VarSet", "Newexten", "TestEvent", "CEL", "RTCPSent", "RTCPReceived"})
"""What the manager account of our configuration is not sent."""
BANNER = b"Asterisk Call Manager/11.0.0\r\n"

_BLANKS = re.compile(
    rb"(?P<time>(?<=Timestamp: )[\d.]+)"
    rb"|PJSIP/trunk-city-(?P<trunk>[0-9a-f]{8})"
    rb"|PJSIP/8001-(?P<leg>[0-9a-f]{8})"
    rb"|PJSIP/(?P<agent>8001)\b"
    rb"|(?P<file>@recording@)"
    rb"|pbx-[\d]+\.(?P<uid>\d+)"
    rb"|(?P<bridge>[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22})"
    rb"|(?P<citizen>13800001111)"
)


class Event(msgspec.Struct, frozen=True):
    """One event of the pattern: seconds after the call's start, and its text between the blanks."""

    name: str
    at: float
    pieces: tuple[bytes, ...]
    blanks: tuple[tuple[str, int], ...]


class Pattern:
    """One captured call, ready to be made again.

    Args:
        lean: leave out what the production account never sees.
        stretch: multiply the gaps between events; 0.1 makes a 14 s call last 1.4 s.
    """

    def __init__(self, *, lean: bool = True, stretch: float = 1.0) -> None:
        frames = gzip.decompress(CAPTURE.read_bytes()).split(b"\r\n\r\n")
        told = _tell_recordings(frame for frame in frames if frame.startswith(b"Event: "))
        cut = [_cut(frame + b"\r\n\r\n") for frame in told]
        start = next(event.at for event in cut if event.name == "Newchannel")
        self.events = [
            msgspec.structs.replace(event, at=(event.at - start) * stretch)
            for event in cut
            if event.at >= start and not (lean and event.name in FILTERED)
        ]
        self.seconds = self.events[-1].at

    def call(self, n: int, *, start: float, agents: int) -> Iterator[tuple[float, bytes]]:
        """The events of the n-th call: instant in Unix seconds, and bytes."""
        fills = {
            "trunk": b"PJSIP/trunk-city-%08x" % (2 * n),
            "leg": b"PJSIP/%d-%08x" % (8001 + n % agents, 2 * n + 1),
            "agent": b"PJSIP/%d" % (8001 + n % agents),
            "file": b"%08x-0000-4000-a000-%012x" % (n, n),
            "bridge": b"%08x-0000-4000-8000-%012x" % (n, n),
            "citizen": b"138%08d" % n,
        }
        uids: dict[int, bytes] = {}
        for event in self.events:
            at = start + event.at
            parts = [event.pieces[0]]
            for (kind, number), piece in zip(event.blanks, event.pieces[1:], strict=True):
                if kind == "time":
                    parts.append(b"%.6f" % at)
                elif kind == "uid":
                    parts.append(
                        uids.setdefault(number, b"pbx-%d.%d" % (start, 10 * n + len(uids)))
                    )
                else:
                    parts.append(fills[kind])
                parts.append(piece)
            yield at, b"".join(parts)

    def stream(
        self, calls: int, *, per_second: float, start: float, agents: int
    ) -> Iterator[tuple[float, bytes]]:
        """The events of many overlapping calls, in order of their instants."""
        yield from heapq.merge(
            *(self.call(n, start=start + n / per_second, agents=agents) for n in range(calls)),
            key=lambda event: event[0],
        )


def _tell_recordings(frames: Iterable[bytes]) -> Iterator[bytes]:
    """Name each recording's file, as our dialplan does right after starting it."""
    for frame in frames:
        yield frame
        if frame.startswith(b"Event: MixMonitorStart\r\n"):
            event = frame.replace(b"MixMonitorStart", b"UserEvent", 1)
            call = re.search(rb"HL_CALLID=([^\r]+)", frame)
            yield (
                event
                + b"\r\nUserEvent: HotlineRecording\r\nCallId: %b" % (call[1] if call else b"")
                + b"\r\nRecordingId: @recording@"
            )


def _cut(frame: bytes) -> Event:
    name = frame[7 : frame.index(b"\r\n")].decode()
    at = re.search(rb"Timestamp: ([\d.]+)", frame)
    pieces: list[bytes] = []
    blanks: list[tuple[str, int]] = []
    end = 0
    for match in _BLANKS.finditer(frame):
        kind = match.lastgroup or ""
        pieces.append(frame[end : match.start()])
        blanks.append((kind, int(match[kind]) if kind == "uid" else 0))
        end = match.end()
    return Event(name, float(at[1]) if at else 0.0, (*pieces, frame[end:]), tuple(blanks))
