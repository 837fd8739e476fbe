"""Accounts: who may sign in, and how they are known."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from sqlalchemy import bindparam, select

from regulation.refusal import Refusal
from routing.people import Actor, Language, Person, Role
from storage import journal
from storage.schema import people, sessions
from storage.statements import Statement, row_of
from storage.tx import Row, Tx
from storage.writer import Writer

PERSON = (people.c.id, people.c.name, people.c.roles, people.c.language, people.c.locked)

_ADD = Statement(row_of(people).on_conflict_do_nothing().returning(people.c.id))
_ONE = Statement(select(*PERSON).where(people.c.id == bindparam("id")))
_ALL = Statement(select(*PERSON).order_by(people.c.id))
_HASH = Statement(select(people.c.password_hash).where(people.c.id == bindparam("id")))
_END_SESSIONS = Statement(sessions.delete().where(sessions.c.person == bindparam("who")))


def _set(column: str) -> Statement:
    return Statement(
        people.update()
        .where(people.c.id == bindparam("who"))
        .values({column: bindparam("value")})
        .returning(people.c.id)
    )


_SET = {name: _set(name) for name in ("password_hash", "locked", "language", "roles")}


def person_of(row: Row) -> Person:
    """The person in a row of `PERSON`."""
    person_id, name, roles, language, locked = row
    return Person(
        id=person_id,
        name=name,
        roles=msgspec.json.decode(roles, type=tuple[Role, ...]),
        language=language,
        locked=bool(locked),
    )


async def add(tx: Tx, person: Person, *, password_hash: str, by: Actor, at: datetime) -> None:
    """Create the account unless the id is taken."""
    columns = {**msgspec.structs.asdict(person), "roles": _json(person.roles)}
    if not await tx.rows(_ADD, **columns, password_hash=password_hash):
        raise Refusal(
            "person.exists", f"id: {person.id} is taken, choose another", field="id", status=409
        )
    facts = {"name": person.name, "roles": person.roles}
    await journal.append(tx, "person.added", f"person:{person.id}", facts, by=by, at=at)


async def change(
    tx: Tx, person_id: str, column: str, value: object, *, what: str, by: Actor, at: datetime
) -> None:
    """Set one column of an account and journal it as `what`."""
    if not await tx.rows(_SET[column], who=person_id, value=value):
        raise Refusal("person.unknown", f"nobody has the id {person_id}", field="id", status=404)
    facts = {} if column == "password_hash" else {column: value}
    await journal.append(tx, f"person.{what}", f"person:{person_id}", facts, by=by, at=at)


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


class Accounts:
    """The accounts of `routing.ports.People`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def add(self, person: Person, *, password_hash: str, by: Actor, at: datetime) -> None:
        """As the port says."""
        await self._writer.write(
            lambda tx: add(tx, person, password_hash=password_hash, by=by, at=at)
        )

    async def get(self, person_id: str) -> Person | None:
        """As the port says."""
        row = await self._writer.read(lambda tx: tx.row(_ONE, id=person_id))
        return person_of(row) if row else None

    async def all(self) -> Sequence[Person]:
        """As the port says."""
        return [person_of(row) for row in await self._writer.read(lambda tx: tx.rows(_ALL))]

    async def password_hash(self, person_id: str) -> str | None:
        """As the port says."""
        row = await self._writer.read(lambda tx: tx.row(_HASH, id=person_id))
        return row[0] if row else None

    async def set_password(
        self, person_id: str, password_hash: str, *, by: Actor, at: datetime
    ) -> None:
        """As the port says; Refusal `person.unknown`."""

        async def command(tx: Tx) -> None:
            await change(
                tx, person_id, "password_hash", password_hash, what="password_set", by=by, at=at
            )
            await tx.run(_END_SESSIONS, who=person_id)

        await self._writer.write(command)

    async def set_locked(self, person_id: str, locked: bool, *, by: Actor, at: datetime) -> None:
        """As the port says; Refusal `person.unknown`."""
        what = "locked" if locked else "unlocked"

        async def command(tx: Tx) -> None:
            await change(tx, person_id, "locked", locked, what=what, by=by, at=at)
            if locked:
                await tx.run(_END_SESSIONS, who=person_id)

        await self._writer.write(command)

    async def set_language(self, person_id: str, language: Language, *, at: datetime) -> None:
        """As the port says; Refusal `person.unknown`."""
        by = Actor(person=person_id, address="", via="page")
        await self._writer.write(
            lambda tx: change(
                tx, person_id, "language", language, what="language_set", by=by, at=at
            )
        )

    async def set_roles(
        self, person_id: str, roles: tuple[Role, ...], *, by: Actor, at: datetime
    ) -> None:
        """As the port says; Refusal `person.unknown`."""
        await self._writer.write(
            lambda tx: change(tx, person_id, "roles", _json(roles), what="roles_set", by=by, at=at)
        )

    async def journal_refused_login(self, person_id: str, *, by: Actor, at: datetime) -> None:
        """As the port says."""
        subject = f"person:{person_id}"
        await self._writer.write(
            lambda tx: journal.append(tx, "login.refused", subject, {}, by=by, at=at)
        )
