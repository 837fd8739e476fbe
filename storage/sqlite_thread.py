"""One SQLite connection on aiosqlite's thread, given whole functions to run.

aiosqlite's cost is one change of thread a call (about 60 µs), so a batch or a query runs there as
one function. aiosqlite has no public call for that, but it runs `sqlite3.Connection.commit` on its
thread, and sqlite3 takes a connection class of one's own: `_Turns.commit` runs the next function.
"""

import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import aiosqlite

T = TypeVar("T")

CHECKED_BYTES = 256 * 1024 * 1024
"""Up to this size (about a second) every page is looked at when the file is opened."""

BUSY_MS = 5_000
"""How long to wait for another program that writes."""

_BOTH = (
    f"PRAGMA busy_timeout = {BUSY_MS}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
)
WRITING = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA wal_autocheckpoint = 16384",
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -65536",
)
READING = ("PRAGMA query_only = ON", "PRAGMA cache_size = -32768")


class _Turns(sqlite3.Connection):
    """A connection whose `commit` runs the next function in `turns` on aiosqlite's thread."""

    turns: deque[Callable[[sqlite3.Connection], None]]

    def commit(self) -> None:
        self.turns.popleft()(self)


def connected(path: Path, pragmas: Sequence[str]) -> _Turns:
    """An open connection without transactions of its own; raises sqlite3.Error."""
    connection: _Turns = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        factory=_Turns,
        isolation_level=None,
        cached_statements=512,
    )
    try:
        for pragma in (*_BOTH, *pragmas):
            connection.execute(pragma)
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def prove(path: Path) -> None:
    """Open the file once for all that may be wrong with it; raises sqlite3.Error."""
    connection = connected(path, WRITING)
    try:
        _prove_writable(connection)
        if path.stat().st_size <= CHECKED_BYTES:
            _prove_sound(connection)
    finally:
        connection.close()


class Thread:
    """One connection and the thread that owns it."""

    def __init__(
        self, connection: aiosqlite.Connection, turns: deque[Callable[[sqlite3.Connection], None]]
    ) -> None:
        self._connection = connection
        self._turns = turns

    @classmethod
    async def open(cls, path: Path, pragmas: Sequence[str]) -> "Thread":
        """Open a file that `prove` has opened before; raises sqlite3.Error."""
        turns: deque[Callable[[sqlite3.Connection], None]] = deque()

        def connect() -> sqlite3.Connection:
            connection = connected(path, pragmas)
            connection.turns = turns
            return connection

        return cls(await aiosqlite.Connection(connect, iter_chunk_size=64), turns)

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run the function on the thread; raises what it raises."""
        results: list[T] = []
        self._turns.append(lambda connection: results.append(work(connection)))
        await self._connection.commit()
        return results[0]

    async def close(self) -> None:
        """Close the connection and end the thread."""
        await self._connection.close()


def _prove_writable(connection: sqlite3.Connection) -> None:
    """Take and give back the write lock; a file or folder without write rights raises here."""
    if connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        raise _error(sqlite3.SQLITE_CANTOPEN, "no write-ahead log: is this a network share?")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("ROLLBACK")


def _prove_sound(connection: sqlite3.Connection) -> None:
    """Look at every page; damage is told now, not on the day the page is needed."""
    found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise _error(sqlite3.SQLITE_CORRUPT, found)


def _error(code: int, text: str) -> sqlite3.Error:
    error = sqlite3.DatabaseError(text)
    error.sqlite_errorcode = code
    return error
