"""From which address a request comes, and whether it came straight from there."""

from collections.abc import Collection

from aiohttp import web

from web.keys import PROXIES

LOOPBACK = ("127.0.0.1", "::1")
FORWARDED = "X-Forwarded-For"


def address_of(request: web.Request) -> str:
    """The asker's address: the peer's, or what our own proxies say of it."""
    proxies = request.app[PROXIES]
    address = request.remote or ""
    hops = request.headers.get(FORWARDED, "").split(",")
    while address in proxies and hops:
        address = hops.pop().strip() or address
    return address[:64]


def directly_from(request: web.Request, peers: Collection[str]) -> bool:
    """Whether one of the peers itself asks, not somebody through a proxy that runs there."""
    return request.remote in peers and FORWARDED not in request.headers


def own_machine(request: web.Request) -> bool:
    """Whether a program on this machine asks."""
    return directly_from(request, LOOPBACK)
