"""What a person chooses for their own screens: language and theme; works without scripts."""

from typing import Final

from aiohttp import web

from regulation.refusal import Refusal
from web.keys import CLOCK, ORIGINS, PERSON, STORE
from web.pages.layout import LANGUAGES, THEMES, back_to
from web.security import form_of

YEAR_SECONDS: Final = 365 * 24 * 3600


async def choose_language(request: web.Request) -> web.StreamResponse:
    """Keep the language with the account, and in the browser for the next login page."""
    fields = await form_of(request)
    language = _one_of(fields, "language", LANGUAGES)
    person = request.get(PERSON)
    if person is not None:
        await request.app[STORE].people.set_language(
            person.id, "en" if language == "en" else "zh_CN", at=request.app[CLOCK]()
        )
    return _kept(request, "language", language, back_to(fields, otherwise="/login"))


async def choose_theme(request: web.Request) -> web.StreamResponse:
    """Keep light or dark in the browser: it belongs to the room, not to the person."""
    fields = await form_of(request)
    return _kept(request, "theme", _one_of(fields, "theme", THEMES), back_to(fields))


def _one_of(fields: dict[str, str], name: str, allowed: tuple[str, ...]) -> str:
    value = fields.get(name, "")
    if value not in allowed:
        raise Refusal(f"{name}.unknown", f"{name}: one of {', '.join(allowed)}", field=name)
    return value


def _kept(request: web.Request, name: str, value: str, back: str) -> web.Response:
    response = web.Response(status=303, headers={"Location": back})
    response.set_cookie(
        name,
        value,
        max_age=YEAR_SECONDS,
        path="/",
        samesite="Lax",
        httponly=True,
        secure=request.app[ORIGINS][0].startswith("https:"),
    )
    return response
