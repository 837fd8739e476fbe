"""Bearer tokens of the REST interface, known by their SHA-256."""

from datetime import datetime

from sqlalchemy import bindparam, false, select

from regulation.refusal import Refusal
from routing.people import Actor, Token
from storage import journal
from storage.accounts import PERSON, person_of
from storage.instants import instant, instant_or_none, micros, micros_or_none
from storage.schema import people, tokens
from storage.statements import Statement, row_of
from storage.tx import Tx
from storage.writer import Writer

_ADD = Statement(row_of(tokens).on_conflict_do_nothing().returning(tokens.c.name))
_KNOWN = Statement(select(people.c.id).where(people.c.id == bindparam("id")))
_ONE = Statement(
    select(tokens.c.name, tokens.c.created_at, tokens.c.expires_at, tokens.c.revoked_at, *PERSON)
    .join(people, people.c.id == tokens.c.person)
    .where(tokens.c.digest == bindparam("digest"), people.c.locked == false())
)
_REVOKE = Statement(
    tokens.update()
    .where(tokens.c.name == bindparam("which"), tokens.c.revoked_at.is_(None))
    .values(revoked_at=bindparam("at"))
    .returning(tokens.c.person)
)


async def add(tx: Tx, token: Token, *, by: Actor, at: datetime) -> None:
    """Keep a token unless its name is taken or its person unknown."""
    person = token.person.id
    if await tx.row(_KNOWN, id=person) is None:
        raise Refusal("person.unknown", f"nobody has the id {person}", field="id", status=404)
    kept = await tx.rows(
        _ADD,
        name=token.name,
        digest=token.digest,
        person=person,
        created_at=micros(token.created_at),
        expires_at=micros_or_none(token.expires_at),
        revoked_at=micros_or_none(token.revoked_at),
    )
    if not kept:
        raise Refusal(
            "token.exists", f"name: {token.name} is taken, choose another", field="name", status=409
        )
    facts = {"person": person, "expires_at": token.expires_at}
    await journal.append(tx, "token.added", f"token:{token.name}", facts, by=by, at=at)


async def revoke(tx: Tx, name: str, *, by: Actor, at: datetime) -> None:
    """End a token that has not been ended."""
    if not await tx.rows(_REVOKE, which=name, at=micros(at)):
        raise Refusal(
            "token.unknown", f"name: no valid token is called {name}", field="name", status=404
        )
    await journal.append(tx, "token.revoked", f"token:{name}", {}, by=by, at=at)


async def _find(tx: Tx, digest: str) -> Token | None:
    row = await tx.row(_ONE, digest=digest)
    if row is None:
        return None
    name, created_at, expires_at, revoked_at, *person = row
    return Token(
        name=name,
        digest=digest,
        person=person_of(person),
        created_at=instant(created_at),
        expires_at=instant_or_none(expires_at),
        revoked_at=instant_or_none(revoked_at),
    )


class Tokens:
    """The tokens of `routing.ports.People`."""

    _writer: Writer

    async def add_token(self, token: Token, *, by: Actor, at: datetime) -> None:
        """As the port says; Refusal `person.unknown`."""
        await self._writer.write(lambda tx: add(tx, token, by=by, at=at))

    async def token(self, digest: str) -> Token | None:
        """As the port says."""
        return await self._writer.read(lambda tx: _find(tx, digest), hot=True)

    async def revoke_token(self, name: str, *, by: Actor, at: datetime) -> None:
        """As the port says."""
        await self._writer.write(lambda tx: revoke(tx, name, by=by, at=at))
