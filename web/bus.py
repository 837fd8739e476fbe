"""The outbox carried to an MQTT broker; the only file that knows MQTT.

A row is taken from the outbox, published at QoS 1 and forgotten once the broker has confirmed it.
So a broker that is gone loses nothing and slows nothing: the rows wait in the database. A row may
be told twice (its confirmation got lost), never out of order within its stream: it carries its key.
"""

import asyncio
import logging
import re
import socket
import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import aiomqtt
import msgspec

from routing.ports import Clock, Outbox, OutboxRow, StoreUnavailable

log = logging.getLogger(__name__)

BATCH = 100
"""Rows in flight at once: the memory that the bus takes, however long the broker is gone."""

LONGEST_PAUSE_SECONDS = 30.0
_FIRST_PAUSE_SECONDS = 0.5
_LOOK_SECONDS = 5.0  # a look at the outbox without a wake-up, for rows of another node
_ANSWER_SECONDS = 5.0
_STORE_PAUSE_SECONDS = 1.0
_UNFIT = re.compile(r"[+#\x00]")  # an MQTT topic that is published has no wildcards


class Broker(msgspec.Struct, frozen=True):
    """Where the broker is and who we are there.

    `ca_file` is the authority to trust instead of the system's, `prefix` the first part of every
    topic. Two servers must not share a `client_id`: the broker throws the older one out.
    """

    host: str
    port: int = 1883
    username: str | None = None
    password: str | None = None
    tls: bool = False
    ca_file: Path | None = None
    client_id: str = "hotline"
    prefix: str = "hotline"


class Bus:
    """Feeds the outbox to the broker, for as long as `run` runs.

    Args:
        outbox: what is to be told.
        broker: to whom.
        clock: the present instant.
        longest_pause: seconds between attempts to reach the broker, at most.
    """

    def __init__(
        self,
        outbox: Outbox,
        broker: Broker,
        *,
        clock: Clock,
        longest_pause: float = LONGEST_PAUSE_SECONDS,
    ) -> None:
        self._outbox = outbox
        self._broker = broker
        self._clock = clock
        self._longest_pause = longest_pause
        self._rows_wait = asyncio.Event()
        self._trouble = "not connected yet"

    @property
    def trouble(self) -> str:
        """Why the broker is not told at present; empty while it is."""
        return self._trouble

    async def run(self) -> None:
        """Connect, tell, and connect again, until cancelled."""
        self._outbox.subscribe(self._rows_wait.set)
        pause = _FIRST_PAUSE_SECONDS
        while True:
            try:
                async with _client(self._broker) as client:
                    self._connected()
                    pause = _FIRST_PAUSE_SECONDS
                    await self._tell(client)
            except (aiomqtt.MqttError, OSError) as why:
                self._lost(why)
            await asyncio.sleep(pause)
            pause = min(2 * pause, self._longest_pause)

    async def _tell(self, client: aiomqtt.Client) -> None:
        """Row after row, until the broker is gone (raises MqttError)."""
        gone = asyncio.create_task(_disconnected(client))
        try:
            while not gone.done():
                self._rows_wait.clear()
                if rows := await self._pending():
                    await self._publish(client, rows, gone)
                else:
                    await self._wait(gone)
            await gone
        finally:
            gone.cancel()
            await asyncio.gather(gone, return_exceptions=True)

    async def _publish(
        self, client: aiomqtt.Client, rows: Sequence[OutboxRow], gone: asyncio.Task[None]
    ) -> None:
        """Publish rows side by side, in their order on the wire, and forget the confirmed ones."""
        prefix = self._broker.prefix
        sent = [
            asyncio.ensure_future(client.publish(topic_of(row, prefix), row.body, qos=1))
            for row in rows
        ]
        answers = asyncio.gather(*sent, return_exceptions=True)
        either: set[asyncio.Future[Any]] = {answers, gone}
        try:
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in sent:
                each.cancel()  # of a broker that is gone no answer comes
        results = await answers
        await self._forget(confirmed(rows, results))
        for result in results:
            if isinstance(result, Exception):
                raise result

    async def _wait(self, gone: asyncio.Task[None]) -> None:
        """Until rows wait, the broker is gone, or some seconds have passed."""
        woken = asyncio.ensure_future(self._rows_wait.wait())
        await asyncio.wait(
            {woken, gone}, timeout=_LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        woken.cancel()

    async def _pending(self) -> Sequence[OutboxRow]:
        while True:
            try:
                return await self._outbox.pending(after=0, limit=BATCH)
            except StoreUnavailable as why:
                await self._store_is_away(why)

    async def _forget(self, ids: Sequence[int]) -> None:
        """Rows confirmed but not forgotten would be told again: try until the database takes it."""
        while ids:
            try:
                await self._outbox.told(ids, at=self._clock())
            except StoreUnavailable as why:
                await self._store_is_away(why)
            else:
                return

    async def _store_is_away(self, why: StoreUnavailable) -> None:
        log.warning("outbox not reached: %s", why)
        await asyncio.sleep(_STORE_PAUSE_SECONDS)

    def _connected(self) -> None:
        self._trouble = ""
        log.info("broker %s:%d takes our events", self._broker.host, self._broker.port)

    def _lost(self, why: Exception) -> None:
        told_before = self._trouble == str(why)
        self._trouble = str(why) or type(why).__name__
        if not told_before:
            where = f"{self._broker.host}:{self._broker.port}"
            log.warning("broker %s is away, events wait: %s", where, self._trouble)


async def trouble_of(broker: Broker) -> str:
    """Why the broker cannot be reached with these settings; empty where it can.

    Under a client id of its own, so that a server at work is not thrown out.
    """
    visitor = msgspec.structs.replace(broker, client_id=f"{broker.client_id}-doctor")
    try:
        async with _client(visitor):
            return ""
    except (aiomqtt.MqttError, OSError) as why:
        return str(why) or type(why).__name__


def _client(broker: Broker) -> aiomqtt.Client:
    """A fresh client: an old one would send again by itself what it thinks unconfirmed."""
    context = ssl.create_default_context(cafile=broker.ca_file) if broker.tls else None
    return aiomqtt.Client(
        broker.host,
        broker.port,
        username=broker.username,
        password=broker.password,
        identifier=broker.client_id,
        tls_context=context,
        timeout=_ANSWER_SECONDS,
        keepalive=30,
        # Without it each confirmed message waits for the peer's delayed acknowledgement.
        socket_options=[(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)],
    )


async def _disconnected(client: aiomqtt.Client) -> None:
    """Wait until the connection is lost (raises MqttError); publishing alone would not notice.

    We subscribe to nothing, so no message ever comes.
    """
    async for _ in client.messages:
        pass


def topic_of(row: OutboxRow, prefix: str) -> str:
    """The row's topic under the configured prefix, without what a topic must not have."""
    _, _, rest = row.topic.partition("/")
    return f"{prefix}/{_UNFIT.sub('_', rest)}"


def confirmed(rows: Sequence[OutboxRow], results: Iterable[object]) -> list[int]:
    """The rows that may be forgotten: of every stream those before its first failure."""
    failed: set[str] = set()
    done = []
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, BaseException):
            failed.add(row.stream)
        elif row.stream not in failed:
            done.append(row.id)
    return done
