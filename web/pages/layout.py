"""What every page shares: language, theme, person, and how a template becomes an answer."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import jinja2
from aiohttp import web
from jinja2 import pass_context
from jinja2.runtime import Context

from regulation.refusal import Refusal
from routing.desk import DESK_ROLES
from routing.people import Language, Person
from routing.tickets import KINDS
from web.identity import person_of
from web.keys import CAN_ANSWER, CLOCK, DEMO, DESK, PERSON, SESSION
from web.pages import catalogs, shown
from web.pages.vocabulary import PAUSES, TABLES

ROOT = Path(__file__).parent.parent
STATIC = ROOT / "static"
LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")
THEMES = ("light", "dark")

ENVIRONMENTS: web.AppKey[dict[Language, jinja2.Environment]] = web.AppKey("environments")


def environments(static: str) -> dict[Language, jinja2.Environment]:
    """One Jinja environment per language; `static` is the address of the static files."""
    return {language: _environment(texts, static) for language, texts in catalogs.load().items()}


def _environment(texts: Any, static: str) -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    environment.install_gettext_translations(texts, newstyle=True)  # type: ignore[attr-defined]
    say: Callable[[str], str] = texts.gettext
    words = {
        table: {code: say(text) for code, text in entries.items()}
        for table, entries in TABLES.items()
    }
    environment.globals.update(words=words, static=static, kinds=KINDS, pauses=tuple(PAUSES))
    environment.filters.update(
        word=lambda code, table: words[table].get(code, code),
        number=shown.number,
        iso=shown.iso,
        exact=shown.exact,
        second=shown.second,
        moment=_moment(words["say"]),
        duration=_duration(words["say"]),
    )
    return environment


def _moment(say: dict[str, str]) -> Callable[[Context, datetime], str]:
    @pass_context
    def moment(context: Context, instant: datetime) -> str:
        day = shown.day(instant, context["now"])
        return f"{say.get(day, day)} {shown.clock(instant)}"

    return moment


def _duration(say: dict[str, str]) -> Callable[[float | None], str]:
    def duration(seconds: float | None) -> str:
        parts = shown.split_seconds(seconds)
        if parts is None:
            return ""
        minutes, rest = parts
        if minutes:
            return say["minutes"].format(m=minutes, s=f"{rest:02}")
        return say["seconds"].format(s=rest)

    return duration


def version_of(folder: Path) -> str:
    """A name for exactly these static files, so that browsers may keep them for ever."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def language_of(request: web.Request) -> Language:
    """The person's language; before the login what the browser's cookie says, else Chinese."""
    person = request.get(PERSON)
    wanted = person.language if person else request.cookies.get("language")
    return "en" if wanted == "en" else "zh_CN"


def signed_in(request: web.Request) -> Person:
    """The person of this page; whoever is not signed in is sent to the login.

    Raises Refusal 403 for a post that neither answers nor supervises, as REST does.
    """
    if SESSION not in request:
        raise web.HTTPFound("/login")
    return person_of(request, *DESK_ROLES)


def back_to(fields: dict[str, str], *, otherwise: str = "/desk") -> str:
    """Where a form wants to return to: a path of ours, never another site."""
    back = fields.get("back", "")
    return back if back.startswith("/") and not back.startswith(("//", "/\\")) else otherwise


def draw(
    request: web.Request, template: str, *, here: str, status: int = 200, **values: Any
) -> web.Response:
    """The template in the request's language and theme, with the frame every page has."""
    language = language_of(request)
    theme = request.cookies.get("theme")
    person, session = request.get(PERSON), request.get(SESSION)
    seats = request.app[DESK].seats
    presence = seats.of(person) if person else None
    text = (
        request.app[ENVIRONMENTS][language]
        .get_template(template)
        .render(
            language=language,
            theme=theme if theme in THEMES else None,
            csrf=session.csrf if session else "",
            person=person,
            presence=presence,
            my_device=(presence and presence.device) or _demo_device(request, person),
            devices=seats.devices,
            can_answer=request.app[CAN_ANSWER],
            now=request.app[CLOCK](),
            here=here,
            back=request.path_qs if request.method == "GET" else "/desk",
            **values,
        )
    )
    return web.Response(text=text, content_type="text/html", status=status)


def _demo_device(request: web.Request, person: Person | None) -> str:
    """The telephone that the demonstration gives the person; empty outside it."""
    accounts = (account for account in request.app[DEMO] if person and account.id == person.id)
    return next((account.device for account in accounts if account.device), "")


def found(name: str, value: object) -> Any:
    """The value, or Refusal 404 where the address names something that is not there."""
    if value is None:
        raise Refusal(f"{name}.unknown", f"{name}: there is none of this number", status=404)
    return value
