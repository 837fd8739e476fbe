"""Tickets by REST."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from regulation.refusal import Refusal
from routing.lists import TicketFilter
from routing.sight import seen_ticket
from routing.tickets import CONTENT_LIMIT, NAME_LIMIT, NUMBER_LIMIT, Kind, NewTicket, Ticket
from web.api.calls import Limit, Short
from web.api.inputs import given
from web.api.operations import Asked, Nothing, Operation
from web.keys import DESK, STORE

KEY = "Idempotency-Key"
KEY_LIMIT = 64


class TicketQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which tickets to list, newest first; `before` is `next` of the page before."""

    kind: Kind | UnsetType = UNSET
    number: Annotated[Short | UnsetType, Meta(description="The caller's, in any usual form.")] = (
        UNSET
    )
    created_by: Short | UnsetType = UNSET
    before: Short | UnsetType = UNSET
    limit: Limit = 50


class TicketPage(msgspec.Struct, frozen=True):
    """Tickets newest first; `next` is what `before` takes for the following page."""

    tickets: list[Ticket]
    next: str | None


class TicketBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A matter to register: what the citizen asks, who asks, the call it came by."""

    kind: Kind
    content: Annotated[str, Meta(min_length=1, max_length=CONTENT_LIMIT)]
    caller_number: Annotated[str, Meta(max_length=NUMBER_LIMIT)] = ""
    caller_name: Annotated[str, Meta(max_length=NAME_LIMIT)] = ""
    call: Short | None = None


async def list_tickets(asked: Asked[TicketQuery, Nothing]) -> TicketPage:
    """One page of tickets."""
    query = asked.query
    found = await asked.app[STORE].tickets.page(
        TicketFilter(**given(query) | {"limit": query.limit + 1})
    )
    shown = [seen_ticket(asked.person, ticket) for ticket in found[: query.limit]]
    return TicketPage(shown, shown[-1].number if len(found) > query.limit else None)


async def create_ticket(asked: Asked[Nothing, TicketBody]) -> Ticket:
    """Register a matter; the same Idempotency-Key registers it once."""
    return await asked.app[DESK].save_ticket(
        asked.person,
        NewTicket(**msgspec.structs.asdict(asked.body)),
        by=asked.actor,
        key=_key(asked),
    )


def _key(asked: Asked[Nothing, TicketBody]) -> str | None:
    """The person's own key: what others use as a key does not meet it."""
    key = asked.request.headers.get(KEY)
    if key is None:
        return None
    if not 1 <= len(key) <= KEY_LIMIT or not key.isascii() or not key.isprintable():
        raise Refusal(
            "request.key", f"{KEY}: 1 to {KEY_LIMIT} printable ASCII characters", field=KEY
        )
    return f"{asked.person.id}:{key}"


async def get_ticket(asked: Asked[Nothing, Nothing]) -> Ticket:
    """One ticket."""
    ticket = await asked.app[STORE].tickets.get(asked.path("number"))
    if ticket is None:
        raise Refusal("ticket.unknown", "number: no ticket has it", field="number", status=404)
    return seen_ticket(asked.person, ticket)


OPERATIONS = (
    Operation(
        method="GET",
        path="/tickets",
        summary="Tickets, newest first",
        act=list_tickets,
        answer=TicketPage,
        query=TicketQuery,
    ),
    Operation(
        method="POST",
        path="/tickets",
        summary="Register a matter",
        act=create_ticket,
        answer=Ticket,
        body=TicketBody,
        status=201,
        headers={KEY: "Any text of yours; sent again, it gives the first answer again"},
        fails=(404, 409),
    ),
    Operation(
        method="GET",
        path="/tickets/{number}",
        summary="One ticket",
        act=get_ticket,
        answer=Ticket,
        path_names={"number": "The ticket's number, as 20261123-0042"},
    ),
)
