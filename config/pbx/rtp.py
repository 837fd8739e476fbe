"""Voice as the telephone carries it: A-law in 20 ms packets, keys as events (RFC 3550, 4733)."""

import asyncio
import math
import random
import struct
import time
import wave
from collections import deque
from pathlib import Path
from typing import cast

RATE = 8000
PACKET = 160  # samples, 20 ms
SILENCE = b"\xd5" * PACKET
KEYS = "0123456789*#"
EVENT_PACKETS = 8
LAST_EVENTS = 3
LOUD = 300.0  # root mean square above which something is heard


def encode_alaw(sample: int) -> int:
    """One 16-bit sample in A-law (ITU-T G.711)."""
    sign = 0x80 if sample >= 0 else 0
    size = min(sample if sample >= 0 else -sample - 1, 32635)
    exponent = max(size.bit_length() - 8, 0)
    mantissa = (size >> (exponent + 3 if exponent else 4)) & 15
    return ((exponent << 4) | mantissa | sign) ^ 0x55


def decode_alaw(octet: int) -> int:
    """The 16-bit sample an A-law octet stands for."""
    octet ^= 0x55
    exponent, step = (octet >> 4) & 7, (octet & 15) << 4
    size = step + 8 if exponent == 0 else (step + 0x108) << (exponent - 1)
    return size if octet & 0x80 else -size


LINEAR = [decode_alaw(octet) for octet in range(256)]


def tone(hertz: int = 600, seconds: float = 1.0) -> bytes:
    """A steady tone in A-law."""
    samples = range(int(RATE * seconds))
    return bytes(
        encode_alaw(int(8000 * math.sin(2 * math.pi * hertz * place / RATE))) for place in samples
    )


def speech(path: Path) -> bytes:
    """A mono 16-bit 8 kHz wav file in A-law."""
    with wave.open(str(path)) as file:
        frames = file.readframes(file.getnframes())
    return bytes(encode_alaw(sample) for (sample,) in struct.iter_unpack("<h", frames))


class Stream(asyncio.DatagramProtocol):
    """One call's voice: says `audio` over and over, or nothing; measures what it hears."""

    def __init__(self, audio: bytes = SILENCE) -> None:
        self.audio = audio
        self.packets = 0
        self.loud_packets = 0
        self.digits = ""
        self.muted = False
        self._to: tuple[str, int] | None = None
        self._keys: deque[int] = deque()
        self._last_event: tuple[int, int] | None = None
        self._sequence = random.randrange(1 << 15)  # noqa: S311 - a start value
        self._clock = random.randrange(1 << 30)  # noqa: S311
        self._source = random.randrange(1 << 31)  # noqa: S311
        self._task: asyncio.Task[None] | None = None
        self._transport: asyncio.DatagramTransport | None = None

    @classmethod
    async def open(cls, address: str, audio: bytes) -> "Stream":
        """A stream on a free port of `address`."""
        loop = asyncio.get_running_loop()
        _, stream = await loop.create_datagram_endpoint(lambda: cls(audio), local_addr=(address, 0))
        return stream

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self._transport.get_extra_info("sockname")[1]) if self._transport else 0

    def send_to(self, address: str, port: int) -> None:
        """Begin to speak, or go on speaking to another place."""
        self._to = (address, port)
        if self._task is None and self.audio:
            self._task = asyncio.ensure_future(self._speak())

    def press(self, keys: str) -> None:
        """Press keys, one after the other, 160 ms each."""
        self._keys.extend(KEYS.index(key) for key in keys)

    def close(self) -> None:
        """Stop speaking and listening."""
        if self._task:
            self._task.cancel()
        if self._transport:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The port is open."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:  # noqa: ARG002
        """A packet came in."""
        if len(data) < 16:  # noqa: PLR2004 - a header and the least that can follow it
            return
        kind = data[1] & 0x7F
        if kind == 101:  # noqa: PLR2004 - telephone events, as we offered them
            self._hear_key(struct.unpack("!I", data[4:8])[0], data[12])
        elif kind == 8:  # noqa: PLR2004 - A-law, as we offered it
            self.packets += 1
            self.loud_packets += loudness(data[12:]) > LOUD

    def _hear_key(self, clock: int, key: int) -> None:
        """A key comes in several packets with one time stamp."""
        if (clock, key) != self._last_event:
            self._last_event = (clock, key)
            self.digits += KEYS[key] if key < len(KEYS) else ""

    async def _speak(self) -> None:
        place, due = 0, time.monotonic()
        while True:
            if self._keys:
                due = await self._send_key(self._keys.popleft())
            piece = self.audio[place : place + PACKET]
            place = place + PACKET if len(piece) == PACKET else 0
            if not self.muted:
                self._send(8, piece.ljust(PACKET, b"\xd5"), self._clock)
            self._clock += PACKET
            due += PACKET / RATE
            await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _send_key(self, key: int) -> float:
        for number in range(EVENT_PACKETS):
            over = 0x80 if number >= EVENT_PACKETS - LAST_EVENTS else 0
            lasted = min(PACKET * (number + 1), PACKET * (EVENT_PACKETS - LAST_EVENTS + 1))
            self._send(101, struct.pack("!BBH", key, over | 10, lasted), self._clock,
                       first=number == 0)  # fmt: skip
            await asyncio.sleep(PACKET / RATE)
        self._clock += PACKET * (EVENT_PACKETS + 4)
        return time.monotonic()

    def _send(self, kind: int, payload: bytes, clock: int, *, first: bool = False) -> None:
        self._sequence += 1
        head = struct.pack(
            "!BBHII", 0x80, kind | (0x80 if first else 0), self._sequence & 0xFFFF,
            clock & 0xFFFFFFFF, self._source,
        )  # fmt: skip
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(head + payload, self._to)


def loudness(payload: bytes) -> float:
    """The root mean square of every third sample (every fourth would be deaf to 1000 Hz)."""
    samples = payload[::3]
    return math.sqrt(sum(LINEAR[octet] ** 2 for octet in samples) / max(1, len(samples)))
