"""The announcements citizens and agents hear: Mandarin from a synthetic voice, in 8 kHz.

A centre replaces them by its own recordings under the same names.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from config.pbx import fetch
from config.pbx.tree import Tree, Unusable

TEXTS: Mapping[str, str] = MappingProxyType({
    "notice": "您好,社区服务热线,通话将被录音。",
    "notice-outbound": "您好,社区服务热线来电,通话将被录音。",
    "queue-next": "您是下一位,请稍候。",
    "queue-position": "您排在第",
    "queue-waiting": "位。",
    "queue-thanks": "感谢您的耐心等待。",
    "overflow": "座席全忙。需要回电请按一,需要留言请稍候。",
    "callback-number": "请输入您的电话号码,按井号键结束。",
    "callback": "我们会尽快给您回电,再见。",
    "voicemail": "请在提示音后留言,按井号键结束。",
    "voicemail-kept": "留言已经收到,再见。",
    "survey": "请评价本次服务:满意请按一,一般请按二,不满意请按三。",
    "survey-thanks": "感谢您的评价,再见。",
    "refused": "该号码不允许拨打。",
    "beep": "",
})  # fmt: skip
DIGITS: Mapping[str, str] = MappingProxyType({
    **{str(number): text for number, text in enumerate("零一二三四五六七八九十")},
    "hundred": "百", "thousand": "千", "ten": "十", "wan": "万",
})  # fmt: skip
SPEECH: Mapping[str, str] = MappingProxyType({
    "citizen": "你好,我要反映一个问题,小区门口的井盖坏了,请尽快派人来修。",
    "agent": "您好,请讲。好的,我记录一下,请问具体地址在哪里?",
})  # fmt: skip
# A melody of four soft notes: what is played must be told from silence and must not annoy.
MELODY = ("C4", "E4", "G4", "E4")
SPEED = "190"  # words a minute, as espeak-ng counts them
TEST_NOTE = "D7"  # far from anything a test's phones sing


@dataclass(frozen=True)
class Voice:
    """The two programs: `speak` is espeak-ng's argument list, `convert` sox's."""

    speak: tuple[str, ...]
    convert: tuple[str, ...]
    environment: Mapping[str, str]


def find_voice(cache: Path) -> Voice:
    """The machine's own programs, or fetched into `cache`; `Unusable` says what to install."""
    if shutil.which("espeak-ng") and shutil.which("sox"):
        return Voice(("espeak-ng",), ("sox",), {})
    tree = fetch.voice(cache)
    data = next(iter(sorted((tree.root / "usr/lib").glob("*/espeak-ng-data"))), None)
    if data is None:
        raise Unusable("the fetched voice has no data: run `sudo apt-get install espeak-ng sox`")
    return Voice(
        tuple(tree.command("usr/bin/espeak-ng")),
        tuple(tree.command("usr/bin/sox")),
        {"ESPEAK_DATA_PATH": str(data.parent)},
    )


def folder_in(cache: Path) -> Path:
    """Where announcements with these texts are kept: another folder once a text changes."""
    said = "".join((*TEXTS.values(), *DIGITS.values(), *SPEECH.values(), SPEED))
    return cache / f"prompts-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def speak_all(folder: Path, voice: Voice) -> None:
    """Write every announcement that is not there yet; sound already in the folder is left alone."""
    texts = {**TEXTS, **{f"digits/{name}": text for name, text in DIGITS.items()}}
    for name, text in {**texts, **{f"demo/{name}": said for name, said in SPEECH.items()}}.items():
        target = folder / f"{name}.wav"
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            _speak(voice, text, target) if text else _notes(voice, ("A5",), target, seconds=0.3)
    music = folder / "moh/waiting.wav"
    if not music.exists():
        music.parent.mkdir(parents=True, exist_ok=True)
        _notes(voice, MELODY, music, seconds=1.5)


def tones_only(folder: Path, convert: Sequence[str] = ("sox",), *, seconds: float = 0.3) -> None:
    """Short tones under every announcement's name, where the timing counts and not the words."""
    voice = Voice((), tuple(convert), {})
    names = [*TEXTS, *(f"digits/{name}" for name in DIGITS), "moh/waiting"]
    for name in names:
        target = folder / f"{name}.wav"
        target.parent.mkdir(parents=True, exist_ok=True)
        _notes(voice, (TEST_NOTE,), target, seconds=10 if name.startswith("moh") else seconds)


def _speak(voice: Voice, text: str, target: Path) -> None:
    spoken = target.with_suffix(".spoken.wav")
    _run(voice, [*voice.speak, "-v", "cmn", "-s", SPEED, "-w", str(spoken), text])
    _run(voice, [*voice.convert, str(spoken), *_telephone(target), "norm", "-3"])
    spoken.unlink()


def _notes(voice: Voice, notes: Sequence[str], target: Path, *, seconds: float) -> None:
    parts = [part for note in notes for part in ("synth", str(seconds), "sine", note, ":")][:-1]
    if len(notes) > 1:
        parts = ["synth", str(seconds * len(notes)), "pluck", notes[0]]
    _run(voice, [*voice.convert, "-n", *_telephone(target), *parts, "gain", "-12"])


def _telephone(target: Path) -> list[str]:
    return ["-r", "8000", "-c", "1", "-b", "16", str(target)]


def _run(voice: Voice, command: Sequence[str]) -> None:
    try:
        subprocess.run(  # noqa: S603 - fixed programs, texts of our own
            command, check=True, capture_output=True, timeout=60,
            env={**os.environ, **voice.environment},
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        raise Unusable(
            f"{Path(command[0]).name} could not make an announcement ({error}): "
            "run `sudo apt-get install espeak-ng sox`, or record the announcements yourself"
        ) from error


__all__ = ["Tree", "Voice", "find_voice", "speak_all", "tones_only"]
