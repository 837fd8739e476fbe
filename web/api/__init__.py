"""REST under /api/v1: one table of operations makes the routes and the OpenAPI document."""

from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from web.api import calls, desk, tickets
from web.api.openapi import document
from web.api.operations import PREFIX, Asked, Operation, served
from web.identity import person_of
from web.keys import SESSIONS

DOCUMENT = web.AppKey("openapi", bytes)


async def get_openapi(asked: Asked[Any, Any]) -> web.Response:
    """This interface, described."""
    return web.Response(body=asked.app[DOCUMENT], content_type="application/json")


OPERATIONS: tuple[Operation, ...] = (
    *calls.OPERATIONS,
    *tickets.OPERATIONS,
    *desk.OPERATIONS,
    Operation(
        method="GET",
        path="/openapi.json",
        summary="This interface, described (OpenAPI 3.1)",
        act=get_openapi,
        answer=dict[str, Any],
        public=True,
    ),
)

_PUBLIC = frozenset(operation.address for operation in OPERATIONS if operation.public)


@web.middleware
async def credentials_first(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Ask for credentials before telling whether an address or method exists at all."""
    if request.path.startswith(PREFIX + "/") and request.path not in _PUBLIC:
        person_of(request)
    return await handler(request)


def setup(app: web.Application) -> None:
    """Add the routes, and the document that describes them."""
    app[DOCUMENT] = msgspec.json.encode(document(OPERATIONS, cookie=app[SESSIONS].cookie))
    for operation in OPERATIONS:
        if operation.method == "GET":
            app.router.add_get(operation.address, served(operation), name=operation.act.__name__)
        else:
            app.router.add_route(operation.method, operation.address, served(operation))
