"""A real Mosquitto on loopback, a listener on it, and a wire that can be cut."""

import asyncio
import getpass
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Self

import aiomqtt
import msgspec

PROGRAM = "/usr/sbin/mosquitto"
DEADLINE_SECONDS = 10


class Mosquitto:
    """A broker in a folder, stopped by its PID; `port` stays the same over restarts."""

    def __init__(self, folder: Path, *settings: str) -> None:
        self.port = free_port()
        self._config = folder / f"mosquitto-{self.port}.conf"
        usual: tuple[str, ...] = ("persistence false", "set_tcp_nodelay true")
        # Started by root it would become somebody who may not read the test's folder.
        usual = (f"listener {self.port} 127.0.0.1", f"user {getpass.getuser()}", *usual)
        self._config.write_text("\n".join((*usual, *(settings or ("allow_anonymous true",)), "")))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it lets clients in."""
        command = [PROGRAM, "-c", str(self._config)]
        sink = subprocess.DEVNULL
        self._process = subprocess.Popen(command, stdout=sink, stderr=sink)
        deadline = time.monotonic() + DEADLINE_SECONDS
        while True:
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise TimeoutError("Mosquitto did not start")
            time.sleep(0.02)

    def freeze(self) -> None:
        """It takes bytes and does nothing with them."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on."""
        self._send(signal.SIGCONT)

    def kill(self) -> None:
        """As `kill -9`."""
        self._send(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """Stop it, if it runs."""
        if self._process is not None and self._process.poll() is None:
            self._send(signal.SIGTERM)
            self._send(signal.SIGCONT)
            self._wait()

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _wait(self) -> None:
        if self._process is not None:
            self._process.wait(DEADLINE_SECONDS)


def free_port() -> int:
    """A port of loopback that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Message(msgspec.Struct, frozen=True):
    """What a subscriber was told."""

    topic: str
    body: Any
    qos: int


class Listener:
    """Everything that a subscriber to all topics has been told."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        self._news = asyncio.Event()

    @classmethod
    @asynccontextmanager
    async def at(cls, port: int, **account: str) -> AsyncIterator[Self]:
        """Subscribed, for as long as the block runs."""
        listener = cls()
        async with aiomqtt.Client("127.0.0.1", port, timeout=5, **account) as client:  # type: ignore[arg-type]
            await client.subscribe("#", qos=1)
            task = asyncio.create_task(listener._listen(client))
            try:
                yield listener
            finally:
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)

    @property
    def keys(self) -> list[str]:
        return [message.body["key"] for message in self.told]

    async def until(self, *keys: str, within: float = DEADLINE_SECONDS) -> None:
        """Return when each of these has been told."""
        async with asyncio.timeout(within):
            while not set(keys) <= set(self.keys):
                self._news.clear()
                await self._news.wait()

    async def _listen(self, client: aiomqtt.Client) -> None:
        async for message in client.messages:
            body = msgspec.json.decode(message.payload)
            self.told.append(Message(str(message.topic), body, message.qos))
            self._news.set()


class Wire:
    """A TCP line to the broker that can be closed, or lose what the broker answers."""

    def __init__(self, to: int) -> None:
        self.port = 0
        self.state: Literal["whole", "cut", "answers lost"] = "whole"
        self._to = to
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    @classmethod
    @asynccontextmanager
    async def laid(cls, to: int) -> AsyncIterator[Self]:
        wire = cls(to)
        wire._server = await asyncio.start_server(wire._carry, "127.0.0.1", 0)
        wire.port = wire._server.sockets[0].getsockname()[1]
        try:
            yield wire
        finally:
            wire._server.close()
            wire.cut()
            await asyncio.sleep(0)
            if sys.version_info >= (3, 12):
                await wire._server.wait_closed()

    def cut(self) -> None:
        """Every connection breaks, and no new one is let through."""
        self.state = "cut"
        self.hang_up()

    def hang_up(self) -> None:
        """Every connection breaks."""
        for writer in tuple(self._writers):
            writer.transport.abort()

    async def _carry(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        self._writers.add(back)
        try:
            if self.state != "cut":
                await self._join(near, back)
        except OSError:
            pass
        finally:
            self._writers.discard(back)
            back.transport.abort()

    async def _join(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, forth = await asyncio.open_connection("127.0.0.1", self._to)
        self._writers.add(forth)
        answers = asyncio.create_task(self._pump(far, back, answers=True))
        try:
            await self._pump(near, forth, answers=False)
        finally:
            answers.cancel()
            await asyncio.gather(answers, return_exceptions=True)
            self._writers.discard(forth)
            forth.transport.abort()

    async def _pump(
        self, source: asyncio.StreamReader, to: asyncio.StreamWriter, *, answers: bool
    ) -> None:
        with suppress(ConnectionError):
            while data := await source.read(65_536):
                if not (answers and self.state == "answers lost"):
                    to.write(data)
                    await to.drain()
        to.transport.abort()
