"""The end of a growing text file, read backwards in blocks until a line is old enough."""

from collections.abc import Callable
from pathlib import Path

BLOCK = 1 << 16  # bytes
MOST = 64 << 20  # bytes; a day's events of a city are fewer


def tail(path: Path, is_old: Callable[[str], bool], *, most: int = MOST) -> list[str]:
    """The last whole lines of the file, oldest first, from the first that follows an old one.

    A file turned over by log rotation goes on in `path.1`. A line that is being written is left
    out, a file that is not there has no lines. Blocking: to be called in a thread.

    Args:
        path: the file.
        is_old: whether a line lies before the time looked for.
        most: how many bytes to read at the utmost.

    Raises:
        OSError: the file is there and cannot be read.
    """
    lines: list[str] = []
    for each in (path, path.with_name(path.name + ".1")):
        if not each.exists():
            break
        part, reached = _tail(each, is_old, most)
        lines = part + lines
        if reached:
            break
    return lines


def _tail(path: Path, is_old: Callable[[str], bool], most: int) -> tuple[list[str], bool]:
    """The lines wanted, and whether an old one was met."""
    with path.open("rb") as file:
        position = file.seek(0, 2)
        floor, step, data = max(0, position - most), BLOCK, b""
        while position > floor:
            step = min(step * 2, position - floor)
            position -= step
            file.seek(position)
            data = file.read(step) + data
            if position and is_old(_first(data)):
                break
    whole = data[: data.rfind(b"\n") + 1].decode("utf-8", "replace").split("\n")[:-1]
    kept = whole[1:] if position else whole
    young = next((i for i, line in enumerate(kept) if not is_old(line)), len(kept))
    return kept[young:], young > 0 or position > 0


def _first(data: bytes) -> str:
    """The first line of a block that is not cut at its beginning."""
    lines = data.split(b"\n", 2)
    return lines[1].decode("utf-8", "replace") if len(lines) > 2 else ""  # noqa: PLR2004
