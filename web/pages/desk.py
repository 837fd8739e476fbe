"""The agent's desk: an empty frame which the websocket's snapshot fills."""

from aiohttp import web

from web.pages.layout import draw, signed_in


async def show(request: web.Request) -> web.StreamResponse:
    """The desk of whoever is signed in."""
    signed_in(request)
    return draw(request, "desk.html", here="desk")
