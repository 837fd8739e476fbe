"""A plain AMI connection for tests: it sends what a flow asks for and keeps every byte it hears."""

import asyncio
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

END = b"\r\n\r\n"
Event = dict[str, str]


@dataclass
class Manager:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    heard: list[bytes] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    answers: dict[str, asyncio.Future[Event]] = field(default_factory=dict)
    news: asyncio.Condition = field(default_factory=asyncio.Condition)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    @classmethod
    async def login(cls, port: int, user: str, secret: str) -> "Manager":
        manager = cls(*await asyncio.open_connection("127.0.0.1", port))
        manager.heard.append(await manager.reader.readline())
        manager.task = asyncio.ensure_future(manager._read())
        answer = await manager.do("Login", Username=user, Secret=secret)
        assert answer["Response"] == "Success"
        return manager

    task: asyncio.Task[None] | None = None

    async def _read(self) -> None:
        while True:
            try:
                frame = await self.reader.readuntil(END)
            except (asyncio.IncompleteReadError, ConnectionError):
                return
            self.heard.append(frame)
            lines = frame.decode("utf-8", "replace").split("\r\n")
            pairs = (line.partition(": ") for line in lines if line)
            message: Event = {}
            for name, _, value in pairs:
                message.setdefault(name, value)
            answer = self.answers.pop(message.get("ActionID", ""), None)
            if answer is not None and "Response" in message:
                answer.set_result(message)
            elif "Event" in message:
                async with self.news:
                    self.events.append(message)
                    self.news.notify_all()

    async def do(self, action: str, *, variables: Sequence[str] = (), **fields: str) -> Event:
        name = f"t{next(self.numbers)}"
        lines = [f"Action: {action}", f"ActionID: {name}"]
        lines += [f"{key}: {value}" for key, value in fields.items()]
        lines += [f"Variable: {variable}" for variable in variables]
        self.answers[name] = asyncio.get_running_loop().create_future()
        self.writer.write("\r\n".join([*lines, "", ""]).encode())
        return await asyncio.wait_for(self.answers[name], 10)

    def find(self, event: str, **fields: str) -> list[Event]:
        return [
            one for one in self.events
            if one["Event"] == event and fields.items() <= one.items()
        ]  # fmt: skip

    async def see(self, event: str, *, within: float = 15.0, **fields: str) -> Event:
        """The first such event, past or coming."""
        return await self.until(lambda: self.find(event, **fields), within, f"{event} {fields}")

    async def until(self, found: Callable[[], list[Event]], within: float, what: str) -> Event:
        async with asyncio.timeout(within), self.news:
            await self.news.wait_for(lambda: bool(found()))
        assert found(), what
        return found()[0]

    async def close(self) -> None:
        if self.task:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        self.writer.close()
        await asyncio.gather(self.writer.wait_closed(), return_exceptions=True)
