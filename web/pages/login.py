"""Coming and going: the login page, logging in, logging out."""

from aiohttp import web

from regulation.refusal import Refusal
from web.keys import DEMO, PERSON, SESSION, SESSIONS
from web.pages.layout import draw
from web.security import form_of


async def show(request: web.Request) -> web.StreamResponse:
    """The login page; whoever is signed in goes on to the desk."""
    if PERSON in request and SESSION in request:
        raise web.HTTPFound("/desk")
    return _page(request)


async def log_in(request: web.Request) -> web.StreamResponse:
    """Check name and password; a refusal is told on the page, with the name still there."""
    fields = await form_of(request)
    name, password = fields.get("name", ""), fields.get("password", "")
    response = web.Response(status=303, headers={"Location": "/desk"})
    try:
        await request.app[SESSIONS].log_in(request, response, name, password)
    except Refusal as refusal:
        return _page(request, name=name, refusal=refusal, status=refusal.status)
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session; the phone stays as it is."""
    await form_of(request)
    response = web.Response(status=303, headers={"Location": "/login"})
    session = request.get(SESSION)
    if session is not None:
        await request.app[SESSIONS].log_out(request, response, session)
    return response


def _page(
    request: web.Request, *, name: str = "", refusal: Refusal | None = None, status: int = 200
) -> web.Response:
    return draw(
        request,
        "login.html",
        here="login",
        status=status,
        name=name,
        refusal=refusal,
        accounts=request.app[DEMO],
    )
