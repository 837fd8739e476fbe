"""MixMonitor of the simulated PBX: one 8 kHz mono 16-bit WAV a call, growing as it lasts."""

import asyncio
import struct
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, Literal

import structlog

from telephony.simulator.sound import RATE, WIDTH, Sounds

Heard = Literal["music", "speech", "silence"]

_HEADER = struct.Struct("<4sI4s4sIHHIIHH4sI")
_TICK = 1.0  # seconds between writes
log = structlog.get_logger()


def header(data_length: int) -> bytes:
    """The 44 bytes in front of the samples; a length of 0 is what a crash leaves behind."""
    riff = data_length + _HEADER.size - 8 if data_length else 0
    return _HEADER.pack(
        b"RIFF", riff, b"WAVE", b"fmt ", 16, 1, 1, RATE, RATE * WIDTH, WIDTH, 8 * WIDTH, b"data",
        data_length,
    )  # fmt: skip


class Track:
    """One recording; what is heard may change while it runs."""

    def __init__(self, path: Path, sounds: Sounds, monotonic: Callable[[], float]) -> None:
        self._path = path
        self._sounds = sounds
        self._monotonic = monotonic
        self._began = monotonic()
        self._heard: Heard = "music"
        self._muted = False
        self._changes: list[tuple[int, Heard]] = [(0, "music")]  # from which byte on
        self._written = 0
        self._over = asyncio.Event()

    def hear(self, heard: Heard) -> None:
        """From now on this is heard."""
        self._heard = heard
        self._change()

    def mute(self, *, muted: bool) -> None:
        """From now on the file is silent, or not any more; its time goes on."""
        self._muted = muted
        self._change()

    def _change(self) -> None:
        self._changes.append((self._length(), "silence" if self._muted else self._heard))

    def stop(self) -> None:
        """The channel is gone; the header is completed soon after."""
        self._over.set()

    async def run(self) -> None:
        """Write until stopped. A full or vanished folder ends the recording, not the call."""
        try:
            with await asyncio.to_thread(self._open) as file:
                await self._grow(file)
                await asyncio.to_thread(self._close, file)
        except OSError as trouble:
            log.warning("simulated recording failed", path=str(self._path), reason=str(trouble))

    async def _grow(self, file: BinaryIO) -> None:
        while not self._over.is_set():
            try:
                async with asyncio.timeout(_TICK):
                    await self._over.wait()
            except TimeoutError:
                pass
            await asyncio.to_thread(self._append, file, self._due())

    def _length(self) -> int:
        """How many bytes of sound there are by now."""
        return int((self._monotonic() - self._began) * RATE) * WIDTH

    def _due(self) -> bytes:
        """The samples since the last write."""
        end, pieces = self._length(), []
        at = self._written
        following = [since for since, _ in self._changes[1:]] + [end]
        for (_, heard), until in zip(self._changes, following, strict=True):
            length = min(until, end) - at
            if length > 0:
                pieces.append(self._sounds.piece(heard, at=at, length=length))
                at += length
        self._changes = self._changes[-1:]
        return b"".join(pieces)

    def _open(self) -> BinaryIO:
        file = self._path.open("xb")
        file.write(header(0))
        file.flush()
        return file

    def _append(self, file: BinaryIO, samples: bytes) -> None:
        file.write(samples)
        file.flush()
        self._written += len(samples)

    def _close(self, file: BinaryIO) -> None:
        file.seek(0)
        file.write(header(self._written))
