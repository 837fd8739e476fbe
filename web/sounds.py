"""A sound file sent whole or in part (RFC 9110, section 14: one range; others are ignored)."""

import asyncio
import os
import re
import stat
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from io import FileIO
from pathlib import Path
from typing import Final

import msgspec
import structlog
from aiohttp import web

from regulation.refusal import Refusal

CHUNK_BYTES: Final = 256 * 1024

log = structlog.get_logger(__name__)

_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})", re.ASCII)


class Part(msgspec.Struct, frozen=True):
    """Bytes `first` up to, not including, `end`."""

    first: int
    end: int


def part_of(asked: str | None, size: int) -> Part | None:
    """The part that a Range header asks of a file, or None for the whole of it.

    Raises HTTPRequestRangeNotSatisfiable when the file has no such bytes.
    """
    match = _RANGE.fullmatch((asked or "").replace(" ", ""))
    if match is None or match[0] == "bytes=-":
        return None
    first, last = match[1], match[2]
    if first and last and int(last) < int(first):
        return None
    begin = int(first) if first else max(size - int(last), 0)
    end = min(int(last) + 1, size) if first and last else size
    if begin >= size:
        raise web.HTTPRequestRangeNotSatisfiable(headers={"Content-Range": f"bytes */{size}"})
    return Part(begin, end)


async def play(
    request: web.Request, path: Path, *, note: Callable[[], Awaitable[None]]
) -> web.StreamResponse:
    """Send the file; `note` is done before the first byte leaves (what fails there sends nothing).

    Raises Refusal 404 when the file is not there, HTTPRequestRangeNotSatisfiable for its range.
    """
    try:
        file = await asyncio.to_thread(_open, path)
    except OSError:
        raise Refusal("recording.missing", "its sound file is not there", status=404) from None
    with file:
        facts = os.fstat(file.fileno())
        tag = f'"{facts.st_size:x}-{facts.st_mtime_ns:x}"'
        changed = formatdate(facts.st_mtime, usegmt=True)
        valid = request.headers.get("If-Range", tag) in (tag, changed)
        part = part_of(request.headers.get("Range"), facts.st_size) if valid else None
        if request.method != "HEAD":
            await note()
        response = web.StreamResponse(
            status=206 if part else 200,
            headers={
                "Content-Type": "audio/wav",
                "Accept-Ranges": "bytes",
                "ETag": tag,
                "Last-Modified": changed,
                "Cache-Control": "private, no-store",
                "Content-Disposition": f'inline; filename="{path.name}"',
            },
        )
        if part:
            response.headers["Content-Range"] = f"bytes {part.first}-{part.end - 1}/{facts.st_size}"
        await _send(request, response, file, part or Part(0, facts.st_size))
    return response


def _open(path: Path) -> FileIO:
    """Open a regular file, never through a link."""
    file = FileIO(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK))
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise FileNotFoundError(path)
    return file


async def _send(
    request: web.Request, response: web.StreamResponse, file: FileIO, part: Part
) -> None:
    response.content_length = part.end - part.first
    await response.prepare(request)
    if request.method == "HEAD":
        return
    place = part.first
    try:
        while place < part.end:
            size = min(CHUNK_BYTES, part.end - place)
            chunk = await asyncio.to_thread(os.pread, file.fileno(), size, place)
            if not chunk:
                break
            await response.write(chunk)
            place += len(chunk)
        else:
            await response.write_eof()
    except OSError:
        log.warning("sound not sent to its end", file=file.name)
    # The head has gone out: when the rest cannot follow, the honest end is a broken connection.
    if place < part.end and request.transport is not None:
        request.transport.abort()
