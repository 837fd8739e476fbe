"""Which calls and tickets a list shows."""

from datetime import datetime

import msgspec


class CallFilter(msgspec.Struct, frozen=True):
    """Which calls to list, newest first; `before` is the cursor of the page before."""

    way: str | None = None
    outcome: str | None = None
    number: str | None = None
    agent: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    before: str | None = None
    limit: int = 50


class TicketFilter(msgspec.Struct, frozen=True):
    """Which tickets to list, newest first; `before` is a ticket number."""

    kind: str | None = None
    number: str | None = None
    created_by: str | None = None
    before: str | None = None
    limit: int = 50
