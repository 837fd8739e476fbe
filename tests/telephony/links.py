"""A connection to a peer both ways: panoramisk as it comes, and our link around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

from panoramisk import Manager

from telephony.link import Address, Link
from telephony.wire import Message
from tests.telephony.peer import Peer, obliging, until

WANTED = frozenset({"UserEvent", "OriginateResponse", "Newchannel"})


@contextlib.asynccontextmanager
async def bare(peer: Peer, **settings: Any) -> AsyncIterator[Any]:
    """Panoramisk as it comes, logged in (or trying to)."""
    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=peer.port,
        **{
            "username": "hotline",
            "secret": "s3cret",
            "ping_delay": 1,
            "ping_interval": 1,
            "reconnect_timeout": 0,
            **settings,
        },
    )
    manager.seen, manager.tries = [], []
    manager.register_event("*", lambda _manager, event: manager.seen.append(event))
    connect = manager.connect
    manager.connect = lambda: manager.tries.append(connect())
    try:
        manager.connect()
        await until(lambda: manager.authenticated, seconds=0.5)
        yield manager
    finally:
        manager.connect = lambda: None
        await asyncio.gather(*manager.tries, return_exceptions=True)
        manager.close()
        await asyncio.sleep(0)


@contextlib.asynccontextmanager
async def ours(peer: Peer, *, full: int = 1000) -> AsyncIterator[Link]:
    link = await Link.open(address(peer), wanted=WANTED, full=full)
    try:
        yield link
    finally:
        await link.close()


def address(peer: Peer, **other: Any) -> Address:
    account = {"username": "hotline", "secret": "s3cret", **other}
    return Address(host="127.0.0.1", port=peer.port, **account)


async def consumed(link: Link, count: int) -> list[Message]:
    """The next so many events."""
    seen: list[Message] = []
    task = asyncio.create_task(link.inbox.consume(seen.append))
    await until(lambda: len(seen) >= count, seconds=1)
    task.cancel()
    return seen


def silent_about(*names: str) -> Any:
    return lambda action: None if action["Action"] in names else obliging(action)
