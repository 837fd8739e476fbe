"""A database is migrated whole or not at all; a start on a wrong one is refused."""

import asyncio
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import create_async_engine

from storage import CannotOpen, address, audit, migrate, open_store
from storage.schema import metadata
from tests.storage.servers import PostgresServer
from tests.storage.values import LI, NOW, clock, matter

OPEN = (
    "import asyncio, sys\n"
    "from storage import open_store\n"
    "from tests.storage.values import clock\n"
    "async def main():\n"
    "    async with open_store(sys.argv[1], clock=clock) as store:\n"
    "        await store.ping()\n"
    "asyncio.run(main())\n"
)


async def start(url: str) -> None:
    """What `hotline serve` does first."""
    async with open_store(url, clock=clock) as store:
        await store.ping()


async def refusal(url: str) -> str:
    """The text with which a start is refused."""
    with pytest.raises(CannotOpen) as refused:
        await start(url)
    return str(refused.value)


async def test_migrations_make_exactly_the_tables_of_the_schema(url: str) -> None:
    """Columns, keys and indexes; what Alembic would still change is nothing."""
    engine = create_async_engine(address.parse(url))

    def differences(connection: Connection) -> list[object]:
        return list(compare_metadata(MigrationContext.configure(connection), metadata))

    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()


async def test_migrating_again_changes_nothing(url: str) -> None:
    """Also when two programs do so at once."""
    async with open_store(url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW)
    await asyncio.gather(migrate.upgrade(url), migrate.upgrade(url))
    assert await migrate.revision(url) == migrate.head()
    assert (await audit.check(url)).tables["tickets"] == 1


async def test_two_programs_may_create_the_database_at_once(empty_url: str) -> None:
    """The second waits, then finds nothing to do."""
    await asyncio.gather(*(migrate.upgrade(empty_url) for _ in range(3)))
    await start(empty_url)


async def test_an_empty_database_is_refused(empty_url: str) -> None:
    """With the command that makes the tables."""
    if empty_url.startswith("sqlite"):
        assert "does not exist: run `hotline migrate`" in await refusal(empty_url)
        await asyncio.to_thread(Path(empty_url.removeprefix("sqlite:///")).touch)
    assert "is empty, this program needs 0001: run `hotline migrate`" in await refusal(empty_url)


async def test_an_old_program_does_not_start_on_a_newer_schema(url: str) -> None:
    """Nor does it migrate it."""
    await set_revision(url, "9999")
    expected = "has schema 9999, newer than this program (0001): start the newer program"
    assert expected in await refusal(url)
    with pytest.raises(CannotOpen, match="newer"):
        await migrate.upgrade(url)


async def test_a_running_program_tells_that_the_database_was_migrated_under_it(url: str) -> None:
    """Its health turns bad, so that somebody starts the newer one."""
    async with open_store(url, clock=clock) as store:
        await store.ping()
        await set_revision(url, "9999")
        with pytest.raises(CannotOpen, match="no longer at 0001"):
            await store.ping()


async def set_revision(url: str, revision: str) -> None:
    """A newer program has been here."""
    engine = create_async_engine(address.parse(url))
    async with engine.begin() as connection:
        statement = text("UPDATE alembic_version SET version_num = :revision")
        await connection.execute(statement, {"revision": revision})
    await engine.dispose()


@pytest.mark.parametrize("seed", range(3))
async def test_a_migration_that_is_killed_leaves_the_schema_as_it_was(
    empty_url: str, seed: int
) -> None:
    """Run again, it goes through."""
    statement = random.Random(seed).randint(1, 40)
    code = (
        "import asyncio, sys\n"
        "from storage import migrate\n"
        "from tests.storage import victim\n"
        f"victim.kill_before({statement})\n"
        "asyncio.run(migrate.upgrade(sys.argv[1]))\n"
    )
    arguments = [sys.executable, "-c", code, empty_url]
    died = await asyncio.to_thread(subprocess.run, arguments, timeout=60, capture_output=True)
    assert died.returncode == -signal.SIGKILL
    assert await migrate.revision(empty_url) is None
    await migrate.upgrade(empty_url)
    await start(empty_url)


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("mysql://hotline@localhost/hotline", "must be sqlite:///path or postgresql://"),
        ("sqlite://", "must be sqlite:///path or postgresql://"),
        ("sqlite:///:memory:", "must be sqlite:///path or postgresql://"),
        ("hotline.db", "must be sqlite:///path or postgresql://"),
        ("postgresql://hotline@127.0.0.1:1/hotline", "check that it runs and lets this user in"),
        ("postgresql://hotline@/hotline?host=/nowhere", "check that it runs and lets this user in"),
    ],
)
async def test_a_wrong_address_is_refused(url: str, text: str) -> None:
    """Naming what it should be."""
    assert text in await refusal(url)


@pytest.mark.services
async def test_a_missing_postgresql_database_is_refused(postgres: PostgresServer) -> None:
    """By its name."""
    assert '"nowhere" does not exist' in await refusal(postgres.url("nowhere"))


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """With the way back to a good one."""
    await asyncio.to_thread((tmp_path / "hotline.db").write_bytes, b"PK\3\4 no database" * 500)
    expected = "is no database: restore the last backup with `hotline restore`"
    assert expected in await refusal(f"sqlite:///{tmp_path / 'hotline.db'}")


@pytest.mark.parametrize("seed", range(4))
async def test_a_damaged_database_is_refused(sqlite_url: str, tmp_path: Path, seed: int) -> None:
    """Wherever the damage is; it is found at the start, not on the day the page is needed."""
    async with open_store(sqlite_url, clock=clock) as store:
        for number in range(200):
            await store.tickets.save(matter(f"{number}" * 200), by=LI, at=NOW)
    damage(tmp_path / "hotline.db", random.Random(seed))
    assert "is damaged: restore the last backup with `hotline restore`" in await refusal(sqlite_url)


def damage(path: Path, rng: random.Random) -> None:
    """A disk gives back a page of noise."""
    content = bytearray(path.read_bytes())
    page = rng.randrange(1, len(content) // 4096) * 4096
    content[page : page + 4096] = rng.randbytes(4096)
    path.write_bytes(content)


async def test_a_database_that_may_not_be_written_is_refused(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Naming the rights that are missing; root tries it without root's privileges."""
    forbid_writing(tmp_path)
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    ran = await asyncio.to_thread(
        subprocess.run, [*bare, sys.executable, "-c", OPEN, sqlite_url], capture_output=True
    )
    assert b"may not be written: give this user the file and its folder" in ran.stderr


def forbid_writing(folder: Path) -> None:
    """The administrator copied it there, read-only."""
    (folder / "hotline.db").chmod(0o444)
    folder.chmod(0o555)
