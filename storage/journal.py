"""The journal: who did what to which subject, when, from where; append-only and chained by hashes.

Each entry's hash covers the entry and the hash before it, so that a changed, moved or removed entry
breaks the chain (`broken_at`). Whoever rewrites the whole chain, or cuts its end, is found by
comparing with a head written down elsewhere: every backup's manifest keeps one.
"""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any

import msgspec
from sqlalchemy import bindparam, select

from routing.people import Actor
from storage.instants import micros
from storage.schema import journal
from storage.statements import Statement, row_of
from storage.tx import Row, Tx

GENESIS = "0" * 64
"""The hash before the first entry."""

_ENTRIES = (
    journal.c.id,
    journal.c.at,
    journal.c.person,
    journal.c.address,
    journal.c.via,
    journal.c.what,
    journal.c.subject,
    journal.c.body,
    journal.c.hash,
)
_HEAD = Statement(select(journal.c.id, journal.c.hash).order_by(journal.c.id.desc()).limit(1))
_APPEND = Statement(row_of(journal))
_AFTER = Statement(
    select(*_ENTRIES)
    .where(journal.c.id > bindparam("after"))
    .order_by(journal.c.id)
    .limit(bindparam("limit"))
)
_PAGE = 1_000


class Chain(msgspec.Struct, frozen=True):
    """The journal as found: its length, its last hash, and the first entry that does not fit."""

    entries: int
    head: str
    broken_at: int | None = None


async def append(tx: Tx, what: str, subject: str, body: object, *, by: Actor, at: datetime) -> None:
    """Add an entry: `what` in dotted lower case, `subject` as `ticket:<number>`."""
    number, before = tx.head or await _head(tx)
    entry = (
        number + 1,
        micros(at),
        by.person,
        by.address,
        by.via,
        what,
        subject,
        msgspec.json.encode(body).decode(),
    )
    digest = chained(before, entry)
    await tx.run(
        _APPEND,
        id=entry[0],
        at=entry[1],
        person=entry[2],
        address=entry[3],
        via=entry[4],
        what=what,
        subject=subject,
        body=entry[7],
        hash=digest,
    )
    tx.head = (number + 1, digest)


def chained(before: str, entry: Sequence[Any]) -> str:
    """The hash of an entry (id, at, person, address, via, what, subject, body) after another's."""
    return sha256(before.encode() + msgspec.json.encode(entry)).hexdigest()


async def check(tx: Tx) -> Chain:
    """Walk the chain from the first entry to the last or to the first that does not fit."""
    chain = Chain(entries=0, head=GENESIS)
    while page := await tx.rows(_AFTER, after=chain.entries, limit=_PAGE):
        for entry in page:
            chain = _follow(chain, entry)
            if chain.broken_at is not None:
                return chain
    return chain


def _follow(chain: Chain, entry: Row) -> Chain:
    *facts, digest = entry
    if facts[0] != chain.entries + 1 or chained(chain.head, facts) != digest:
        return msgspec.structs.replace(chain, broken_at=chain.entries + 1)
    return Chain(entries=chain.entries + 1, head=digest)


async def _head(tx: Tx) -> tuple[int, str]:
    row = await tx.row(_HEAD)
    return (row[0], row[1]) if row else (0, GENESIS)
