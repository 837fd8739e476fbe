"""A backup taken while the hotline works is whole, proves it, and overwrites nothing."""

import asyncio
import itertools
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from routing.lists import TicketFilter
from storage import CannotOpen, audit, migrate, open_store
from storage.backup import Manifest, backup, restore, verify
from storage.failures import Tampered
from storage.store import Store
from tests.storage.servers import PostgresServer
from tests.storage.values import LI, NOW, all_at_once, clock, matter


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    """Two sound files in folders by day."""
    folder = tmp_path / "spool"
    for day in ("20261122", "20261123"):
        (folder / day).mkdir(parents=True)
        (folder / day / "a.wav").write_bytes(b"RIFF" + day.encode() * 1_000)
    return folder


@pytest.fixture
def elsewhere(empty_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """A clean place of the same kind of database."""
    if empty_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'elsewhere' / 'hotline.db'}"
    server: PostgresServer = request.getfixturevalue("postgres")
    name = f"elsewhere{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    return server.url(name)


_NUMBERS = itertools.count(1)


async def keep_busy(store: Store, done: asyncio.Event) -> int:
    """Save tickets until told to stop."""
    for saved in itertools.count():
        if done.is_set():
            return saved
        await store.tickets.save(matter(str(saved)), by=LI, at=NOW)
    raise AssertionError


async def test_a_backup_under_load_restores_to_the_same_rows_and_sounds(
    url: str, elsewhere: str, recordings: Path, tmp_path: Path
) -> None:
    """Writing goes on during the backup; what is restored is one whole moment of it."""
    folder, sounds = tmp_path / "backup", tmp_path / "restored"
    async with open_store(url, clock=clock) as store:
        done = asyncio.Event()
        desks = [asyncio.create_task(keep_busy(store, done)) for _ in range(4)]
        await asyncio.sleep(0.3)
        made = await backup(url, folder, recordings=recordings, at=NOW)
        await asyncio.sleep(0.1)
        done.set()
        saved = sum(await asyncio.gather(*desks))
    assert 0 < made.tables["tickets"] < saved
    assert await verify(folder) == made
    assert await restore(folder, elsewhere, recordings=sounds) == made
    found = await audit.check(elsewhere)
    assert (found.tables, found.journal, found.faults) == (made.tables, made.journal, ())
    assert contents(sounds) == contents(recordings)
    async with open_store(elsewhere, clock=clock) as store:
        again = await store.tickets.save(matter(), by=LI, at=NOW)
        assert again.number == f"20261123-{made.tables['tickets'] + 1:04}"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file by its path."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


async def test_nothing_that_exists_is_overwritten(
    url: str, elsewhere: str, recordings: Path, tmp_path: Path
) -> None:
    """Neither a database, nor sound files, nor an older backup."""
    folder = tmp_path / "backup"
    await backup(url, folder, recordings=recordings, at=NOW)
    attempts = [
        backup(url, folder, recordings=None, at=NOW),
        restore(folder, url, recordings=None),
        restore(folder, elsewhere, recordings=recordings),
    ]
    answers = await all_at_once(*attempts)
    assert [type(each) for each in answers] == [CannotOpen] * 3
    async with open_store(url, clock=clock) as store:
        assert list(await store.tickets.page(TicketFilter())) == []


def flip(path: Path) -> None:
    """One byte comes back wrong."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)


def add_ticket(path: Path) -> None:
    """Somebody improves the numbers."""
    manifest = msgspec.json.decode(path.read_bytes(), type=Manifest)
    tables = {**manifest.tables, "tickets": 5}
    path.write_bytes(msgspec.json.encode(msgspec.structs.replace(manifest, tables=tables)))


@pytest.mark.parametrize(
    ("name", "harm", "fault"),
    [
        ("hotline.db", flip, "hotline.db is missing or damaged"),
        ("hotline.db", Path.unlink, "hotline.db is missing or damaged"),
        ("recordings/20261122/a.wav", flip, "recordings/20261122/a.wav is missing or damaged"),
        ("recordings/20261123/b.wav", Path.touch, "recordings/20261123/b.wav does not belong here"),
        ("manifest.json", add_ticket, "table tickets: 1 rows, 5 were backed up"),
        ("manifest.json", flip, "manifest.json"),
    ],
)
async def test_a_backup_that_was_harmed_is_neither_verified_nor_restored(
    *,
    sqlite_url: str,
    recordings: Path,
    tmp_path: Path,
    name: str,
    harm: Callable[[Path], None],
    fault: str,
) -> None:
    """Every fault is named."""
    folder = tmp_path / "backup"
    async with open_store(sqlite_url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW)
    await backup(sqlite_url, folder, recordings=recordings, at=NOW)
    harm(folder / name)
    with pytest.raises(Tampered, match=fault):
        await verify(folder)
    with pytest.raises(Tampered, match=fault):
        await restore(folder, f"sqlite:///{tmp_path / 'new.db'}", recordings=None)
    assert not await asyncio.to_thread((tmp_path / "new.db").exists)


@pytest.mark.services
async def test_a_harmed_dump_of_postgresql_is_found(
    postgres: PostgresServer, tmp_path: Path
) -> None:
    """Before anything is restored."""
    postgres.sql("CREATE DATABASE dumped")
    await migrate.upgrade(postgres.url("dumped"))
    await backup(postgres.url("dumped"), tmp_path / "backup", recordings=None, at=NOW)
    flip(tmp_path / "backup" / "hotline.dump")
    with pytest.raises(Tampered, match=r"hotline\.dump is missing or damaged"):
        await verify(tmp_path / "backup")


async def test_an_unfinished_backup_is_no_backup(sqlite_url: str, tmp_path: Path) -> None:
    """The manifest is written last."""
    await backup(sqlite_url, tmp_path / "backup", recordings=None, at=NOW)
    (tmp_path / "backup" / "manifest.json").unlink()
    with pytest.raises(CannotOpen, match="holds no finished backup"):
        await verify(tmp_path / "backup")


async def test_a_backup_of_the_other_kind_of_database_is_refused(
    sqlite_url: str, tmp_path: Path
) -> None:
    """Naming the kind that is needed."""
    await backup(sqlite_url, tmp_path / "backup", recordings=None, at=NOW)
    with pytest.raises(CannotOpen, match="the backup is of sqlite"):
        await restore(tmp_path / "backup", "postgresql://x@/y", recordings=None)


async def test_a_database_with_faults_is_not_backed_up_as_if_it_were_sound(
    sqlite_url: str, tmp_path: Path
) -> None:
    """The operator learns of it on the day of the backup, not of the restore."""
    async with open_store(sqlite_url, clock=clock) as store:
        await store.tickets.save(matter(), by=LI, at=NOW)
        await store._writer._database._writer.run(  # type: ignore[attr-defined]
            lambda connection: connection.execute("UPDATE tickets SET content = 'x'").fetchall()
        )
        with pytest.raises(Tampered, match="ticket 20261123-0001 is not as the journal has it"):
            await backup(sqlite_url, tmp_path / "backup", recordings=None, at=NOW)
