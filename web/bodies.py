"""Request bodies read in bounded time and size."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from aiohttp import web

from regulation.refusal import Refusal
from web.keys import LIMITS

T = TypeVar("T")


async def read(request: web.Request) -> bytes:
    """The whole body; Refusal 408 when it dribbles in, 413 (by aiohttp) when it is too large."""
    return await _in_time(request, request.read())


async def fields(request: web.Request) -> dict[str, str]:
    """A form's text fields; as `read`, and Refusal 415 for what is not a form."""
    if request.content_type not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise Refusal("request.media_type", "send the page's form", status=415)
    posted = await _in_time(request, request.post())
    return {name: value for name, value in posted.items() if isinstance(value, str)}


async def _in_time(request: web.Request, reading: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(request.app[LIMITS].body_seconds):
            return await reading
    except TimeoutError:
        raise Refusal("request.slow", "the body did not arrive in time", status=408) from None
