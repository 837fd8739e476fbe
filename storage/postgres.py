"""PostgreSQL through asyncpg, pooled by SQLAlchemy: many readers, one writer at a time.

The writer's transaction holds an advisory lock, so that on any number of nodes journal and numbers
grow in one order, as they do on SQLite; a batch shares the lock and the commit.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

import asyncpg
from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from regulation.refusal import Refusal
from routing.ports import StoreUnavailable
from storage.statements import Statement
from storage.tx import Command, Row
from storage.writer import Batched, Done

T = TypeVar("T")

LOCK: Final = 962_200
"""The advisory lock of whoever writes or migrates."""

READERS = 8
HOT_READERS = 2
"""Connections of their own for each sort, so that none waits for what another holds."""

LOCK_SECONDS = 5
STATEMENT_SECONDS = 30

_GONE = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.PostgresSystemError,
    asyncpg.InternalServerError,
    asyncpg.LockNotAvailableError,
    asyncpg.ReadOnlySQLTransactionError,
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.InvalidCatalogNameError,
    asyncpg.DeadlockDetectedError,
    asyncpg.IdleInTransactionSessionTimeoutError,
)
"""Errors that concern everybody; what else the server refuses belongs to one command."""


def refused(error: BaseException) -> StoreUnavailable:
    """The error in the operator's words."""
    reason = str(error) or type(error).__name__
    if isinstance(error, asyncpg.LockNotAvailableError):
        return StoreUnavailable(f"PostgreSQL: another program holds the tables locked ({reason})")
    if isinstance(error, asyncpg.DiskFullError):
        return StoreUnavailable(f"PostgreSQL: its disk is full, free some space ({reason})")
    if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        return StoreUnavailable(f"PostgreSQL: read-only, name the primary server ({reason})")
    return StoreUnavailable(f"PostgreSQL: check that it runs and lets this user in ({reason})")


class PostgresTx:
    """A `Tx` on asyncpg, whose prepared statements it uses."""

    __slots__ = ("_connection", "head", "told")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.head: tuple[int, str] | None = None
        self.told = False

    async def rows(self, statement: Statement, **values: Any) -> Sequence[Row]:
        """As `Tx.rows`."""
        text = statement.postgres
        arguments = map(_storable, text.arguments(values))
        return await self._connection.fetch(text.sql, *arguments)  # type: ignore[no-any-return]

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        """As `Tx.row`."""
        rows = await self.rows(statement, **values)
        return rows[0] if rows else None

    async def run(self, statement: Statement, **values: Any) -> None:
        """As `Tx.run`."""
        await self.rows(statement, **values)

    async def many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """As `Tx.many`."""
        text = statement.postgres
        await self._connection.executemany(text.sql, [text.arguments(each) for each in values])


def _storable(argument: object) -> object:
    """PostgreSQL's text holds no NUL; whatever was hostile enough to send one goes without."""
    return argument.replace("\0", "") if isinstance(argument, str) else argument


class PostgresDatabase:
    """One PostgreSQL database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._hot = asyncio.Semaphore(HOT_READERS)
        self._others = asyncio.Semaphore(READERS)

    @classmethod
    async def open(cls, url: URL) -> "PostgresDatabase":
        """Connect once to see that it can be done; raises StoreUnavailable."""
        database = cls(
            create_async_engine(
                url,
                pool_size=1 + HOT_READERS + READERS,
                max_overflow=0,
                pool_timeout=STATEMENT_SECONDS,
                connect_args={
                    "timeout": LOCK_SECONDS,
                    "command_timeout": STATEMENT_SECONDS,
                    "statement_cache_size": 512,
                    "server_settings": {
                        "application_name": "hotline",
                        "lock_timeout": f"{LOCK_SECONDS}s",
                        "idle_in_transaction_session_timeout": "60s",
                        "synchronous_commit": "on",
                    },
                },
            )
        )
        try:
            async with database._connection():
                return database
        except StoreUnavailable:
            await database.close()
            raise

    async def batch(self, commands: Sequence[Command[Any]]) -> Batched:
        """As `Database.batch`."""
        async with self._connection() as connection:
            await connection.execute(f"BEGIN; SELECT pg_advisory_xact_lock({LOCK})")
            tx = PostgresTx(connection)
            dones = [await self._run_in_savepoint(connection, command, tx) for command in commands]
            await connection.execute("COMMIT")
            return Batched(dones, told=tx.told)

    async def _run_in_savepoint(
        self, connection: Any, command: Command[Any], tx: PostgresTx
    ) -> Done:
        await connection.execute("SAVEPOINT command")
        try:
            done = Done(await command(tx))
        except _GONE:
            raise
        except Exception as error:  # noqa: BLE001 - it belongs to whoever gave the command
            await connection.execute("ROLLBACK TO command")
            tx.head = None
            done = Done(error=error)
        await connection.execute("RELEASE command")
        return done

    async def read(self, query: Command[T], *, hot: bool = False) -> T:
        """As `Database.read`."""
        async with self._hot if hot else self._others, self._connection() as connection:
            return await query(PostgresTx(connection))

    async def snapshot(self, query: Command[T]) -> T:
        """Run a query, however long, on one state of the whole database."""
        async with self._connection() as connection:
            await connection.execute(
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
                "SET LOCAL idle_in_transaction_session_timeout = 0"
            )
            found = await query(PostgresTx(connection))
            await connection.execute("COMMIT")
            return found

    async def close(self) -> None:
        """Close every connection."""
        await self._engine.dispose()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Any]:
        """Asyncpg's own connection; after any error but a refusal it is thrown away."""
        try:
            pooled = await self._live()
        except (*_GONE, SQLAlchemyError) as error:
            raise refused(error) from error
        try:
            yield (await pooled.get_raw_connection()).driver_connection
        except Refusal:
            raise
        except BaseException as error:
            await asyncio.shield(pooled.invalidate())
            if isinstance(error, _GONE):
                raise refused(error) from error
            raise
        finally:
            await pooled.close()

    async def _live(self) -> AsyncConnection:
        """A connection that the server has not closed; those it has are dropped."""
        while True:
            pooled = await self._engine.connect()
            raw: Any = (await pooled.get_raw_connection()).driver_connection
            if not raw.is_closed():
                return pooled
            await pooled.invalidate()
            await pooled.close()
