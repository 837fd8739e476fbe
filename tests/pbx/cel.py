"""Asterisk's own event log, read independently of the product: who was with whom, and when.

Nothing of `telephony` is used here: this is the second witness.
"""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


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


@dataclass(frozen=True)
class Talk:
    """One channel sharing a bridge with the citizen's."""

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
    queued = [row.at for row in own if row.kind == "APP_START" and row.app == "Queue"]
    return Witness(
        began=own[0].at, queued=queued[0] if queued else None, ended=ends.at,
        cause=int(str(ends.extra["hangupcause"])), talks=tuple(_talks(rows, uniqueid)),
        rang=tuple(rang),
    )  # fmt: skip


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
    """The intervals in which agents' channels were in a bridge together with the citizen's."""
    where: dict[str, tuple[str, str]] = {}  # channel -> bridge, device
    since: dict[str, float] = {}
    talks: list[Talk] = []

    def settle(at: float) -> None:
        here = where.get(uniqueid, ("", ""))[0]
        with_us = {
            channel: device for channel, (bridge, device) in where.items()
            if bridge == here != "" and channel != uniqueid and device.startswith("PJSIP/")
        }  # fmt: skip
        gone = [one for one in since if one not in with_us]
        talks.extend(Talk(names[channel], since.pop(channel), at) for channel in gone)
        for channel in with_us:
            since.setdefault(channel, at)

    names: dict[str, str] = {}
    for row in rows:
        if row.kind == "BRIDGE_ENTER":
            where[row.uniqueid] = (str(row.extra["bridge_id"]), row.device)
            names[row.uniqueid] = row.device
            settle(row.at)
        elif row.kind in ("BRIDGE_EXIT", "CHAN_END"):
            where.pop(row.uniqueid, None)
            settle(row.at)
    return sorted(talks, key=lambda talk: talk.since)
