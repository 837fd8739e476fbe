"""Least sight: what of a call a person may see and hear, by their post and their part in it."""

import msgspec

from routing.calls import Call
from routing.numbers import masked
from routing.people import Person
from routing.tickets import Ticket


def took_part(person: Person, call: Call) -> bool:
    """Whether the call rang at the person's desk or was talked there."""
    agents = {offer.agent for offer in call.offers} | {part.agent for part in call.segments}
    return person.id in agents


def may_hear(person: Person, call: Call) -> bool:
    """Supervisors hear every recording, agents those of their own calls."""
    return person.may("supervisor") or took_part(person, call)


def seen(person: Person, call: Call) -> Call:
    """The call as the person may see it: other desks' citizens with masked number and name."""
    if may_hear(person, call):
        return call
    return msgspec.structs.replace(
        call,
        citizen_number=masked(call.citizen_number) if call.citizen_number else None,
        citizen_e164=None,
        citizen_name=f"{call.citizen_name[:1]}**" if call.citizen_name else None,
    )


def seen_ticket(person: Person, ticket: Ticket) -> Ticket:
    """The ticket as the person may see it: the caller's number only to who took it, and above."""
    if person.may("supervisor") or ticket.created_by == person.id:
        return ticket
    return msgspec.structs.replace(
        ticket, caller_number=masked(ticket.caller_number), caller_e164=None
    )
