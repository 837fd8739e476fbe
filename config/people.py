"""Accounts as the command line makes them: checked names, hashed passwords, fresh tokens."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta

import msgspec
from argon2 import PasswordHasher

from regulation.refusal import Refusal
from routing.people import Actor, Language, Person, Role, Token

BY_COMMAND = Actor(person=None, address="", via="command")
ID = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 256
NAME_LIMIT = 64


def person(identity: str, name: str, roles: tuple[Role, ...], language: Language) -> Person:
    """A checked account; Refusal names the field that is wrong."""
    checked_id(identity)
    if not name.strip() or len(name) > NAME_LIMIT or any(ord(sign) < ord(" ") for sign in name):
        raise Refusal("person.name", f"name: 1 to {NAME_LIMIT} printable characters", field="name")
    return Person(id=identity, name=name.strip(), roles=roles, language=language)


def checked_id(identity: str) -> str:
    """The login name itself, if it is one."""
    if not ID.fullmatch(identity):
        raise Refusal(
            "person.id",
            f"login {identity!r}: 2 to 32 of a-z, 0-9, '.', '_', '-', a letter or digit first",
            field="id",
        )
    return identity


def password_hash(password: str) -> str:
    """The argon2id hash to keep; Refusal for a password too short or too long."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Refusal(
            "person.password",
            f"password: {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters",
            field="password",
        )
    return PasswordHasher().hash(password)


class NewToken(msgspec.Struct, frozen=True):
    """A token with its secret, which is shown once and kept nowhere."""

    secret: str
    token: Token


def new_token(name: str, holder: Person, *, now: datetime, days: int | None) -> NewToken:
    """A bearer token that speaks for `holder`, for so many days or until revoked."""
    if not ID.fullmatch(name):
        raise Refusal("token.name", f"token name {name!r}: a-z, 0-9, '.', '_', '-'", field="name")
    secret = secrets.token_urlsafe(32)
    expires = now + timedelta(days=days) if days else None
    digest = hashlib.sha256(secret.encode()).hexdigest()
    return NewToken(secret, Token(name, digest, holder, created_at=now, expires_at=expires))
