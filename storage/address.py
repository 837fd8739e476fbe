"""A database's URL, and the database behind it."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.failures import CannotOpen
from storage.postgres import PostgresDatabase
from storage.sqlite import SqliteDatabase
from storage.writer import Database

_DRIVERS = {"sqlite": "sqlite+aiosqlite", "postgresql": "postgresql+asyncpg"}


def parse(url: str) -> URL:
    """The URL with its asynchronous driver; raises CannotOpen for anything else than our two."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise CannotOpen("the database's URL must be sqlite:///path or postgresql://…") from None
    driver = _DRIVERS.get(parsed.get_backend_name())
    if driver is None or (
        driver.startswith("sqlite") and parsed.database in (None, "", ":memory:")
    ):
        raise CannotOpen("the database's URL must be sqlite:///path or postgresql://…")
    return parsed.set(drivername=driver)


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite URL, None for PostgreSQL."""
    return Path(url.database or "") if url.get_backend_name() == "sqlite" else None


async def connect(url: str) -> Database:
    """Open the database; raises StoreUnavailable."""
    parsed = parse(url)
    path = sqlite_path(parsed)
    if path is not None:
        return await SqliteDatabase.open(path)
    return await PostgresDatabase.open(parsed)
