"""Typed names under which the application and its requests keep what the faces need."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
from aiohttp import web

from routing.calls import Recording
from routing.people import Actor, Person, Session
from web.problems import Problem

if TYPE_CHECKING:
    from routing.desk import Desk
    from routing.entry import Entry
    from routing.ports import Clock, Store
    from web.health import Pulses
    from web.metrics import Metrics
    from web.screens import Hub
    from web.sessions import Sessions


class DemoAccount(msgspec.Struct, frozen=True):
    """An account that the login page of a demonstration shows with its password."""

    id: str
    password: str
    name: str
    device: str | None = None


class Secrets(msgspec.Struct, frozen=True):
    """What other programs must show: the dialplan's key and the metrics reader's token."""

    pbx_key: str | None = None
    metrics_token: str | None = None


class Limits(msgspec.Struct, frozen=True):
    """How much a request may be: bytes of a body, seconds to read it."""

    body: int = 256 * 1024
    body_seconds: float = 15.0


SoundFile = Callable[[Recording], Path | None]
"""Gives the file to play of a recording (its repaired copy where there is one), None when gone."""

ErrorPage = Callable[[web.Request, Problem], Awaitable[web.StreamResponse]]
"""Draws a problem as a page in the person's language."""

STORE: web.AppKey[Store] = web.AppKey("store")
DESK: web.AppKey[Desk] = web.AppKey("desk")
ENTRY: web.AppKey[Entry] = web.AppKey("entry")
CLOCK: web.AppKey[Clock] = web.AppKey("clock")
HUB: web.AppKey[Hub] = web.AppKey("hub")
SESSIONS: web.AppKey[Sessions] = web.AppKey("sessions")
PULSES: web.AppKey[Pulses] = web.AppKey("pulses")
METRICS: web.AppKey[Metrics] = web.AppKey("metrics")
SECRETS: web.AppKey[Secrets] = web.AppKey("secrets")
LIMITS: web.AppKey[Limits] = web.AppKey("limits")
SOUND_FILE: web.AppKey[SoundFile] = web.AppKey("sound_file")
ERROR_PAGE: web.AppKey[ErrorPage] = web.AppKey("error_page")
ORIGINS: web.AppKey[tuple[str, ...]] = web.AppKey("origins")
"""Origins under which browsers reach us (`https://desk.example:443`), the public one first."""
PROXIES: web.AppKey[frozenset[str]] = web.AppKey("proxies")
"""Addresses of reverse proxies whose X-Forwarded-For is believed."""
PBX_PEERS: web.AppKey[Collection[str]] = web.AppKey("pbx_peers")
"""Addresses from which the dialplan may ask."""
CAN_ANSWER = web.AppKey("can_answer", bool)
"""Whether the desk's buttons may pick the phones up (those of the demonstration)."""
DEMO: web.AppKey[tuple[DemoAccount, ...]] = web.AppKey("demo")
"""Accounts the login page shows; empty outside a demonstration."""

REQUEST_ID: web.RequestKey[str] = web.RequestKey("request_id")
NONCE: web.RequestKey[str] = web.RequestKey("nonce")
"""Nonce of the page's script and style elements (Content-Security-Policy)."""
ADDRESS: web.RequestKey[str] = web.RequestKey("address")
"""The asker's address, believed through our own proxies only."""
PERSON: web.RequestKey[Person] = web.RequestKey("person")
"""Who asks; absent while nobody is signed in."""
SESSION: web.RequestKey[Session] = web.RequestKey("session")
"""The browser's session; absent for bearer tokens."""
ACTOR: web.RequestKey[Actor] = web.RequestKey("actor")
"""What the journal writes of the one who asks."""
