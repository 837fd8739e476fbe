"""Signed-in browsers, known by the SHA-256 of a secret that we do not keep."""

from collections.abc import Collection, Iterator
from datetime import datetime, timedelta

from sqlalchemy import bindparam, false, select

from regulation.refusal import Refusal
from routing.people import Actor, Session
from storage import journal
from storage.accounts import PERSON, person_of
from storage.instants import instant, micros
from storage.schema import people, sessions
from storage.statements import Statement, row_of
from storage.tx import Tx
from storage.writer import Writer

TOUCH_EVERY = timedelta(minutes=1)
SLOTS = tuple(f"digest_{slot}" for slot in range(64))
"""Names of the digests that one statement about many sessions takes; spare ones are empty."""

_UNLOCKED = Statement(
    select(people.c.id).where(people.c.id == bindparam("id"), people.c.locked == false())
)
_OPEN = Statement(row_of(sessions))
_ONE = Statement(
    select(sessions.c.csrf, sessions.c.opened_at, sessions.c.seen_at, *PERSON)
    .join(people, people.c.id == sessions.c.person)
    .where(sessions.c.digest == bindparam("digest"), people.c.locked == false())
)
_SEEN = Statement(select(sessions.c.seen_at).where(sessions.c.digest == bindparam("digest")))
_TOUCH = Statement(
    sessions.update().where(sessions.c.digest == bindparam("which")).values(seen_at=bindparam("at"))
)
_MANY = sessions.c.digest.in_([bindparam(slot) for slot in SLOTS])
_TOUCH_MANY = Statement(sessions.update().where(_MANY).values(seen_at=bindparam("at")))
_IN_FORCE = Statement(
    select(sessions.c.digest)
    .join(people, people.c.id == sessions.c.person)
    .where(_MANY, people.c.locked == false())
)
_END = Statement(
    sessions.delete().where(sessions.c.digest == bindparam("digest")).returning(sessions.c.person)
)


async def open_session(tx: Tx, session: Session, *, by: Actor) -> None:
    """Keep a session, unless its person was locked since the password was checked."""
    person = session.person.id
    if await tx.row(_UNLOCKED, id=person) is None:
        raise Refusal("person.locked", f"the account {person} is locked", status=403)
    await tx.run(
        _OPEN,
        digest=session.digest,
        person=person,
        csrf=session.csrf,
        opened_at=micros(session.opened_at),
        seen_at=micros(session.seen_at),
    )
    subject = f"person:{person}"
    await journal.append(tx, "session.opened", subject, {}, by=by, at=session.opened_at)


async def _find(tx: Tx, digest: str) -> Session | None:
    row = await tx.row(_ONE, digest=digest)
    if row is None:
        return None
    csrf, opened_at, seen_at, *person = row
    return Session(digest, person_of(person), csrf, instant(opened_at), instant(seen_at))


async def _touch_many(tx: Tx, digests: Collection[str], *, at: datetime) -> None:
    for slots in _slots(digests):
        await tx.run(_TOUCH_MANY, at=micros(at), **slots)


async def _in_force(tx: Tx, digests: Collection[str]) -> frozenset[str]:
    found = [row[0] for slots in _slots(digests) for row in await tx.rows(_IN_FORCE, **slots)]
    return frozenset(found)


def _slots(digests: Collection[str]) -> Iterator[dict[str, str]]:
    ordered = sorted(digests)
    for start in range(0, len(ordered), len(SLOTS)):
        some = ordered[start : start + len(SLOTS)]
        yield dict(zip(SLOTS, [*some, *[""] * (len(SLOTS) - len(some))], strict=True))


async def _end(tx: Tx, digest: str, *, by: Actor, at: datetime) -> None:
    if ended := await tx.row(_END, digest=digest):
        await journal.append(tx, "session.ended", f"person:{ended[0]}", {}, by=by, at=at)


class Sessions:
    """The sessions of `routing.ports.People`."""

    _writer: Writer

    async def open_session(self, session: Session, *, by: Actor) -> None:
        """As the port says; Refusal `person.locked`."""
        await self._writer.write(lambda tx: open_session(tx, session, by=by))

    async def session(self, digest: str) -> Session | None:
        """As the port says."""
        return await self._writer.read(lambda tx: _find(tx, digest), hot=True)

    async def touch_session(self, digest: str, *, at: datetime) -> None:
        """As the port says."""
        row = await self._writer.read(lambda tx: tx.row(_SEEN, digest=digest), hot=True)
        if row and at - instant(row[0]) >= TOUCH_EVERY:
            await self._writer.write(lambda tx: tx.run(_TOUCH, which=digest, at=micros(at)))

    async def touch_sessions(self, digests: Collection[str], *, at: datetime) -> None:
        """As the port says."""
        await self._writer.write(lambda tx: _touch_many(tx, digests, at=at))

    async def sessions_in_force(self, digests: Collection[str]) -> frozenset[str]:
        """As the port says."""
        return await self._writer.read(lambda tx: _in_force(tx, digests))

    async def end_session(self, digest: str, *, by: Actor, at: datetime) -> None:
        """As the port says; an unknown session has ended already."""
        await self._writer.write(lambda tx: _end(tx, digest, by=by, at=at))
