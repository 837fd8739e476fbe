"""The recordings folder: what is proven, repaired in a copy, found missing, and never touched."""

import hashlib
import os
import resource
import wave
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.calls import Recording
from routing.settling import Proof
from telephony.recordings import Folder
from telephony.wav import Sound, read_head, write_head

NOW = datetime(2026, 11, 23, 8, tzinfo=UTC)
ASTERISK = Sound(rate=8000, channels=1, width=2, begin=44, declared=0)
"""The kind of sound that MixMonitor writes."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


def closed(length: int) -> bytes:
    """A file that Asterisk has closed."""
    return write_head(ASTERISK, length) + os.urandom(length)


def left_open(length: int) -> bytes:
    """What `kill -9` leaves of a file: samples, and a head that tells of none."""
    head = bytearray(write_head(ASTERISK, 0))
    head[4:8] = bytes(4)
    return bytes(head) + os.urandom(length)


def put(root: Path, content: bytes) -> str:
    recording_id = str(uuid4())
    (root / f"{recording_id}.wav").write_bytes(content)
    return recording_id


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def recording(recording_id: str, state: str) -> Recording:
    return Recording(recording_id, NOW, state=state)  # type: ignore[arg-type]


@pytest.mark.parametrize("overdue", [False, True])
async def test_a_closed_file_is_verified_with_its_length_and_checksum(
    root: Path, overdue: bool
) -> None:
    content = closed(48_000)
    recording_id = put(root, content)

    proof = await Folder(root).prove(recording_id, now=NOW, overdue=overdue)

    assert proof == Proof("verified", 3.0, 48_044, sha256(content))


@pytest.mark.parametrize("content", [b"", left_open(0), left_open(65_536), b"RIFF"])
async def test_an_open_file_is_waited_for(root: Path, content: bytes) -> None:
    """Asterisk may still be writing: the channel ends before its recorder does."""
    recording_id = put(root, content)

    assert await Folder(root).prove(recording_id, now=NOW, overdue=False) is None
    assert await Folder(root).prove(str(uuid4()), now=NOW, overdue=False) is None


async def test_what_kill_9_left_is_repaired_in_a_copy_and_the_original_stays(root: Path) -> None:
    """65,580 bytes on disk, a data length of 0 in the head: 4.096 seconds of evidence."""
    content = left_open(65_536)
    recording_id = put(root, content)
    (root / f"{recording_id}.wav").chmod(0o440)
    folder = Folder(root)

    proof = await folder.prove(recording_id, now=NOW, overdue=True)

    reason = "its head tells 0 bytes of sound where there are 65536"
    assert proof == Proof("repaired", 4.096, 65_580, sha256(content), reason)
    assert (root / f"{recording_id}.wav").read_bytes() == content
    copy = folder.playable(recording(recording_id, "repaired"))
    assert copy == root.with_name("repaired") / f"{recording_id}.wav"
    with wave.open(str(copy)) as sound:
        assert (sound.getframerate(), sound.getnframes()) == (8000, 32_768)
        assert sound.readframes(32_768) == content[44:]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "there is no such file"),
        (b"", "it has no sound in it"),
        (left_open(0), "it has no sound in it"),
        (left_open(1), "it has no sound in it"),
        (b"\xff\xfb" * 100, "it is not a WAV file"),
    ],
)
async def test_what_cannot_be_heard_is_missing_with_its_reason(
    root: Path, content: bytes | None, reason: str
) -> None:
    recording_id = str(uuid4()) if content is None else put(root, content)

    proof = await Folder(root).prove(recording_id, now=NOW, overdue=True)

    checked = "" if content is None else sha256(content)
    assert proof == Proof("missing", None, len(content or b""), checked, reason)


async def test_a_file_cut_in_mid_sample_is_repaired_to_its_last_whole_one(root: Path) -> None:
    recording_id = put(root, left_open(16_001))

    proof = await Folder(root).prove(recording_id, now=NOW, overdue=True)

    assert proof is not None
    assert (proof.state, proof.seconds) == ("repaired", 1.0)


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "/etc/passwd",
        "..%2f..%2fetc%2fpasswd",
        f"{uuid4()}\0",
        f"{uuid4()}/../x",
        f"{uuid4()}\n",
        str(uuid4()).upper() + "A",
        "",
    ],
)
async def test_a_name_that_is_no_uuid_reaches_no_file(root: Path, name: str) -> None:
    folder = Folder(root)

    proof = await folder.prove(name, now=NOW, overdue=True)

    assert proof == Proof("missing", None, 0, "", "its id is not a UUID")
    assert folder.playable(recording(name, "verified")) is None


@given(st.text(max_size=60))
def test_no_text_leads_out_of_the_folder(name: str) -> None:
    """Whatever stands in the id, a path that comes of it lies directly in the folder."""
    path = Folder._path(Path("/recordings"), name)

    assert path is None or path.parent == Path("/recordings")
    assert path is None or path.resolve().parent == Path("/recordings")


async def test_a_link_or_a_pipe_is_not_followed(root: Path, tmp_path: Path) -> None:
    """Somebody who may write into the folder does not make us read other files."""
    secret = tmp_path / "secret.wav"
    secret.write_bytes(closed(100))
    link, pipe = str(uuid4()), str(uuid4())
    (root / f"{link}.wav").symlink_to(secret)
    os.mkfifo(root / f"{pipe}.wav")
    folder = Folder(root)

    proofs = [await folder.prove(each, now=NOW, overdue=True) for each in (link, pipe)]

    assert [p and p.reason for p in proofs] == ["it is a link, not a file", "it is not a file"]
    assert folder.playable(recording(link, "verified")) is None
    assert folder.playable(recording(pipe, "verified")) is None


async def test_a_vanished_folder_loses_no_recording(tmp_path: Path) -> None:
    """An unmounted disk says nothing about the files on it: they are asked for again later."""
    folder = Folder(tmp_path / "unmounted")

    assert await folder.prove(str(uuid4()), now=NOW, overdue=True) is None


async def test_no_room_for_the_copy_is_tried_again(root: Path, tmp_path: Path) -> None:
    """The copy's folder cannot be made: nothing is judged, nothing is left behind."""
    recording_id = put(root, left_open(32_000))
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")

    proof = await Folder(root, repaired=blocked).prove(recording_id, now=NOW, overdue=True)

    assert proof is None
    later = await Folder(root).prove(recording_id, now=NOW, overdue=True)
    assert later is not None
    assert later.state == "repaired"


async def test_a_full_disk_leaves_no_half_copy(root: Path) -> None:
    """A limit on the size of files takes the place of a disk that fills up in mid-copy."""
    recording_id = put(root, left_open(32_000))
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16_384, hard))
    try:
        proof = await Folder(root).prove(recording_id, now=NOW, overdue=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert proof is None
    assert list(root.with_name("repaired").iterdir()) == []


@given(
    rate=st.sampled_from([8000, 16_000, 44_100]),
    channels=st.integers(1, 2),
    width=st.sampled_from([1, 2]),
    frames=st.integers(1, 500),
)
def test_a_head_says_what_was_written_into_it(
    rate: int, channels: int, width: int, frames: int
) -> None:
    length = frames * channels * width
    sound = Sound(rate, channels, width, 44, length)

    assert read_head(write_head(sound, length)) == sound
    assert sound.is_closed(44 + length)
    assert sound.seconds(length) == frames / rate


@given(st.binary(max_size=80))
def test_no_bytes_upset_the_reader(noise: bytes) -> None:
    for head in (noise, b"RIFF\0\0\0\0WAVE" + noise, write_head(ASTERISK, 8)[:36] + noise):
        sound = read_head(head)
        assert sound is None or sound.frame > 0
