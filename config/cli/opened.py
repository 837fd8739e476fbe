"""A command's way into the database."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import TypeVar

from config.settings import Settings
from routing.ports import Store
from storage import open_store

T = TypeVar("T")


def clock() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


def with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    """Open the database, do the work, close it; raises StoreUnavailable when it cannot be used."""

    async def opened() -> T:
        async with open_store(settings.store_address, clock=clock) as store:
            return await work(store)

    return asyncio.run(opened())
