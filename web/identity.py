"""Who asks: a person's browser by its session, or a program by its bearer token."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from regulation.refusal import Refusal
from routing.people import Actor, Person, Role, Via
from web.keys import ACTOR, ADDRESS, PERSON, SESSION, SESSIONS

UNASKED = ("/health/", "/static/", "/pbx/")
"""Addresses that need nobody's name, so that they answer while the database does not."""


@web.middleware
async def identified(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Put the person, the session and the journal's actor into the request.

    A request that shows a bearer token is judged by that alone; its cookie is not looked at.
    """
    if not request.path.startswith(UNASKED):
        await _identify(request)
    return await handler(request)


async def _identify(request: web.Request) -> None:
    sessions = request.app[SESSIONS]
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme:
        token = await sessions.bearer(secret.strip()) if scheme.lower() == "bearer" else None
        _admit(request, token.person if token else None, "rest")
    else:
        session = await sessions.of(request)
        if session is not None:
            request[SESSION] = session
        _admit(request, session.person if session else None, "page")


def _admit(request: web.Request, person: Person | None, via: Via) -> None:
    if person is not None and not person.locked:
        request[PERSON] = person
        request[ACTOR] = Actor(person=person.id, address=request[ADDRESS], via=via)


def person_of(request: web.Request, *roles: Role) -> Person:
    """The signed-in person; Refusal 401 when there is none, 403 without one of the posts."""
    person: Person | None = request.get(PERSON)
    if person is None:
        raise Refusal("auth.required", "sign in, or send a bearer token", status=401)
    if roles and not person.may(*roles):
        raise Refusal("role", f"this needs the post of {' or '.join(roles)}", status=403)
    return person
