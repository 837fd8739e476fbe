"""SQLite through aiosqlite: one writing connection, a few that only read."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

from storage.failures import CannotOpen
from storage.sqlite_errors import concerns_all, unavailable
from storage.sqlite_thread import READING, WRITING, Thread, prove
from storage.statements import Statement
from storage.tx import Command, Row
from storage.writer import Batched, Done

T = TypeVar("T")

FOLD_EVERY = 2_500
"""Pages, roughly, after which the log is folded into the file.

The writer does so itself at 16,384 pages, the log's greatest length, and then finds little to do.
"""

BATCH_PAGES = 10
"""What a batch writes besides a page for each command."""

READERS = 3
"""Reading connections; the first serves only the hot path."""


class SqliteTx:
    """A `Tx` whose every await is over at once."""

    __slots__ = ("_connection", "head", "told")

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.head: tuple[int, str] | None = None
        self.told = False

    async def rows(self, statement: Statement, **values: Any) -> Sequence[Row]:
        """As `Tx.rows`."""
        text = statement.sqlite
        return self._connection.execute(text.sql, text.arguments(values)).fetchall()

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        """As `Tx.row`."""
        text = statement.sqlite
        rows = self._connection.execute(text.sql, text.arguments(values)).fetchall()
        return rows[0] if rows else None

    async def run(self, statement: Statement, **values: Any) -> None:
        """As `Tx.run`."""
        text = statement.sqlite
        self._connection.execute(text.sql, text.arguments(values))

    async def many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """As `Tx.many`."""
        text = statement.sqlite
        self._connection.executemany(text.sql, [text.arguments(each) for each in values])


def run_now(command: Command[T], tx: SqliteTx) -> T:
    """Run a command to its end without a loop; RuntimeError if it awaits anything but its Tx."""
    coroutine = cast("Coroutine[Any, Any, T]", command(tx))
    try:
        coroutine.send(None)
    except StopIteration as end:
        return cast("T", end.value)
    coroutine.close()
    raise RuntimeError("a command may await nothing but its transaction")


def run_batch(connection: sqlite3.Connection, commands: Sequence[Command[Any]]) -> Batched:
    """One transaction, a savepoint a command; raises sqlite3.Error when nothing is kept."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        tx = SqliteTx(connection)
        dones = [_run_in_savepoint(connection, command, tx) for command in commands]
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return Batched(dones, told=tx.told)


def _run_in_savepoint(connection: sqlite3.Connection, command: Command[Any], tx: SqliteTx) -> Done:
    connection.execute("SAVEPOINT command")
    try:
        done = Done(run_now(command, tx))
    except Exception as error:
        if concerns_all(error):
            raise
        connection.execute("ROLLBACK TO command")
        tx.head = None
        done = Done(error=error)
    connection.execute("RELEASE command")
    return done


class SqliteDatabase:
    """One file, one writer, several readers."""

    def __init__(self, path: Path, threads: Sequence[Thread]) -> None:
        self._path = path
        self._writer, self._folder, self._hot, *others = threads
        self._unfolded = 0
        self._folding: asyncio.Task[None] | None = None
        self._idle: asyncio.LifoQueue[Thread] = asyncio.LifoQueue()
        self._others = others
        for reader in others:
            self._idle.put_nowait(reader)

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        """Open the file, which must exist; raises CannotOpen."""
        opened: list[Thread] = []
        try:
            await asyncio.to_thread(prove, path)
            for pragmas in (WRITING, WRITING, *[READING] * READERS):
                opened.append(await Thread.open(path, pragmas))  # noqa: PERF401 - closed if one fails
        except sqlite3.Error as error:
            for thread in opened:
                await thread.close()
            raise CannotOpen(str(unavailable(error, path))) from error
        return cls(path, opened)

    async def batch(self, commands: Sequence[Command[Any]]) -> Batched:
        """As `Database.batch`."""
        try:
            batched = await self._writer.run(lambda connection: run_batch(connection, commands))
        except sqlite3.Error as error:
            raise unavailable(error, self._path) from error
        self._unfolded += BATCH_PAGES + len(commands)
        if self._unfolded >= FOLD_EVERY and self._folding is None:
            self._folding = asyncio.create_task(self._fold())
        return batched

    async def _fold(self) -> None:
        """Fold the log into the file beside the writer, whose commits would wait for it."""
        self._unfolded = 0
        try:
            # What is wrong with the disk is told by the writer, to those who wait for it.
            with contextlib.suppress(sqlite3.Error):
                await self._folder.run(_checkpoint)
        finally:
            self._folding = None

    async def read(self, query: Command[T], *, hot: bool = False) -> T:
        """As `Database.read`."""
        if hot:
            return await self._read_on(self._hot, query)
        reader = await self._idle.get()
        try:
            return await self._read_on(reader, query)
        finally:
            self._idle.put_nowait(reader)

    async def _read_on(self, reader: Thread, query: Command[T]) -> T:
        try:
            return await reader.run(lambda connection: run_now(query, SqliteTx(connection)))
        except sqlite3.Error as error:
            if concerns_all(error):
                raise unavailable(error, self._path) from error
            raise

    async def close(self) -> None:
        """Close the readers, then the writer, which folds the log into the file."""
        if self._folding is not None:
            await self._folding
        for thread in (self._hot, *self._others, self._folder, self._writer):
            await thread.close()


def _checkpoint(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()
