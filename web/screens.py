"""The websocket hub: what the flow tells becomes frames in the browsers of those concerned.

A desk is one browser tab. A frame is encoded once, whoever gets it, and written straight to each
desk's transport: nothing waits for a browser. The transport's buffer is the desk's outbox and it is
bounded: a browser that does not read is disconnected, connects again and starts from a snapshot.
A broadcast is spread over turns of the loop, so that a pop never stands behind a thousand writes.
Every connection begins with a snapshot taken in the same turn of the loop in which the desk joins,
so nothing falls between the two.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import Awaitable, Callable, Collection

import msgspec
import structlog
from aiohttp import WSCloseCode, WSMsgType, web

from regulation.refusal import Refusal
from routing.frames import Beat, Frame
from routing.people import Session
from routing.ports import Clock
from web.keys import DESK, HUB, SESSION
from web.metrics import Metrics
from web.security import require_own_origin

log = structlog.get_logger(__name__)

OUTBOX_BYTES = 256 * 1024
KERNEL_BYTES = 64 * 1024
INBOUND_BYTES = 1024
TABS = 16
SLICE = 64
"""Desks a broadcast writes to in one turn of the loop: what is urgent goes between the slices."""
SWEEP_SECONDS = 1.5
BEAT_EVERY = 10
HEARTBEAT_SECONDS = 20.0
GOODBYE_SECONDS = 1.0
SESSION_ENDED = 4401
TOO_MANY_TABS = 4409

_TEXT, _CLOSE = 0x81, 0x88
_SHORT, _MEDIUM = 126, 65_536


class Tab:
    """One connected browser tab."""

    __slots__ = ("session", "transport", "waiting")

    def __init__(self, session: Session, transport: asyncio.Transport) -> None:
        self.session = session
        self.transport = transport
        self.waiting: list[bytes] = []
        """Broadcast frames whose turn has not come; the next write takes them along, in order."""


class Hub:
    """Every connected tab; implements `routing.ports.Screens`.

    Args:
        clock: the present instant.
        counted: counts frames and slow browsers.
        outbox: bytes that may wait for one browser.
        tabs: how many one person may have open; the oldest gives way.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        counted: Metrics,
        outbox: int = OUTBOX_BYTES,
        tabs: int = TABS,
    ) -> None:
        self._clock = clock
        self._counted = counted
        self._outbox = outbox
        self._most = tabs
        self._tabs: dict[str, list[Tab]] = {}
        self._cycle = 0
        self._behind: deque[Tab] = deque()
        self._catching_up = False
        self._encoder = msgspec.json.Encoder()
        counted.gauge("screens", "Connected browser tabs", self.count)

    def send(self, person_id: str, frame: Frame) -> None:
        """To every tab of one person; never waits, never raises."""
        if tabs := self._tabs.get(person_id):
            data = self._framed(frame)
            for tab in tuple(tabs):
                self._write(tab, data)

    def broadcast(self, frame: Frame) -> None:
        """To every tab; never waits, never raises."""
        if self._tabs:
            data = self._framed(frame)
            for tab in self._all():
                tab.waiting.append(data)
                self._behind.append(tab)
            if not self._catching_up:
                self._catching_up = True
                asyncio.get_running_loop().call_soon(self._catch_up)

    def join(self, session: Session, transport: asyncio.Transport, first: Frame) -> Tab:
        """Add a tab, beginning with the frame `first`."""
        tab = Tab(session, transport)
        tabs = self._tabs.setdefault(session.person.id, [])
        tabs.append(tab)
        if len(tabs) > self._most:
            self.part(tabs[0], TOO_MANY_TABS)
        self._write(tab, self._framed(first))
        return tab

    def leave(self, tab: Tab) -> None:
        """Forget a tab (already gone is no error)."""
        tabs = self._tabs.get(tab.session.person.id, [])
        with contextlib.suppress(ValueError):
            tabs.remove(tab)
        if not tabs:
            self._tabs.pop(tab.session.person.id, None)

    def part(self, tab: Tab, code: int) -> None:
        """Disconnect a tab, telling it why; its browser has a second to say goodbye."""
        self.leave(tab)
        tab.waiting.clear()
        tab.transport.write(struct.pack("!BBH", _CLOSE, 2, code))
        asyncio.get_running_loop().call_later(GOODBYE_SECONDS, tab.transport.abort)

    def end(self, digest: str) -> None:
        """Disconnect every tab of a session that has ended."""
        for tab in self._all():
            if tab.session.digest == digest:
                self.part(tab, SESSION_ENDED)

    def count(self) -> int:
        """Connected tabs."""
        return sum(map(len, self._tabs.values()))

    async def sweep(
        self, in_force: Callable[[Collection[Session]], Awaitable[frozenset[str]]]
    ) -> None:
        """Let the browsers hear from us, and cut those whose session was ended elsewhere.

        To be called every `SWEEP_SECONDS`. `in_force` tells which of the sessions are still good.
        """
        self._cycle += 1
        if self._cycle % BEAT_EVERY == 0:
            self.broadcast(Beat(self._clock()))
        sessions = {tab.session.digest: tab.session for tab in self._all()}
        if not sessions:
            return
        for digest in sessions.keys() - await in_force(tuple(sessions.values())):
            self.end(digest)

    def close(self) -> None:
        """Tell every browser that the server goes away (they connect again)."""
        for tab in self._all():
            self.part(tab, WSCloseCode.GOING_AWAY)

    def _all(self) -> list[Tab]:
        return [tab for tabs in self._tabs.values() for tab in tabs]

    def _catch_up(self) -> None:
        for _ in range(min(SLICE, len(self._behind))):
            tab = self._behind.popleft()
            if tab.waiting:
                self._write(tab)
        self._catching_up = bool(self._behind)
        if self._catching_up:
            asyncio.get_running_loop().call_soon(self._catch_up)

    def _framed(self, frame: Frame) -> bytes:
        return text_frame(self._encoder.encode(frame))

    def _write(self, tab: Tab, data: bytes = b"") -> None:
        transport = tab.transport
        if tab.waiting:
            data = b"".join((*tab.waiting, data))
            tab.waiting.clear()
        if transport.is_closing():
            self.leave(tab)
        elif transport.get_write_buffer_size() + len(data) > self._outbox:
            self._counted.slow.inc()
            log.warning("browser does not read", person=tab.session.person.id)
            self.leave(tab)
            transport.abort()
        else:
            transport.write(data)
            self._counted.writes.inc()


async def connect(request: web.Request) -> web.StreamResponse:
    """A desk's websocket: for a signed-in browser on a page of ours.

    The browser asks nothing over it: whatever it sends but pongs ends the connection.
    """
    require_own_origin(request, must_name=True)
    session = request.get(SESSION)
    if session is None:
        raise Refusal("auth.required", "sign in first", status=401)
    response = web.WebSocketResponse(
        heartbeat=HEARTBEAT_SECONDS, compress=False, max_msg_size=INBOUND_BYTES, timeout=1.0
    )
    if not response.can_prepare(request):
        raise Refusal("request.websocket", "connect with a websocket", status=400)
    await response.prepare(request)
    transport = request.transport
    if transport is None:
        return response
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BYTES)
    hub = request.app[HUB]
    tab = hub.join(session, transport, request.app[DESK].snapshot(session.person))
    try:
        message = await response.receive()
    finally:
        hub.leave(tab)
    if message.type in (WSMsgType.TEXT, WSMsgType.BINARY):
        await response.close(code=WSCloseCode.POLICY_VIOLATION)
    return response


def text_frame(payload: bytes) -> bytes:
    """An unmasked, unfragmented websocket text frame (RFC 6455, section 5.2)."""
    size = len(payload)
    if size < _SHORT:
        return struct.pack("!BB", _TEXT, size) + payload
    if size < _MEDIUM:
        return struct.pack("!BBH", _TEXT, 126, size) + payload
    return struct.pack("!BBQ", _TEXT, 127, size) + payload
