"""The one writer: commands that wait form one batch, one transaction, one durable commit.

Whatever arrives while a batch is being written forms the next one, so a disk that takes 5 ms to
sync costs everybody 5 ms, not everybody in turn.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from routing.ports import StoreUnavailable
from storage.tx import Command

T = TypeVar("T")

BATCH_LIMIT = 256
"""Commands in one transaction at most, so that nobody waits for a thousand others."""


class Done:
    """What became of one command of a committed batch: its value, or the error of its savepoint."""

    __slots__ = ("error", "value")

    def __init__(self, value: object = None, error: Exception | None = None) -> None:
        self.value = value
        self.error = error


class Batched:
    """A committed batch: one `Done` a command, and whether outbox rows were written."""

    __slots__ = ("dones", "told")

    def __init__(self, dones: Sequence[Done], *, told: bool) -> None:
        self.dones = dones
        self.told = told


class Database(Protocol):
    """SQLite or PostgreSQL."""

    async def batch(self, commands: Sequence[Command[Any]]) -> Batched:
        """Run all in one transaction and commit; StoreUnavailable means that none of it is kept."""
        ...

    async def read(self, query: Command[T], *, hot: bool = False) -> T:
        """Run a query on committed data; a `hot` one never waits behind a long list."""
        ...

    async def close(self) -> None:
        """Give back every connection."""
        ...


class Writer:
    """Queues commands for the database and answers each after its commit."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[tuple[Command[Any], asyncio.Future[Any]]] = deque()
        self._draining: asyncio.Task[None] | None = None
        self._wakes: list[Callable[[], None]] = []
        self._closed = False

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` after every commit that wrote outbox rows."""
        self._wakes.append(wake)

    async def read(self, query: Command[T], *, hot: bool = False) -> T:
        """Run a query on committed data, now."""
        if self._closed:
            raise StoreUnavailable("the database has been closed")
        return await self._database.read(query, hot=hot)

    async def write(self, command: Command[T]) -> T:
        """Run the command in the next batch; its value or its error comes after the commit."""
        if self._closed:
            raise StoreUnavailable("the database has been closed")
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((command, future))
        if self._draining is None:
            self._draining = asyncio.create_task(self._drain())
        return await future

    async def close(self) -> None:
        """Write what waits, then close the database."""
        self._closed = True
        if self._draining is not None:
            await self._draining
        await self._database.close()

    async def _drain(self) -> None:
        try:
            while self._waiting:
                await self._write_next()
        finally:
            self._draining = None

    async def _write_next(self) -> None:
        taken = [self._waiting.popleft() for _ in range(min(BATCH_LIMIT, len(self._waiting)))]
        batch = [(command, future) for command, future in taken if not future.cancelled()]
        if not batch:
            return
        try:
            batched = await self._database.batch([command for command, _ in batch])
        except BaseException as error:
            self._refuse([future for _, future in batch], error)
            if not isinstance(error, Exception):
                raise
        else:
            self._answer([future for _, future in batch], batched)

    def _refuse(self, futures: Sequence[asyncio.Future[Any]], error: BaseException) -> None:
        for future in futures:
            if future.done():
                continue
            if isinstance(error, StoreUnavailable):
                future.set_exception(StoreUnavailable(str(error)))
            elif isinstance(error, Exception):
                future.set_exception(error)
            else:
                future.set_exception(StoreUnavailable("the database is being closed"))

    def _answer(self, futures: Sequence[asyncio.Future[Any]], batched: Batched) -> None:
        for future, done in zip(futures, batched.dones, strict=True):
            if future.done():
                continue
            if done.error is None:
                future.set_result(done.value)
            else:
                future.set_exception(done.error)
        if batched.told:
            for wake in self._wakes:
                wake()
