"""What the simulated recordings sound like: voices, music, silence, each as long as asked."""

import math
import struct
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from telephony.simulator.recorder import header
from telephony.simulator.sound import RATE, Sounds
from telephony.simulator.spoken import conversation


def samples(raw: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(raw) // 2}h", raw)


def test_speech_and_music_are_heard_and_silence_is_not() -> None:
    sounds = Sounds(1)
    second = 2 * RATE

    loudest = {
        heard: max(map(abs, samples(sounds.piece(heard, at=0, length=second))))
        for heard in ("speech", "music", "silence")
    }

    assert loudest["speech"] > 8_000
    assert loudest["music"] > 4_000
    assert loudest["silence"] == 0


@pytest.mark.parametrize("heard", ["speech", "music"])
def test_pieces_follow_one_another_without_a_seam(heard: str) -> None:
    """However the writes fall, the file is the same."""
    sounds = Sounds(1)
    whole = sounds.piece(heard, at=0, length=600_000)

    cuts = [0, 16_000, 192_002, 500_000, 600_000]
    pieces = [sounds.piece(heard, at=a, length=b - a) for a, b in pairwise(cuts)]

    assert b"".join(pieces) == whole


def test_a_spoken_conversation_is_brought_to_the_telephones_rate(tmp_path: Path) -> None:
    """A stand-in for espeak-ng says a second of a 440 Hz tone, at its own 22,050 samples."""
    tone = tmp_path / "tone.wav"
    rate = 22_050
    sound = [int(10_000 * math.sin(2 * math.pi * 440 * i / rate)) for i in range(rate)]
    head = bytearray(header(0))
    head[24:28] = rate.to_bytes(4, "little")
    tone.write_bytes(bytes(head) + struct.pack(f"<{rate}h", *sound))
    program = tmp_path / "speaks"
    program.write_text(
        f"#!{sys.executable}\nfrom pathlib import Path\nfrom sys import stdout\n"
        f"stdout.buffer.write(Path({str(tone)!r}).read_bytes())\n"
    )
    program.chmod(0o755)

    heard = samples(conversation(str(program)))

    turn, pause = RATE, RATE // 2
    assert len(heard) == 6 * (turn + pause)
    crossings = sum(a < 0 <= b for a, b in pairwise(heard[:turn]))
    assert crossings == pytest.approx(440, abs=2)
    assert not any(heard[turn : turn + pause])


@pytest.mark.parametrize("program", ["/bin/true", "/bin/false", "/nowhere"])
def test_a_machine_without_a_voice_has_ours(program: str) -> None:
    assert conversation(program) == b""
