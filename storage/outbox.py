"""The outbox: what has to be told after the commit, written with the change that it tells."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, delete, select

from routing.ports import OutboxRow
from storage.instants import instant, micros
from storage.schema import outbox
from storage.statements import Statement, row_of
from storage.tx import Tx
from storage.writer import Writer

TOPICS = "hotline/v1"

_PUT = Statement(row_of(outbox, "id"))
_PENDING = Statement(
    select(outbox.c.id, outbox.c.stream, outbox.c.topic, outbox.c.key, outbox.c.body, outbox.c.at)
    .where(outbox.c.id > bindparam("after"))
    .order_by(outbox.c.id)
    .limit(bindparam("limit"))
)
_FORGET = Statement(delete(outbox).where(outbox.c.id == bindparam("told")))


async def put(
    tx: Tx, noun: str, subject: str, step: str, *, key: str, value: object, at: datetime
) -> None:
    """Tell that `subject` (a call's id, a ticket's number) took a step; `value` is all of it now.

    The topic is `hotline/v1/<noun>s/<subject>/<step>`, the body `{"key", "step", "at", noun: …}`.
    """
    body = {"key": key, "step": step, "at": at, noun: value}
    await tx.run(
        _PUT,
        stream=f"{noun}:{subject}",
        topic=f"{TOPICS}/{noun}s/{subject}/{step}",
        key=key,
        body=msgspec.json.encode(body).decode(),
        at=micros(at),
    )
    tx.told = True


class Outbox:
    """`routing.ports.Outbox`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def pending(self, *, after: int, limit: int) -> Sequence[OutboxRow]:
        """As the port says."""
        rows = await self._writer.read(lambda tx: tx.rows(_PENDING, after=after, limit=limit))
        return [
            OutboxRow(row[0], row[1], row[2], row[3], row[4].encode(), instant(row[5]))
            for row in rows
        ]

    async def told(self, ids: Iterable[int], *, at: datetime) -> None:  # noqa: ARG002 - the port's
        """As the port says."""
        values = [{"told": each} for each in ids]
        if values:
            await self._writer.write(lambda tx: tx.many(_FORGET, values))

    def subscribe(self, wake: Callable[[], None]) -> None:
        """As the port says."""
        self._writer.subscribe(wake)
