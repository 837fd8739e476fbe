"""What is heard on the simulated calls: two voices in turn, queue music, silence.

A voice is a pulse train through two resonators (the formants of a vowel), cut into syllables whose
pitch follows the four tones of Mandarin. It is no language, but a player shows speech where there
is speech. Standard library only.
"""

import array
import math
import random
import sys

RATE = 8000
WIDTH = 2
_SECONDS = 12
_VOWELS = ((730, 1090), (270, 2290), (300, 870), (530, 1840), (570, 840))
_TONES = ((1.2, 1.2), (0.95, 1.25), (0.9, 0.85), (1.3, 0.8))
_MELODY = (392, 440, 523, 587, 523, 440, 392, 330)


class Sounds:
    """Endless samples, repeating every few seconds; `speech` takes the place of our own."""

    def __init__(self, seed: int, *, speech: bytes = b"") -> None:
        self._loops = {"speech": speech or _babble(seed), "music": _packed(_music())}

    def piece(self, heard: str, *, at: int, length: int) -> bytes:
        """`length` bytes of the sound from byte offset `at`."""
        loop = self._loops.get(heard)
        if loop is None:
            return bytes(length)
        start = at % len(loop)
        rounds = (start + length) // len(loop) + 1
        return (loop * rounds)[start : start + length]


def _babble(seed: int) -> bytes:
    chance = random.Random(seed)  # noqa: S311 - a sound, not a secret
    turns = [_turn(chance, pitch) for pitch in (190.0, 115.0)]
    return _packed([sample for turn in turns for sample in turn])


def _turn(chance: random.Random, pitch: float) -> list[float]:
    """Half a loop of one voice: syllables with short rests, a breath at the end."""
    samples: list[float] = []
    wanted = _SECONDS // 2 * RATE
    while len(samples) < wanted - RATE:
        seconds = chance.uniform(0.16, 0.28)
        samples += _syllable(chance, pitch, int(seconds * RATE))
        samples += [0.0] * int(chance.choice((0.02, 0.03, 0.05, 0.25)) * RATE)
    samples += [0.0] * (wanted - len(samples))
    return samples[:wanted]


def _syllable(chance: random.Random, pitch: float, length: int) -> list[float]:
    low, high = chance.choice(_VOWELS)
    rise, fall = chance.choice(_TONES)
    first, second = _Resonator(low, 90), _Resonator(high, 130)
    phase = 0.0
    out = []
    for i in range(length):
        share = i / length
        phase += pitch * (rise + (fall - rise) * share) / RATE
        pulse = 1.0 if phase >= 1.0 else chance.uniform(-0.03, 0.03)
        phase %= 1.0
        loudness = math.sin(math.pi * share) ** 0.5
        out.append((first.step(pulse) + 0.5 * second.step(pulse)) * loudness)
    peak = max(map(abs, out)) or 1.0
    return [0.35 * s / peak for s in out]


class _Resonator:
    def __init__(self, frequency: float, width: float) -> None:
        radius = math.exp(-math.pi * width / RATE)
        self._b = 2 * radius * math.cos(2 * math.pi * frequency / RATE)
        self._c = -radius * radius
        self._y1 = self._y2 = 0.0

    def step(self, x: float) -> float:
        y = x + self._b * self._y1 + self._c * self._y2
        self._y1, self._y2 = y, self._y1
        return y


def _music() -> list[float]:
    note = RATE // 2
    out = []
    for frequency in _MELODY:
        for i in range(note):
            fade = math.exp(-3 * i / note)
            out.append(0.2 * fade * math.sin(2 * math.pi * frequency * i / RATE))
    return out


def _packed(samples: list[float]) -> bytes:
    ints = array.array("h", (int(32767 * max(-1.0, min(1.0, s))) for s in samples))
    if sys.byteorder == "big":
        ints.byteswap()
    return ints.tobytes()
