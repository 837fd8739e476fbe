"""What every request passes: its id, the origin check, and the answer's headers.

A browser's cookie goes along wherever a page of somebody else sends it. So whatever changes
something under a cookie must come from our own origin (Origin, or Sec-Fetch-Site where a browser
sends no Origin), and a form must carry the session's token besides.
"""

import asyncio
import hmac
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import web

from regulation.refusal import Refusal
from web.address import address_of
from web.bodies import fields
from web.keys import (
    ADDRESS,
    ERROR_PAGE,
    METRICS,
    NONCE,
    ORIGINS,
    PERSON,
    REQUEST_ID,
    SESSION,
)
from web.problems import MEDIA_TYPE, Problem, headers, internal, known

log = structlog.get_logger(__name__)

Next = Callable[[web.Request], Awaitable[web.StreamResponse]]
SWITCHING = 101
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
PROGRAMS = ("/api/", "/health/", "/metrics", "/pbx/", "/ws")
"""Addresses that answer problems as JSON, never as a page."""


@web.middleware
async def accounted(request: web.Request, handler: Next) -> web.StreamResponse:
    """Give the request an id, turn errors into answers, count and log the outcome."""
    request[REQUEST_ID] = secrets.token_hex(8)
    request[NONCE] = secrets.token_urlsafe(16)
    request[ADDRESS] = address_of(request)
    started = time.perf_counter()
    try:
        response = await handler(request)
    except asyncio.CancelledError:
        raise
    except web.HTTPRedirection as error:
        _note(request, error.status, time.perf_counter() - started)
        raise
    except Exception as error:  # noqa: BLE001 - the top of a request: every error ends here
        response = await _told(request, error)
    _note(request, response.status, time.perf_counter() - started)
    return response


async def _told(request: web.Request, error: Exception) -> web.StreamResponse:
    problem = known(error)
    if problem is None:
        problem = internal()
        _log_bug(request, error)
    problem = Problem(
        problem.code,
        problem.message,
        problem.article,
        problem.field,
        request[REQUEST_ID],
        problem.status,
    )
    head = headers(error, problem)
    if request.path.startswith(PROGRAMS) or ERROR_PAGE not in request.app:
        return web.Response(
            body=problem.body(), status=problem.status, content_type=MEDIA_TYPE, headers=head
        )
    page = await request.app[ERROR_PAGE](request, problem)
    page.headers.update(head)
    return page


def _log_bug(request: web.Request, error: Exception) -> None:
    """Where it happened, without the values it happened with."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    log.error(
        "internal",
        request_id=request[REQUEST_ID],
        route=route_of(request),
        error=type(error).__name__,
        at=[f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames],
    )


def _note(request: web.Request, status: int, seconds: float) -> None:
    route, metrics = route_of(request), request.app[METRICS]
    metrics.requests.labels(request.method[:8], route, status).inc()
    if status != SWITCHING:
        metrics.seconds.labels(route).observe(seconds)
    person = request.get(PERSON)
    log.info(
        "request",
        request_id=request[REQUEST_ID],
        method=request.method,
        route=route,
        status=status,
        ms=round(seconds * 1000, 1),
        person=person.id if person else None,
        address=request[ADDRESS],
    )


def route_of(request: web.Request) -> str:
    """The pattern of the address (`/tickets/{number}`): no personal data, few values."""
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "none"


@web.middleware
async def guarded(request: web.Request, handler: Next) -> web.StreamResponse:
    """Refuse what another site's page sends in a signed-in (or signing-in) browser's name."""
    if request.method not in SAFE and "Authorization" not in request.headers:
        require_own_origin(request)
    return await handler(request)


def require_own_origin(request: web.Request, *, must_name: bool = False) -> None:
    """Refuse (403) unless the request comes from a page of ours.

    Args:
        request: what came in.
        must_name: whether only an Origin header counts, as for websockets.
    """
    origin = request.headers.get("Origin")
    if origin is not None:
        own = origin in request.app[ORIGINS]
    else:
        own = not must_name and request.headers.get("Sec-Fetch-Site") == "same-origin"
    if not own:
        raise Refusal(
            "auth.origin",
            "this did not come from a page of this server; open the page again",
            status=403,
        )


async def form_of(request: web.Request) -> dict[str, str]:
    """The fields of a form, once its token proves that our page made it for this session.

    Raises Refusal: 403 `auth.csrf`, 415, 408; aiohttp raises 413.
    """
    form = await fields(request)
    session = request.get(SESSION)
    given = form.pop("csrf", "")
    if session is not None and not hmac.compare_digest(given.encode(), session.csrf.encode()):
        raise Refusal("auth.csrf", "the page was open for too long; reload it", status=403)
    return form


async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Set what every answer says to the browser (signal `on_response_prepare`)."""
    head = response.headers
    head["Server"] = "hotline"
    head["X-Content-Type-Options"] = "nosniff"
    head["Referrer-Policy"] = "same-origin"
    head["X-Frame-Options"] = "DENY"
    head["Cross-Origin-Opener-Policy"] = "same-origin"
    head["Cross-Origin-Resource-Policy"] = "same-origin"
    head["Permissions-Policy"] = "camera=(), geolocation=(), microphone=(self)"
    head["Content-Security-Policy"] = _content_policy(request)
    if REQUEST_ID in request:
        head["X-Request-Id"] = request[REQUEST_ID]
    if not request.path.startswith("/static/"):
        head.setdefault("Cache-Control", "no-store")
    if request.app[ORIGINS][0].startswith("https:"):
        head["Strict-Transport-Security"] = "max-age=31536000"


def _content_policy(request: web.Request) -> str:
    nonce = f"'nonce-{request[NONCE]}'" if NONCE in request else ""
    sockets = " ".join("ws" + origin.removeprefix("http") for origin in request.app[ORIGINS])
    return (
        f"default-src 'none'; script-src 'self' {nonce}; style-src 'self' {nonce}; "
        f"img-src 'self' data:; font-src 'self'; media-src 'self'; connect-src 'self' {sockets}; "
        "manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
