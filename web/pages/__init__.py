"""What people see: server-rendered pages, one module per noun, made live by small scripts."""

from http import HTTPStatus

from aiohttp import web

from web.keys import ERROR_PAGE
from web.pages import calls, desk, layout, login, preferences, tickets, troubles


def setup(app: web.Application) -> None:
    """Add the pages and their static files to the application."""
    static = f"/static/{layout.version_of(layout.STATIC)}"
    app[layout.ENVIRONMENTS] = layout.environments(static)
    app[ERROR_PAGE] = troubles.show
    app.router.add_get("/", _home)
    app.router.add_get("/login", login.show)
    app.router.add_post("/login", login.log_in)
    app.router.add_post("/logout", login.log_out)
    app.router.add_post("/language", preferences.choose_language)
    app.router.add_post("/theme", preferences.choose_theme)
    app.router.add_get("/desk", desk.show)
    app.router.add_get("/calls", calls.show)
    app.router.add_get("/tickets", tickets.show)
    app.router.add_get("/tickets/{number}", tickets.show_one)
    app.router.add_static(static, layout.STATIC)
    app.on_response_prepare.append(_kept)


async def _home(_request: web.Request) -> web.StreamResponse:
    raise web.HTTPFound("/desk")


async def _kept(request: web.Request, response: web.StreamResponse) -> None:
    """Let browsers keep static files for ever: another release has another address for them."""
    if request.path.startswith("/static/"):
        is_there = response.status < HTTPStatus.BAD_REQUEST
        kept = "public, max-age=31536000, immutable" if is_there else "no-store"
        response.headers["Cache-Control"] = kept
