"""Request bodies read in bounded time and size, and only as they were sent: never unpacked."""

import asyncio
from urllib.parse import parse_qsl

from aiohttp import web

from regulation.refusal import Refusal
from web.keys import LIMITS

FORM = "application/x-www-form-urlencoded"
MOST_FIELDS = 100


async def read(request: web.Request) -> bytes:
    """The whole body.

    Raises Refusal: 408 when it dribbles in, 415 when it is packed, 400 when it breaks off. aiohttp
    raises 413 when it is too large.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise Refusal(
            "request.encoding",
            "Content-Encoding: send the body unpacked",
            field="Content-Encoding",
            status=415,
        )
    try:
        async with asyncio.timeout(request.app[LIMITS].body_seconds):
            return await request.read()
    except TimeoutError:
        raise Refusal("request.slow", "the body did not arrive in time", status=408) from None
    except web.RequestPayloadError:
        raise Refusal("request.malformed", "the body broke off or is garbled") from None


async def fields(request: web.Request) -> dict[str, str]:
    """A form's fields; as `read`, and Refusal 415 for what is no form, 400 for a garbled one."""
    if request.content_type != FORM:
        raise Refusal("request.media_type", f"Content-Type: send {FORM}", status=415)
    raw = await read(request)
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise Refusal("request.malformed", "the form is not percent-encoded UTF-8") from None
    return dict(pairs)
