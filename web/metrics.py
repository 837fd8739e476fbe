"""What the server counts of itself, in Prometheus' text format at /metrics."""

import hmac
from collections.abc import Callable

from aiohttp import web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from regulation.refusal import Refusal
from web.address import own_machine
from web.keys import METRICS, PERSON, SECRETS

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class Metrics:
    """One registry of one server; others add what they know by `gauge`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "hotline_http_requests",
            "Requests answered",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "hotline_http_seconds",
            "Time to answer a request",
            ("route",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self.writes = Counter(
            "hotline_screen_writes",
            "Writes to desks, each one frame or several",
            registry=self.registry,
        )
        self.slow = Counter(
            "hotline_screens_slow",
            "Desks disconnected because their browser did not read",
            registry=self.registry,
        )
        self.refused_logins = Counter(
            "hotline_logins_refused", "Wrong passwords", registry=self.registry
        )

    def gauge(self, name: str, text: str, read: Callable[[], float]) -> None:
        """Show what `read` gives at the time of asking, as `hotline_<name>`."""
        Gauge(f"hotline_{name}", text, registry=self.registry).set_function(read)

    def text(self) -> bytes:
        """All figures now."""
        return generate_latest(self.registry)


async def scrape(request: web.Request) -> web.Response:
    """For the reader with the metrics token (without one: for this machine), and for admins."""
    _may_read(request)
    return web.Response(
        body=request.app[METRICS].text(),
        headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"},
    )


def _may_read(request: web.Request) -> None:
    token = request.app[SECRETS].metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if token is None and own_machine(request):
        return
    if token is not None and hmac.compare_digest(given.encode(), token.encode()):
        return
    person = request.get(PERSON)
    if person is None:
        raise Refusal("auth.required", "send the metrics token as a bearer token", status=401)
    if not person.may("admin"):
        raise Refusal("role", "this needs the post of admin", status=403)
