"""What a recording sounds like: its length, and which of the known notes is loudest in it."""

import math
import struct
import wave
from collections.abc import Iterable, Sequence
from pathlib import Path

RATE = 8000


def samples(path: Path) -> list[int]:
    with wave.open(str(path)) as file:
        assert file.getframerate() == RATE
        frames = file.readframes(file.getnframes())
    return [sample for (sample,) in struct.iter_unpack("<h", frames)]


def seconds(path: Path) -> float:
    with wave.open(str(path)) as file:
        return float(file.getnframes() / file.getframerate())


def loudest(heard: Sequence[int], notes: Iterable[int]) -> int:
    """The note (Hz) with the most power, by Goertzel's algorithm."""
    return max(notes, key=lambda note: power(heard, note))


def power(heard: Sequence[int], note: int) -> float:
    factor: float = 2 * math.cos(2 * math.pi * note / RATE)
    before, last = 0.0, 0.0
    for sample in heard:
        before, last = last, sample + factor * last - before
    return before * before + last * last - factor * before * last
