"""The list of tickets, and one ticket with its calls and their recordings."""

import msgspec
from aiohttp import web

from regulation.refusal import Refusal
from routing.calls import Call
from routing.lists import TicketFilter
from routing.ports import Store
from routing.sight import may_hear, seen, seen_ticket
from routing.tickets import KINDS, Ticket
from web.keys import STORE
from web.pages.layout import draw, found, signed_in
from web.pages.people import names

PAGE = 50
TEXT_LIMIT = 40


async def show(request: web.Request) -> web.StreamResponse:
    """Tickets newest first, as the filter in the address asks."""
    person = signed_in(request)
    store, asked = request.app[STORE], _asked(request)
    which = TicketFilter(limit=PAGE + 1)
    for name, value in asked.items():
        which = msgspec.structs.replace(which, **{name: value})
    tickets = list(await store.tickets.page(which))
    more = {**asked, "before": tickets[PAGE - 1].number} if len(tickets) > PAGE else None
    return draw(
        request,
        "tickets.html",
        here="tickets",
        tickets=[seen_ticket(person, ticket) for ticket in tickets[:PAGE]],
        asked=asked,
        more=more,
        names=await names(store.people),
    )


async def show_one(request: web.Request) -> web.StreamResponse:
    """One ticket; 404 when there is none of this number."""
    person = signed_in(request)
    store = request.app[STORE]
    ticket: Ticket = found("ticket", await store.tickets.get(request.match_info["number"]))
    calls = await _calls(store, ticket)
    return draw(
        request,
        "ticket.html",
        here="tickets",
        ticket=seen_ticket(person, ticket),
        calls=[seen(person, call) for call in calls],
        hears={call.id: may_hear(person, call) for call in calls},
        names=await names(store.people),
    )


async def _calls(store: Store, ticket: Ticket) -> list[Call]:
    read = [await store.calls.get(call_id) for call_id in ticket.calls]
    return [call for call in read if call is not None]


def _asked(request: web.Request) -> dict[str, str]:
    wanted = ("kind", "number", "created_by", "before")
    given = {name: request.query.get(name, "").strip()[:TEXT_LIMIT] for name in wanted}
    asked = {name: value for name, value in given.items() if value}
    if asked.get("kind", KINDS[0]) not in KINDS:
        raise Refusal("filter.kind", f"kind: one of {', '.join(KINDS)}", field="kind")
    return asked
