"""The dialplan's questions: how a call enters the queue, and whether a phone may dial a number.

The dialplan waits 0.3 s and treats silence, or anything but the two known answers, as "default
route" and "do not dial". So answers come from memory or within 0.2 s, and failures need no words.
"""

import hmac
import re

from aiohttp import web

from routing.ports import StoreUnavailable
from web.address import directly_from
from web.keys import ENTRY, PBX_PEERS, SECRETS

KEY_HEADER = "X-Hotline-Key"

_SHORT_TEXT = re.compile(r"[\x20-\x7e]{0,128}")


async def entry(request: web.Request) -> web.Response:
    """`ok,<priority 0-9>,<preferred device or empty>,<repeat 0|1>` for call, way, caller, case."""
    _from_dialplan(request)
    way, caller = _asked(request, "way"), _asked(request, "caller")
    try:
        route = await request.app[ENTRY].route(way=way, caller=caller)
    except StoreUnavailable:
        raise web.HTTPServiceUnavailable from None
    device = route.device or ""
    return web.Response(text=f"ok,{route.priority},{device},{int(route.repeat)}")


async def dial(request: web.Request) -> web.Response:
    """`allow,<digits to dial>` or `deny,<code>` for device, number."""
    _from_dialplan(request)
    answer = request.app[ENTRY].dial(
        device=_asked(request, "device"), number=_asked(request, "number")
    )
    return web.Response(text=f"allow,{answer}" if answer.isdigit() else f"deny,{answer}")


def _from_dialplan(request: web.Request) -> None:
    """403 unless an allowed peer itself (nobody's proxy) shows the key."""
    key = request.app[SECRETS].pbx_key
    given = request.headers.get(KEY_HEADER, "")
    known = key is not None and hmac.compare_digest(given.encode(), key.encode())
    if not (known and directly_from(request, request.app[PBX_PEERS])):
        raise web.HTTPForbidden


def _asked(request: web.Request, name: str) -> str:
    text = request.query.get(name, "")
    if not _SHORT_TEXT.fullmatch(text):
        raise web.HTTPBadRequest
    return text
