"""Asterisk's own event log, read independently of the product: who was with whom, and when.

Nothing of `telephony` is used here: this is the second witness.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

TURNED_AWAY = 0.05  # seconds; the application ends at once when nobody is there


@dataclass(frozen=True)
class Row:
    kind: str
    at: float
    number: str
    exten: str
    channel: str
    uniqueid: str
    linkedid: str
    peer: str
    extra: dict[str, object]
    account: str
    recording: str
    app: str

    @property
    def device(self) -> str:
        """`PJSIP/8101` of `PJSIP/8101-0000002a`."""
        return self.channel.rsplit("-", 1)[0]

    @property
    def bridge(self) -> str:
        return str(self.extra.get("bridge_id", ""))

    @property
    def local(self) -> str:
        """What the two ends of a Local channel have in common; empty for others."""
        name, _, end = self.channel.rpartition(";")
        return name if end in ("1", "2") else ""


@dataclass(frozen=True)
class Talk:
    """One agent's channel within the citizen's hearing."""

    device: str
    since: float
    until: float


@dataclass(frozen=True)
class Witness:
    """What the log says of one citizen's call."""

    began: float
    queued: float | None
    ended: float
    cause: int
    talks: tuple[Talk, ...]
    rang: tuple[str, ...]


def read(path: Path) -> list[Row]:
    """Every event of the log, in the order written."""
    with path.open(encoding="utf-8", errors="replace", newline="") as file:
        return [_row(fields) for fields in csv.reader(file)]


def _row(fields: Sequence[str]) -> Row:
    kind, at, number, exten, channel, uniqueid, linkedid, peer, extra, account, recording, app = (
        fields
    )
    return Row(kind, float(at), number, exten, channel, uniqueid, linkedid, peer,
               json.loads(extra) if extra else {}, account, recording, app)  # fmt: skip


def citizens_channel(rows: Iterable[Row], call_id: str) -> str:
    """The Uniqueid of the channel that bears the call's id, the first of them."""
    return next(row.uniqueid for row in rows if row.account == call_id)


def witness(rows: Sequence[Row], uniqueid: str) -> Witness:
    """The log's account of the call whose outside party has this channel."""
    own = [row for row in rows if row.uniqueid == uniqueid]
    ends = next(row for row in own if row.kind == "HANGUP")
    family = _family(rows, uniqueid)
    rang = [
        row.device for row in rows
        if row.kind == "CHAN_START" and row.uniqueid in family and row.uniqueid != uniqueid
        and row.exten == "s" and row.channel.startswith("PJSIP/8")
    ]  # fmt: skip
    queued = [
        start.at for start, end in _queues(own)
        if end - start.at > TURNED_AWAY
    ]  # fmt: skip
    return Witness(
        began=own[0].at, queued=queued[0] if queued else None, ended=ends.at,
        cause=int(str(ends.extra["hangupcause"])), talks=tuple(_talks(rows, uniqueid)),
        rang=tuple(rang),
    )  # fmt: skip


def _queues(own: Sequence[Row]) -> Iterable[tuple[Row, float]]:
    """Every run of the Queue application with the instant of its end."""
    for place, row in enumerate(own):
        if row.kind == "APP_START" and row.app == "Queue":
            ends = [later.at for later in own[place:] if later.kind in ("APP_END", "HANGUP")]
            yield row, ends[0]


def _family(rows: Iterable[Row], uniqueid: str) -> set[str]:
    """Every channel that was ever linked with it, directly or by another."""
    pairs = {(row.uniqueid, row.linkedid) for row in rows}
    family = {uniqueid}
    while True:
        linked = {linkedid for one, linkedid in pairs if one in family} | family
        grown = {one for one, linkedid in pairs if linkedid in linked or one in linked}
        if grown <= family:
            return family
        family |= grown


def _talks(rows: Iterable[Row], uniqueid: str) -> list[Talk]:
    """The intervals in which agents' channels could hear the citizen's."""
    where: dict[str, Row] = {}  # channel -> its entry into the bridge it is in
    since: dict[str, tuple[str, float]] = {}
    talks: list[Talk] = []
    for row in rows:
        if row.kind == "BRIDGE_ENTER":
            where[row.uniqueid] = row
        elif row.kind in ("BRIDGE_EXIT", "CHAN_END"):
            where.pop(row.uniqueid, None)
        else:
            continue
        here = _together(where, uniqueid)
        gone = [channel for channel in since if channel not in here]
        talks.extend(Talk(*since.pop(channel), row.at) for channel in gone)
        for channel, device in here.items():
            since.setdefault(channel, (device, row.at))
    return sorted(talks, key=lambda talk: talk.since)


def _together(where: Mapping[str, Row], uniqueid: str) -> dict[str, str]:
    """The agents' channels in the citizen's bridge, or in one that a Local channel joins to it."""
    if uniqueid not in where:
        return {}
    bridges = {where[uniqueid].bridge}
    while True:
        ends = {row.local for row in where.values() if row.bridge in bridges and row.local}
        joined = bridges | {row.bridge for row in where.values() if row.local in ends}
        if joined == bridges:
            break
        bridges = joined
    return {
        channel: row.device for channel, row in where.items()
        if row.bridge in bridges and channel != uniqueid and row.channel.startswith("PJSIP/8")
    }  # fmt: skip
