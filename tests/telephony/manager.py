"""A plain AMI client for tests: it keeps every event in the order of arrival."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from telephony.simulator import Simulator

Headers = list[tuple[str, str]]


@asynccontextmanager
async def running(simulator: Simulator) -> AsyncIterator[int]:
    """The simulator's port while it runs."""
    port = await simulator.start()
    try:
        yield port
    finally:
        await simulator.stop()


@dataclass
class Manager:
    """One session; `events` are all events so far, a header list each."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    events: list[Headers] = field(default_factory=list)
    answers: dict[str, asyncio.Future[Headers]] = field(default_factory=dict)
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _asked: int = 0

    @classmethod
    @asynccontextmanager
    async def at(cls, port: int, username: str, secret: str) -> AsyncIterator[Self]:
        """A session that has logged in."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        manager = cls(reader, writer)
        listening = asyncio.create_task(manager._listen())
        try:
            await manager.ask("Login", Username=username, Secret=secret)
            yield manager
        finally:
            writer.close()
            await listening

    async def ask(self, action: str, **fields: str) -> dict[str, str]:
        """Send an action and wait for its response."""
        return dict(await self.ask_raw([("Action", action), *fields.items()]))

    async def ask_raw(self, headers: Headers) -> Headers:
        """Send an action with its headers as they are."""
        self._asked += 1
        action_id = f"t-{self._asked}"
        answer: asyncio.Future[Headers] = asyncio.get_running_loop().create_future()
        self.answers[action_id] = answer
        lines = "".join(f"{k}: {v}\r\n" for k, v in [*headers, ("ActionID", action_id)])
        self.writer.write(f"{lines}\r\n".encode())
        async with asyncio.timeout(5):
            return await answer

    async def event(self, name: str, *, within: float = 20.0, **fields: str) -> dict[str, str]:
        """The first event, past or to come, with this name and these values."""
        wanted = {"Event": name, **fields}.items()
        seen = 0
        async with asyncio.timeout(within):
            while True:
                for headers in self.events[seen:]:
                    if wanted <= dict(headers).items():
                        return dict(headers)
                seen = len(self.events)
                self._arrived.clear()
                await self._arrived.wait()

    async def calls_over(self, *, within: float = 20.0) -> None:
        """Every channel that was opened is gone."""
        async with asyncio.timeout(within):
            while not self._is_calm():
                self._arrived.clear()
                await self._arrived.wait()

    def _is_calm(self) -> bool:
        fields = [dict(event) for event in self.events]
        opened = {f["Channel"] for f in fields if f["Event"] == "Newchannel"}
        return bool(opened) and opened == {f["Channel"] for f in fields if f["Event"] == "Hangup"}

    async def _listen(self) -> None:
        while frame := await self._frame():
            kind, action_id = frame[0][0], dict(frame).get("ActionID", "")
            if kind == "Response":
                self.answers.pop(action_id).set_result(frame)
            else:
                self.events.append(frame)
                self._arrived.set()

    async def _frame(self) -> Headers:
        try:
            text = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        except (asyncio.IncompleteReadError, ConnectionError):
            return []
        pairs = (line.partition(":") for line in text.strip("\r\n").split("\r\n"))
        return [(key, value.removeprefix(" ")) for key, _, value in pairs]
