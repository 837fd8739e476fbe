"""Idempotency: a command with a key is done once; asked again, its first answer is given again."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

import msgspec
from sqlalchemy import bindparam, select

from regulation.refusal import Refusal
from storage.instants import micros
from storage.schema import answers
from storage.statements import Statement, row_of
from storage.tx import Tx

T = TypeVar("T")

_FIRST = Statement(
    select(answers.c.kind, answers.c.digest, answers.c.answer).where(
        answers.c.key == bindparam("key")
    )
)
_KEEP = Statement(row_of(answers))
_FORGET = Statement(answers.delete().where(answers.c.at < bindparam("before")))

KEPT = timedelta(days=30)
"""How long a first answer is given again."""


async def once(
    tx: Tx,
    key: str | None,
    kind: str,
    request: object,
    do: Callable[[], Awaitable[T]],
    *,
    answer: type[T],
    at: datetime,
) -> T:
    """Do it, or give the answer it had the first time.

    Raises Refusal `key.reused` when the key came before with another request.
    """
    if key is None:
        return await do()
    digest = sha256(msgspec.json.encode(request)).hexdigest()
    if first := await tx.row(_FIRST, key=key):
        if (first[0], first[1]) != (kind, digest):
            raise Refusal(
                "key.reused",
                "key: it was used for another request; take a new one",
                field="key",
                status=409,
            )
        return msgspec.json.decode(first[2], type=answer)
    result = await do()
    await tx.run(
        _KEEP,
        key=key,
        kind=kind,
        digest=digest,
        answer=msgspec.json.encode(result).decode(),
        at=micros(at),
    )
    return result


async def forget(tx: Tx, *, now: datetime) -> None:
    """Let go of answers that nobody will ask for again."""
    await tx.run(_FORGET, before=micros(now - KEPT))
