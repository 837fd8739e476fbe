"""One AMI connection: connected, logged in, used, and once lost never used again.

panoramisk carries it, as its `Manager` with a protocol of ours; what its manager would do by itself
later (reconnect, send again, ping without reading the answer) is taken from it here. Bytes go
through `wire.Decoder`; answers go to `replies`, events in order to the `inbox`, which its one owner
consumes. Reconnecting is the owner's: a new `Link` each time, so nothing of the old one leaks in.
"""

import asyncio
import contextlib
import secrets
import ssl
from typing import Any

import msgspec
from panoramisk import Manager

from telephony.actions import Fields, encode
from telephony.failures import Declined, LinkDown, LoginRefused, NoAnswer, NotSent
from telephony.inbox import FULL, Inbox
from telephony.replies import Answer, Replies
from telephony.wire import BadMessage, Decoder, Message

LISTED = frozenset(
    {
        "BridgeInfoChannel",
        "BridgeInfoComplete",
        "BridgeListComplete",
        "BridgeListItem",
        "CoreShowChannel",
        "CoreShowChannelsComplete",
        "DeviceStateChange",
        "DeviceStateListComplete",
        "QueueEntry",
        "QueueMember",
        "QueueParams",
        "QueueStatusComplete",
    }
)
"""Events that lists consist of; the decoder lets them pass whoever else wants them or not."""

ACTION_SECONDS = 5.0
_MISSES = 2  # unanswered pings that make a frozen Asterisk...
_LAGS = 6  # ... or so many, where its events still come


class Address(msgspec.Struct, frozen=True):
    """Where an Asterisk's AMI is and who we are there; `tls` encrypts it."""

    host: str
    port: int
    username: str
    secret: str
    tls: ssl.SSLContext | None = None

    def __repr__(self) -> str:
        return f"{self.username}@{self.host}:{self.port}"


class Link:
    """An authenticated connection; made by `Link.open`.

    Attributes:
        inbox: the events, in order.
        lost: set when the connection is over; `reason` then says why.
    """

    def __init__(self, address: Address, *, wanted: frozenset[str], full: int) -> None:
        self.address = address
        self.reason = ""
        self.lost = asyncio.Event()
        self.booted = asyncio.Event()
        self.inbox = Inbox(pause=self._pause, resume=self._resume, full=full)
        self._wanted = wanted
        self._replies = Replies()
        self._protocol = _Protocol(self, Decoder(wanted | LISTED | {"FullyBooted"}), self._replies)
        self._manager = _OneConnection(
            host=address.host,
            port=address.port,
            ssl=address.tls or False,
            loop=asyncio.get_running_loop(),
            protocol_factory=lambda: self._protocol,
        )
        self._prefix = secrets.token_hex(4)  # other sessions see our ActionIDs in their events
        self._count = 0

    @classmethod
    async def open(
        cls,
        address: Address,
        *,
        wanted: frozenset[str] = frozenset(),
        seconds: float = ACTION_SECONDS,
        full: int = FULL,
    ) -> "Link":
        """Connect and log in.

        Args:
            address: which Asterisk, and the account there.
            wanted: names of the events that go to the inbox.
            seconds: for the connection, and again for the login.
            full: how many waiting messages make the socket wait.

        Raises:
            LoginRefused: wrong account or secret, or this address may not.
            LinkDown: nobody there, no TLS, or no answer in time.
        """
        link = cls(address, wanted=wanted, full=full)
        try:
            await link._connect(seconds)
            await link._login(seconds)
        except BaseException:
            await link.close("not opened")
            raise
        return link

    async def ask(
        self, action: str, fields: Fields | None = None, *, seconds: float = ACTION_SECONDS
    ) -> list[Message]:
        """Send an action once and wait for its answer: the response, then a list where one follows.

        Raises:
            Refusal: the action, a field or a value must not be sent; nothing was.
            Declined: Asterisk said no.
            NoAnswer: not within `seconds`.
            NotSent: there is no connection any more.
            LinkDown: the connection was lost after sending.
        """
        if self.lost.is_set():
            raise NotSent(self.reason)
        self._count += 1
        action_id = f"{self._prefix}-{self._count}"
        try:
            async with asyncio.timeout(seconds):
                answer: list[Message] = await self._manager.send_action(
                    {**(fields or {}), "Action": action, "ActionID": action_id}
                )
        except TimeoutError:
            raise NoAnswer(f"{action}: no answer within {seconds:g} s") from None
        finally:
            self._replies.forget(action_id)
        if (answer[0].get("Response") or "") == "Error":
            raise Declined(action, answer[0].get("Message") or "no reason given")
        return answer

    async def watch(self, *, every: float) -> None:
        """Ping every so many seconds until the link is lost; two unanswered pings are a loss.

        An answer may wait behind a flood of events, or unread while our own consumer lags: as long
        as bytes come Asterisk is not frozen, and only a longer silence of its commands is a loss.
        """
        missed = 0
        while not self.lost.is_set():
            heard = self._protocol.received
            try:
                await self.ask("Ping", seconds=every)
            except NoAnswer:
                missed = 0 if self.inbox.is_paused else missed + 1
                is_silent = self._protocol.received == heard
                if missed >= (_MISSES if is_silent else _LAGS):
                    self.drop(f"Asterisk left {missed} pings unanswered")
            except LinkDown:
                return
            else:
                missed = 0
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(every):
                        await self.lost.wait()

    def drop(self, reason: str) -> None:
        """Be lost now: what waits for an answer fails, what was received can still be consumed."""
        if self.lost.is_set():
            return
        self.reason = reason
        self.lost.set()
        self._replies.fail(LinkDown(reason))
        self.inbox.close()
        self._protocol.abort()
        self._manager.close()

    async def close(self, reason: str = "closed") -> None:
        """Be lost and wait until the socket is gone."""
        self.drop(reason)
        await self._protocol.gone.wait()

    def receive(self, message: Message) -> None:
        """What the protocol hands over, message by message."""
        if message.name == "FullyBooted":
            self.booted.set()
        if message.name in self._wanted:
            self.inbox.put(message)

    async def _connect(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._manager.connect()
        except TimeoutError:
            raise LinkDown(f"{self.address}: no connection within {seconds:g} s") from None
        except (OSError, ValueError) as error:
            raise LinkDown(f"{self.address}: cannot connect: {error}") from error

    async def _login(self, seconds: float) -> None:
        who = {"Username": self.address.username, "Secret": self.address.secret, "Events": "on"}
        try:
            await self.ask("Login", who, seconds=seconds)
        except Declined as refusal:
            raise LoginRefused(
                f"{self.address}: login refused ({refusal.message}):"
                " check the AMI username and secret, and the permit line of that account"
            ) from None
        except NoAnswer:
            raise LinkDown(f"{self.address}: no answer to the login within {seconds:g} s") from None

    def _pause(self) -> None:
        self._protocol.pause_reading()

    def _resume(self) -> None:
        self._protocol.resume_reading()


class _Protocol(asyncio.Protocol):
    """Bytes of one connection to and from its link; stands where panoramisk's protocol stood."""

    def __init__(self, link: Link, decoder: Decoder, replies: Replies) -> None:
        self._link, self._decoder, self._replies = link, decoder, replies
        self._transport: asyncio.Transport | None = None
        self._choked = False
        self.received = 0  # bytes
        self.gone = asyncio.Event()
        self.gone.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # asyncio gives a Transport to a Protocol
        self.gone.clear()
        if self._link.lost.is_set():
            self.abort()

    def data_received(self, data: bytes) -> None:
        if self._link.lost.is_set():
            return
        self.received += len(data)
        try:
            messages = self._decoder.feed(data)
        except BadMessage as error:
            self._link.drop(f"not AMI: {error}")
            return
        for message in messages:
            self._replies.take(message)
            if message.name:
                self._link.receive(message)

    def connection_lost(self, exc: Exception | None) -> None:
        self.gone.set()
        self._link.drop(f"connection lost: {exc}" if exc else "Asterisk closed the connection")

    def pause_writing(self) -> None:
        self._choked = True

    def resume_writing(self) -> None:
        self._choked = False

    def send(self, data: dict[str, Any], *, as_list: bool | None = None) -> Answer:  # noqa: ARG002
        """Called by panoramisk's `send_action`; the response says whether a list follows."""
        fields = dict(data)
        name, action_id = fields.pop("Action"), fields.pop("ActionID")
        action = encode(name, action_id, fields)
        if self._transport is None or self._transport.is_closing():
            raise NotSent("the connection is closing")
        if self._choked:
            raise NotSent("Asterisk does not read what it is sent")
        answer = self._replies.expect(action_id)
        self._transport.write(action)
        return answer

    def pause_reading(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume_reading(self) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.resume_reading()

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def close(self) -> None:
        """Called by panoramisk's `close`."""
        self.abort()


class _OneConnection(Manager):  # type: ignore[misc]  # panoramisk has no types
    """panoramisk's manager for a single connection."""

    def connection_made(self, task: "asyncio.Task[Any]") -> None:
        """An attempt that failed is over: its error is the caller's, no other is scheduled."""
        if not task.cancelled() and task.exception() is None:
            super().connection_made(task)

    def ping(self) -> None:
        """Pings are `Link.watch`'s, who reads the answers."""
