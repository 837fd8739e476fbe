"""Asterisk's own channel event log (CEL): rows of its CSV file to facts, to fill a gap with.

The columns are those of our `cel_custom.conf`: type, time, caller's number, extension, channel,
Uniqueid, Linkedid, bridge peer, extra (JSON), and where present our call id, the recording's id and
the application.
Times are seconds since 1970, or `2026-11-23 04:17:24` in the switch's zone.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, NamedTuple

from telephony import facts
from telephony.facts import Fact
from telephony.messages import is_phantom
from telephony.tail import tail

_FEWEST = 9  # columns
_QUEUE = "Queue"  # the application in which citizens wait
_OVERLAP = 1.0  # seconds looked at again before the gap; facts may come twice


class Row(NamedTuple):
    """One line: what happened to which channel. `who` is Uniqueid, name and Linkedid."""

    kind: str
    at: float
    number: str
    exten: str
    who: tuple[str, str, str]
    extra: Mapping[str, Any]
    call: str
    recording: str
    app: str


def facts_since(path: Path, since: float, *, zone: tzinfo = UTC) -> list[Fact]:
    """What the log says happened from `since` (seconds since 1970) on. Blocking.

    Raises:
        OSError: the file is there and cannot be read.
    """

    def is_old(line: str) -> bool:
        at = _instant(next(csv.reader([line]), ["", ""])[1:2], zone)
        return at is not None and at < since - _OVERLAP

    return list(read(tail(path, is_old), zone=zone))


def read(lines: Iterable[str], *, zone: tzinfo = UTC) -> Iterator[Fact]:
    """The facts in lines of the log; what is no row of it is passed over."""
    for columns in csv.reader(line for line in lines if "\0" not in line):
        row = _row(columns, zone)
        if row:
            yield from _facts(row)


def _row(columns: list[str], zone: tzinfo) -> Row | None:
    at = _instant(columns[1:2], zone)
    if len(columns) < _FEWEST or at is None or not columns[5] or is_phantom(columns[4]):
        return None
    kind, _, number, exten, name, uid, linkedid, _, extra, *ours = columns
    call, recording, app = (*ours, "", "", "")[:3]
    who = (uid, name, linkedid or uid)
    return Row(kind, at, number, exten, who, _json(extra), call, recording, app)


def _instant(column: list[str], zone: tzinfo) -> float | None:
    told = column[0] if column else ""
    try:
        return float(told)
    except ValueError:
        pass
    try:
        return datetime.fromisoformat(told).replace(tzinfo=zone).timestamp()
    except ValueError:
        return None


def _json(extra: str) -> Mapping[str, Any]:
    try:
        value = json.loads(extra or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _facts(row: Row) -> Iterator[Fact]:
    if row.recording:
        yield facts.RecordingNamed(row.at, *row.who, row.call, row.recording)
    reader = ROWS.get(row.kind)
    if reader:
        yield from reader(row)


def _started(row: Row) -> Iterator[Fact]:
    uid, _, linkedid = row.who
    dials = row.exten not in ("", "s")
    yield facts.Born(row.at, *row.who, dials=dials, number=row.number, exten=row.exten)
    if not dials:
        yield facts.Dialled(row.at, *row.who, by=linkedid if linkedid != uid else "")


def _answered(row: Row) -> Iterator[Fact]:
    yield facts.Up(row.at, *row.who, call=row.call)


def _hung_up(row: Row) -> Iterator[Fact]:
    cause = row.extra.get("hangupcause")
    yield facts.Ended(row.at, *row.who, cause=cause if isinstance(cause, int) else None)


def _began(row: Row) -> Iterator[Fact]:
    if row.app == _QUEUE:
        yield facts.Queued(row.at, *row.who)


def _entered(row: Row) -> Iterator[Fact]:
    bridge = row.extra.get("bridge_id")
    if isinstance(bridge, str):
        yield facts.Joined(row.at, *row.who, bridge)


def _left(row: Row) -> Iterator[Fact]:
    bridge = row.extra.get("bridge_id")
    if isinstance(bridge, str):
        yield facts.Left(row.at, *row.who, bridge)


def _blind(row: Row) -> Iterator[Fact]:
    yield facts.BlindTransferred(
        row.at,
        *row.who,
        transferee=str(row.extra.get("transferee_channel_uniqueid", "")),
        to=str(row.extra.get("extension", "")),
        succeeded=True,
    )


def _attended(row: Row) -> Iterator[Fact]:
    second = str(row.extra.get("channel2_uniqueid", ""))
    yield facts.AttendedTransferred(row.at, *row.who, second=second, succeeded=True)


ROWS: dict[str, Callable[[Row], Iterator[Fact]]] = {
    "CHAN_START": _started,
    "ANSWER": _answered,
    "APP_START": _began,
    "HANGUP": _hung_up,
    "CHAN_END": _hung_up,
    "BRIDGE_ENTER": _entered,
    "BRIDGE_EXIT": _left,
    "BLINDTRANSFER": _blind,
    "ATTENDEDTRANSFER": _attended,
}
"""Which rows tell facts."""
