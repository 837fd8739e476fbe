"""Brings a database to this program's schema, whole or not at all.

All steps run in one transaction under the write lock, so a migration that is killed leaves the
schema as it was, and of two programs migrating at once the second finds nothing to do.
"""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from routing.ports import StoreUnavailable
from storage import address, sqlite_errors
from storage.failures import CannotOpen
from storage.postgres import LOCK, refused

_SCRIPTS = Path(__file__).parent / "migrations"


async def upgrade(url: str) -> None:
    """Create or migrate the schema; a SQLite file is created if it is missing.

    Raises CannotOpen when the database is newer than this program or cannot be used.
    """
    parsed = address.parse(url)
    async with _transaction(parsed) as connection:
        _refuse_newer(await connection.run_sync(_revision))
        await connection.run_sync(_run)


async def require_current(url: str) -> None:
    """Raise CannotOpen unless the database has exactly this program's schema."""
    parsed = address.parse(url)
    path = address.sqlite_path(parsed)
    if path is not None and not path.is_file():
        raise CannotOpen(f"{path} does not exist: run `hotline migrate`, or correct the setting")
    found = await revision(url)
    _refuse_newer(found)
    if found != head():
        state = f"has schema {found}" if found else "is empty"
        raise CannotOpen(
            f"the database {state}, this program needs {head()}: run `hotline migrate`"
        )


async def revision(url: str) -> str | None:
    """The schema's revision in the database, None when it is empty."""
    async with _connection(address.parse(url)) as connection:
        return await connection.run_sync(_revision)


def head() -> str:
    """The revision that this program needs."""
    found = _scripts().get_current_head()
    if found is None:
        raise CannotOpen(f"{_SCRIPTS} holds no migrations: install the program again")
    return found


def _refuse_newer(found: str | None) -> None:
    known = {script.revision for script in _scripts().walk_revisions()}
    if found is not None and found not in known:
        raise CannotOpen(
            f"the database has schema {found}, newer than this program ({head()}): "
            "start the newer program, or restore a backup made by this one"
        )


@asynccontextmanager
async def _transaction(url: URL) -> AsyncIterator[AsyncConnection]:
    async with _connection(url) as connection:
        if url.get_backend_name() == "sqlite":
            await connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
        yield connection
        await connection.commit()


@asynccontextmanager
async def _connection(url: URL) -> AsyncIterator[AsyncConnection]:
    path = address.sqlite_path(url)
    # The driver must not begin transactions by itself: Python's sqlite3 commits before DDL.
    arguments: dict[str, object] = {"isolation_level": None} if path else {}
    engine = create_async_engine(url, poolclass=NullPool, connect_args=arguments)
    try:
        async with engine.connect() as connection:
            yield connection
    except (DBAPIError, OSError) as error:
        raise _cannot_open(error, path) from error
    finally:
        await engine.dispose()


def _cannot_open(error: Exception, path: Path | None) -> StoreUnavailable:
    cause = error.orig if isinstance(error, DBAPIError) else error
    if path is not None and isinstance(cause, sqlite3.Error):
        return CannotOpen(str(sqlite_errors.unavailable(cause, path)))
    return CannotOpen(str(refused(cause or error)))


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _run(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    # Alembic reads its options with ConfigParser, to which a percent sign is special.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    return config
