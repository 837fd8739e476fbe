"""A short conversation in Mandarin for the recordings, where the machine has espeak-ng."""

import array
import subprocess
import sys
from itertools import pairwise

from telephony.simulator.sound import RATE

_CONVERSATION = (
    ("cmn+f2", "您好,社区服务热线,请问有什么可以帮您?"),
    ("cmn+m3", "你好,我想问一下,老人的最低生活保障怎么申请?"),
    ("cmn+f2", "请问您住在哪个区、哪个街道?"),
    ("cmn+m3", "我住在浦东新区,塘桥街道。"),
    ("cmn+f2", "好的,我帮您记录下来,街道的工作人员会联系您。"),
    ("cmn+m3", "谢谢你,再见。"),
)
_PAUSE_SECONDS = 0.5
_SECONDS = 20.0
_HEAD_BYTES = 44


def conversation(program: str) -> bytes:
    """16-bit samples of the conversation, or nothing where the program cannot say it."""
    try:
        turns = [_say(program, voice, text) for voice, text in _CONVERSATION]
    except (OSError, subprocess.SubprocessError, ValueError):
        return b""
    pause = bytes(2 * int(RATE * _PAUSE_SECONDS))
    return b"".join(turn + pause for turn in turns)


def _say(program: str, voice: str, text: str) -> bytes:
    command = [program, "-v", voice, "-s", "170", "--stdout", text]
    said = subprocess.run(  # noqa: S603 - a fixed text and a program the caller names
        command, capture_output=True, check=True, timeout=_SECONDS
    ).stdout
    rate = int.from_bytes(said[24:28], "little")
    if said[:4] != b"RIFF" or not rate:
        raise ValueError("no sound came of it")
    return _at_telephone_rate(_samples(said[_HEAD_BYTES:]), rate)


def _samples(raw: bytes) -> "array.array[int]":
    samples = array.array("h", raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return samples


def _at_telephone_rate(samples: "array.array[int]", rate: int) -> bytes:
    """Every new sample is the mean of the old ones in its time, which keeps hiss away."""
    count = len(samples) * RATE // rate
    edges = [i * rate // RATE for i in range(count + 1)]
    means = (sum(samples[a:b]) // max(1, b - a) for a, b in pairwise(edges))
    out = array.array("h", means)
    if sys.byteorder == "big":
        out.byteswap()
    return out.tobytes()
