"""The server is killed at any statement: what was answered is there, what is there is whole."""

import asyncio
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from routing.lists import TicketFilter
from routing.ports import StoreUnavailable
from storage import audit, migrate, open_store
from storage.schema import answers, journal, outbox, ticket_calls, tickets
from storage.statements import Statement
from storage.store import Store
from tests.storage.servers import PostgresServer
from tests.storage.values import LI, NOW, all_at_once, clock, matter

STATEMENTS = 1_500
"""The victim is killed before one of so many statements: its opening, and about 40 tickets."""


def start(url: str, seed: int, statement: int = 0) -> subprocess.Popen[bytes]:
    """A hotline at work in a process of its own."""
    arguments = [sys.executable, "-m", "tests.storage.victim", url, str(seed), str(statement)]
    return subprocess.Popen(arguments, stdout=subprocess.PIPE)


def answered(output: bytes) -> dict[str, str]:
    """Numbers by key, as desks have seen them; a line cut off by the kill was not seen."""
    lines = [line.split() for line in output.decode().split("\n")[:-1]]
    return {words[0]: words[1] for words in lines if words[0] != "call"}


async def see_that_it_is_whole(url: str, seen: dict[str, str]) -> None:
    """Ticket, number, journal, outbox, key and link stand or fall together."""
    report = await audit.check(url)
    assert report.faults == ()
    async with open_store(url, clock=clock) as store:
        for what in (journal.c.what == "ticket.registered", outbox.c.topic.like("%/registered")):
            assert await count(store, select(func.count()).where(what)) == report.tables["tickets"]
        for table in (answers, ticket_calls):
            assert (
                await count(store, select(func.count()).select_from(table))
                == report.tables["tickets"]
            )
        steps = await count(store, select(func.count()).where(outbox.c.topic.like("%/calls/%")))
        assert (
            await count(store, select(func.count()).where(journal.c.what.like("call.%"))) == steps
        )
        for key, number in seen.items():
            new = matter(f"事项 {key}", call=key)
            again = await store.tickets.save(new, by=LI, at=NOW, key=key)
            assert again.number == number
        assert (
            await count(store, select(func.count()).select_from(tickets))
            == report.tables["tickets"]
        )


async def count(store: Store, counted: object) -> int:
    """One number."""
    statement = Statement(counted)  # type: ignore[arg-type]
    return int((await store._writer.read(lambda tx: tx.rows(statement)))[0][0])


async def kill_at_a_statement(url: str, seed: int) -> None:
    """Start, die before a statement chosen by the seed, look."""
    statement = random.Random(seed).randint(1, STATEMENTS)
    victim = start(url, seed, statement)
    output, _ = await asyncio.to_thread(victim.communicate, timeout=60)
    assert victim.returncode == -signal.SIGKILL
    await see_that_it_is_whole(url, answered(output))


@pytest.mark.parametrize("seed", range(4))
async def test_killed_at_any_statement_all_or_nothing_is_kept(url: str, seed: int) -> None:
    """Each seed is another statement."""
    await kill_at_a_statement(url, seed)


@pytest.mark.soak
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("seed", range(200))
async def test_killed_at_any_statement_hundreds_of_times(url: str, seed: int) -> None:
    """The long count of the above."""
    await kill_at_a_statement(url, 10_000 + seed)


@pytest.mark.parametrize("seed", range(2))
async def test_killed_at_any_moment_all_or_nothing_is_kept(url: str, seed: int) -> None:
    """In the middle of a commit's write or sync, which are no statements."""
    await kill_at_a_moment(url, seed)


@pytest.mark.soak
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("seed", range(100))
async def test_killed_at_any_moment_a_hundred_times(url: str, seed: int) -> None:
    """The long count of the above."""
    await kill_at_a_moment(url, 20_000 + seed)


async def kill_at_a_moment(url: str, seed: int) -> None:
    """Let it work a little, kill it from outside, look."""
    victim = start(url, seed)
    assert victim.stdout is not None
    first = await asyncio.to_thread(victim.stdout.readline)
    await asyncio.sleep(random.Random(seed).random() * 0.5)
    victim.kill()
    output, _ = await asyncio.to_thread(victim.communicate, timeout=60)
    await see_that_it_is_whole(url, answered(first + output))


@pytest.mark.parametrize("seed", range(3))
async def test_the_files_of_any_moment_open_clean(
    sqlite_url: str, tmp_path: Path, seed: int
) -> None:
    """What the disk holds when the machine stops: every answer; with the log torn: a whole past."""
    rng = random.Random(seed)
    victim = start(sqlite_url, seed)
    assert victim.stdout is not None
    output = await asyncio.to_thread(victim.stdout.readline)
    try:
        await asyncio.sleep(0.3 + rng.random() * 0.5)
        os.kill(victim.pid, signal.SIGSTOP)
        os.set_blocking(victim.stdout.fileno(), False)
        output += victim.stdout.read() or b""
        stopped, torn = copy(tmp_path, "stopped"), copy(tmp_path, "torn")
    finally:
        victim.kill()
        victim.communicate(timeout=60)
    tear(Path(f"{torn}-wal"), tmp_path / "torn" / "index", rng)
    await see_that_it_is_whole(f"sqlite:///{stopped}", answered(output))
    await see_that_it_is_whole(f"sqlite:///{torn}", {})


def copy(folder: Path, name: str) -> Path:
    """The database and its log, as they lie there; the shared index is lost with the power."""
    (folder / name).mkdir()
    for suffix in ("", "-wal"):
        shutil.copyfile(folder / f"hotline.db{suffix}", folder / name / f"hotline.db{suffix}")
    shutil.copyfile(folder / "hotline.db-shm", folder / name / "index")
    return folder / name / "hotline.db"


def tear(log: Path, index: Path, rng: random.Random) -> None:
    """Only a part of the log reached the disk; what is folded into the file was synced before.

    The frames that a fold has tried are counted at byte 128 of the index (SQLite, walformat.html,
    "WAL-index format"); a frame is a page and its header.
    """
    (tried,) = struct.unpack_from("=I", index.read_bytes(), 128)
    os.truncate(log, rng.randint(32 + tried * (4_096 + 24), log.stat().st_size))


async def test_a_disk_that_takes_no_more_loses_nothing_answered(sqlite_url: str) -> None:
    """The system itself refuses to let files grow (RLIMIT_FSIZE), as a full disk does."""
    code = (
        "import asyncio, resource, sys\n"
        "from tests.storage import victim\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, resource.RLIM_INFINITY))\n"
        "async def again(command):\n"
        "    try:\n"
        "        return await command()\n"
        "    except victim.StoreUnavailable as why:\n"
        "        victim.say('call', 'refused', str(why))\n"
        "        raise\n"
        "victim.again = again\n"
        "asyncio.run(victim.main(sys.argv[1], 1, 0))\n"
    )
    arguments = [sys.executable, "-c", code, sqlite_url]
    ran = await asyncio.to_thread(subprocess.run, arguments, capture_output=True, timeout=60)
    assert ran.returncode == 1
    assert b"free some space" in ran.stdout or b"look at the disk" in ran.stdout
    seen = answered(ran.stdout)
    assert seen
    await see_that_it_is_whole(sqlite_url, seen)


@pytest.mark.services
@pytest.mark.parametrize("crashes", [3])
async def test_postgresql_crashing_under_load_loses_nothing_answered(crashes: int) -> None:
    """Asked again by key, every ticket is saved exactly once (`-m immediate` three times)."""
    server = PostgresServer()
    try:
        server.start()
        server.sql("CREATE DATABASE crashing")
        url = server.url("crashing")
        await migrate.upgrade(url)
        async with open_store(url, clock=clock) as store:
            done = asyncio.Event()
            desks = [asyncio.create_task(insist(store, number, done)) for number in range(8)]
            for _ in range(crashes):
                await asyncio.sleep(0.7)
                await asyncio.to_thread(server.crash)
                assert isinstance((await all_at_once(store.ping()))[0], StoreUnavailable)
                assert isinstance((await all_at_once(store.tickets.get("x")))[0], StoreUnavailable)
                await asyncio.to_thread(server.start)
            await asyncio.sleep(0.7)
            done.set()
            seen = [pair for each in await asyncio.gather(*desks) for pair in each.items()]
            kept = await count(store, select(func.count()).select_from(tickets))
            assert kept == len(seen) > 50
            assert len({number for _, number in seen}) == kept
            assert len(await store.tickets.page(TicketFilter(limit=50))) == 50
        assert (await audit.check(url)).faults == ()
    finally:
        server.close()


async def insist(store: Store, desk: int, done: asyncio.Event) -> dict[str, str]:
    """Save tickets, each until it is answered."""
    saved: dict[str, str] = {}
    while not done.is_set():
        key = f"{desk}-{len(saved)}"
        try:
            ticket = await store.tickets.save(matter(key), by=LI, at=NOW, key=key)
        except StoreUnavailable:
            await asyncio.sleep(0.05)
        else:
            saved[key] = ticket.number
    return saved
