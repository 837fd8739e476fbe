"""Persons who use the hotline's screens, their posts and how they are signed in."""

from datetime import datetime
from typing import Literal

import msgspec

Role = Literal["agent", "supervisor", "admin"]
Via = Literal["page", "rest", "system", "command"]
Language = Literal["zh_CN", "en"]


class Person(msgspec.Struct, frozen=True):
    """Somebody with an account; `id` is the login name (`^[a-z0-9][a-z0-9._-]{1,31}$`)."""

    id: str
    name: str
    roles: tuple[Role, ...]
    language: Language = "zh_CN"
    locked: bool = False

    def may(self, *roles: Role) -> bool:
        """Whether the person holds one of these posts; an admin holds them all."""
        return "admin" in self.roles or any(role in self.roles for role in roles)


class Actor(msgspec.Struct, frozen=True):
    """Who does something, from where: what every journal entry needs to know."""

    person: str | None
    address: str
    via: Via


SYSTEM = Actor(person=None, address="", via="system")


class Session(msgspec.Struct, frozen=True):
    """A signed-in browser; the browser holds a secret of which we keep only the SHA-256."""

    digest: str
    person: Person
    csrf: str
    opened_at: datetime
    seen_at: datetime


class Token(msgspec.Struct, frozen=True):
    """A bearer token of the REST interface; shown once, kept as SHA-256."""

    name: str
    digest: str
    person: Person
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
