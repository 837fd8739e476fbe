"""The application: collaborators in, a served aiohttp application out.

A request passes `accounted` (id, errors, log), `identified` (who asks) and `guarded` (its origin),
and then its page, REST operation, websocket or question of the dialplan.
"""

import logging

import msgspec
from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from routing.desk import Desk
from routing.entry import Entry
from routing.ports import Clock, Store
from web import api, health, metrics, pages, pbx, screens
from web.address import LOOPBACK
from web.identity import identified
from web.keys import (
    CAN_ANSWER,
    CLOCK,
    DEMO,
    DESK,
    ENTRY,
    HUB,
    LIMITS,
    METRICS,
    ORIGINS,
    PBX_PEERS,
    PROXIES,
    PULSES,
    SECRETS,
    SESSIONS,
    SOUND_FILE,
    STORE,
    DemoAccount,
    Limits,
    Secrets,
    SoundFile,
)
from web.passwords import LoginLimits, Passwords
from web.security import accounted, add_headers, guarded
from web.sessions import Lifetimes, Sessions

IDLE_CONNECTION_SECONDS = 75.0
HEADER_BYTES = 8190
HEADERS = 64


def _in_one_line(record: logging.LogRecord) -> bool:
    """What is not HTTP is the sender's fault: it is noted without a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args, record.exc_info = "not HTTP: %s", (type(error).__name__,), None
    return True


_log = logging.getLogger(__name__)
_log.addFilter(_in_one_line)


class Front(msgspec.Struct, frozen=True):
    """How the world reaches the pages.

    `origins` are those browsers use (`https://desk.example`), the public one first; `proxies` the
    addresses whose X-Forwarded-For is believed; `pbx_peers` those from which the dialplan asks;
    `can_answer` says that the desk's buttons may pick the phones up (the demonstration's).
    """

    origins: tuple[str, ...]
    proxies: frozenset[str] = frozenset()
    pbx_peers: tuple[str, ...] = LOOPBACK
    secrets: Secrets = Secrets()
    lifetimes: Lifetimes = Lifetimes()
    login_limits: LoginLimits = LoginLimits()
    limits: Limits = Limits()
    demo: tuple[DemoAccount, ...] = ()
    can_answer: bool = False


def create_app(
    front: Front,
    *,
    store: Store,
    desk: Desk,
    entry: Entry,
    hub: screens.Hub,
    counted: metrics.Metrics,
    pulses: health.Pulses,
    clock: Clock,
    sound_file: SoundFile,
    passwords: Passwords | None = None,
) -> web.Application:
    """Put the application together.

    Args:
        front: how the world reaches it.
        store: the database.
        desk: what people can do.
        entry: answers for the dialplan.
        hub: the screens, the same that `desk` tells.
        counted: the figures of /metrics.
        pulses: the supervised tasks' heartbeats for /health/engine.
        clock: the present instant.
        sound_file: the file to play of a recording.
        passwords: compares them; by default with argon2's recommended cost.
    """
    app = web.Application(
        middlewares=[accounted, identified, guarded, api.credentials_first],
        client_max_size=front.limits.body,
    )
    passwords = passwords or Passwords()
    app[STORE], app[DESK], app[ENTRY], app[HUB] = store, desk, entry, hub
    app[METRICS], app[PULSES], app[CLOCK], app[SOUND_FILE] = counted, pulses, clock, sound_file
    app[ORIGINS], app[PROXIES], app[PBX_PEERS] = front.origins, front.proxies, front.pbx_peers
    app[SECRETS], app[LIMITS], app[DEMO] = front.secrets, front.limits, front.demo
    app[CAN_ANSWER] = front.can_answer
    app[SESSIONS] = _sessions(front, app, passwords)
    _route(app)
    app.on_response_prepare.append(add_headers)

    async def close(_app: web.Application) -> None:
        hub.close()
        passwords.close()

    app.on_shutdown.append(close)
    return app


def _sessions(front: Front, app: web.Application, passwords: Passwords) -> Sessions:
    return Sessions(
        people=app[STORE].people,
        clock=app[CLOCK],
        passwords=passwords,
        counted=app[METRICS],
        secure=front.origins[0].startswith("https:"),
        lifetimes=front.lifetimes,
        login_limits=front.login_limits,
        ended=app[HUB].end,
    )


async def sweep(app: web.Application) -> None:
    """Cut the screens of sessions that ended elsewhere; to be done every `SWEEP_SECONDS`."""
    await app[HUB].sweep(app[SESSIONS].in_force)
    await app[SESSIONS].write_use()


def _route(app: web.Application) -> None:
    app.router.add_get("/health/live", health.live)
    app.router.add_get("/health/ready", health.ready)
    app.router.add_get("/health/engine", health.engine)
    app.router.add_get("/metrics", metrics.scrape)
    app.router.add_get("/pbx/entry", pbx.entry)
    app.router.add_get("/pbx/dial", pbx.dial)
    app.router.add_get("/ws", screens.connect)
    api.setup(app)
    pages.setup(app)


def runner(app: web.Application) -> web.AppRunner:
    """The server with its limits; the caller sets it up and gives it sites."""
    return web.AppRunner(
        app,
        access_log=None,
        logger=_log,
        auto_decompress=False,
        keepalive_timeout=IDLE_CONNECTION_SECONDS,
        max_line_size=HEADER_BYTES,
        max_field_size=HEADER_BYTES,
        max_headers=HEADERS,
        shutdown_timeout=5.0,
    )


def origins_of(public_url: str | None, *, host: str, port: int) -> tuple[str, ...]:
    """The origins under which browsers reach a server that listens on host and port."""
    if public_url is not None:
        return (public_url.rstrip("/"),)
    local = {"127.0.0.1", "localhost", host} - {"0.0.0.0", "::"}  # noqa: S104 - compared, not bound
    ordered = sorted(local, key=lambda name: (name != host, name))
    return tuple(f"http://{name}:{port}" for name in ordered)
