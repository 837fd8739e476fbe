"""Every test that takes `store` or `url` runs on SQLite and on a real PostgreSQL."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from storage import migrate, open_store
from storage.store import Store
from tests.storage.servers import PostgresServer
from tests.storage.values import clock

_NUMBERS = itertools.count(1)
BOTH = ["sqlite", pytest.param("postgresql", marks=pytest.mark.services)]


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A PostgreSQL for the whole run."""
    server = PostgresServer()
    try:
        server.start()
        yield server
    finally:
        server.close()


@pytest.fixture(params=BOTH)
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database in which nothing is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'hotline.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"test{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    return server.url(name)


@pytest.fixture
async def url(empty_url: str) -> str:
    """A database with the schema and no rows."""
    await migrate.upgrade(empty_url)
    return empty_url


@pytest.fixture
async def store(url: str) -> AsyncIterator[Store]:
    """An open store."""
    async with open_store(url, clock=clock) as opened:
        yield opened


@pytest.fixture
async def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database with the schema and no rows."""
    url = f"sqlite:///{tmp_path / 'hotline.db'}"
    await migrate.upgrade(url)
    return url
