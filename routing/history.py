"""What is known of a number before the citizen has said a word."""

from datetime import datetime

import msgspec

from routing.tickets import Kind, Status


class PastTicket(msgspec.Struct, frozen=True):
    """An earlier ticket of the number; `excerpt` is its first 80 characters."""

    number: str
    kind: Kind
    status: Status
    created_at: datetime
    excerpt: str


class History(msgspec.Struct, frozen=True):
    """How often a number called before and about what: ten tickets at most, open ones first.

    `last_agent` is who last talked with the number; `available` is False when the database could
    not be asked, which screens say.
    """

    calls_before: int = 0
    last_call_at: datetime | None = None
    last_agent: str | None = None
    tickets: tuple[PastTicket, ...] = ()
    available: bool = True
