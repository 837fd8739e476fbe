"""The recordings folder: evidence that Asterisk writes and that we only read.

A file is reached by its UUID, directly under the folder and never through a link. It is closed when
its head tells its length. One that a crash left open is repaired in a copy beside the folder; the
original stays as it is, and its size and SHA-256 are what is noted.
"""

import asyncio
import errno
import hashlib
import logging
import os
import re
import stat
from contextlib import suppress
from datetime import datetime
from io import BufferedReader, BufferedWriter
from pathlib import Path

from routing.calls import Recording
from routing.settling import Proof
from telephony.wav import Sound, read_head, write_head

log = logging.getLogger(__name__)

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_HEAD_READ = 4096
_COPY_BYTES = 1 << 20


class Folder:
    """The files of `root`; implements `routing.settling.Files`.

    Args:
        root: the folder that Asterisk writes to.
        repaired: where repaired copies go; by default a folder `repaired` beside `root`.
    """

    def __init__(self, root: Path, *, repaired: Path | None = None) -> None:
        self._root = root
        self._repaired = repaired or root.with_name("repaired")

    async def prove(
        self,
        recording_id: str,
        *,
        now: datetime,  # noqa: ARG002 - a head tells by itself whether its file is closed
        overdue: bool,
    ) -> Proof | None:
        """Look at the file; None while it is open or not there yet, or while nothing can be known.

        Nothing can be known where the folder is gone, a file cannot be read, or there is no room
        for the repaired copy: the trouble is logged and the next look may find it mended.
        """
        path = self._path(self._root, recording_id)
        if path is None:
            return _missing("its id is not a UUID")
        try:
            return await asyncio.to_thread(self._prove, path, overdue=overdue)
        except OSError as trouble:
            log.warning("recording %s cannot be proven now: %s", recording_id, trouble)
            return None

    def playable(self, recording: Recording) -> Path | None:
        """The file to play, the repaired one where there is one; None where there is none."""
        root = self._repaired if recording.state == "repaired" else self._root
        path = self._path(root, recording.id)
        if path is None:
            return None
        try:
            facts = path.stat(follow_symlinks=False)
        except OSError:
            return None
        return path if stat.S_ISREG(facts.st_mode) else None

    @staticmethod
    def _path(root: Path, recording_id: str) -> Path | None:
        return root / f"{recording_id}.wav" if _UUID.fullmatch(recording_id) else None

    def _prove(self, path: Path, *, overdue: bool) -> Proof | None:
        try:
            file = _open(path)
        except FileNotFoundError:
            self._root.stat()  # raises where the folder itself is gone: that loses no recording
            return _missing("there is no such file") if overdue else None
        except _NotOurs as why:
            return _missing(str(why))
        with file:
            return self._judge(path, file, overdue=overdue)

    def _judge(self, path: Path, file: BufferedReader, *, overdue: bool) -> Proof | None:
        size = os.fstat(file.fileno()).st_size
        sound = read_head(os.pread(file.fileno(), _HEAD_READ, 0))
        if sound is not None and sound.is_closed(size):
            return Proof("verified", sound.seconds(sound.declared), size, _sha256(file))
        if not overdue:
            return None
        length = sound.whole(size) if sound else 0
        if sound is None or not length:
            what = "it is not a WAV file" if size and sound is None else "it has no sound in it"
            return Proof("missing", None, size, _sha256(file), what)
        self._repair(path, file, sound, length)
        said = f"its head tells {sound.declared} bytes of sound where there are {length}"
        return Proof("repaired", sound.seconds(length), size, _sha256(file), said)

    def _repair(self, path: Path, file: BufferedReader, sound: Sound, length: int) -> None:
        """Copy with a right head; the copy appears under its name only when it is complete."""
        self._repaired.mkdir(parents=True, exist_ok=True)
        draft = self._repaired / f".{path.name}"
        draft.unlink(missing_ok=True)
        try:
            with draft.open("xb") as copy:
                copy.write(write_head(sound, length))
                file.seek(sound.begin)
                _copy(file, copy, length)
                copy.flush()
                os.fsync(copy.fileno())
            draft.chmod(0o440)
            draft.replace(self._repaired / path.name)
        except OSError:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise


class _NotOurs(Exception):  # noqa: N818 - the reason
    """What lies there is no file of Asterisk's."""


def _open(path: Path) -> BufferedReader:
    """Open a regular file to read, never through a link, never waiting for a pipe's other end."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError as trouble:
        if trouble.errno == errno.ELOOP:
            raise _NotOurs("it is a link, not a file") from None
        raise
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _NotOurs("it is not a file")
    return os.fdopen(handle, "rb")


def _sha256(file: BufferedReader) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()


def _copy(source: BufferedReader, to: BufferedWriter, length: int) -> None:
    while length:
        piece = source.read(min(length, _COPY_BYTES))
        if not piece:
            raise OSError(errno.EIO, "the recording became shorter while it was read")
        to.write(piece)
        length -= len(piece)


def _missing(reason: str) -> Proof:
    return Proof("missing", None, 0, "", reason)
