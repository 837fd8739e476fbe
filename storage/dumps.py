"""One database as one file and back: SQLite by VACUUM INTO, PostgreSQL by pg_dump."""

import asyncio
import os
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from sqlalchemy import URL, func, select, text

from storage import address, audit
from storage.failures import CannotOpen
from storage.postgres import PostgresDatabase
from storage.sqlite_errors import unavailable
from storage.statements import Statement
from storage.tx import Tx

SQLITE_FILE: Final = "hotline.db"
POSTGRES_FILE: Final = "hotline.dump"

_EXPORT = Statement(select(func.pg_export_snapshot()))
_TABLES = Statement(
    select(func.count())
    .select_from(text("information_schema.tables"))
    .where(text("table_schema = current_schema()"))
)


async def take(url: URL, folder: Path) -> audit.Report:
    """Write the database's file into the folder and report on exactly what it holds."""
    path = address.sqlite_path(url)
    if path is not None:
        copy = folder / SQLITE_FILE
        await asyncio.to_thread(_vacuum, path, copy)
        return await audit.check_file(copy)
    database = await PostgresDatabase.open(url)
    try:
        return await database.snapshot(lambda tx: _dump(tx, url, folder / POSTGRES_FILE))
    finally:
        await database.close()


async def inspect(kind: str, folder: Path) -> audit.Report | None:
    """Report on the file without restoring it; PostgreSQL's is only read through (None)."""
    if kind == "sqlite":
        return await audit.check_file(folder / SQLITE_FILE)
    await _run("pg_restore", "--file", os.devnull, str(folder / POSTGRES_FILE), environment={})
    return None


async def put(url: URL, folder: Path) -> None:
    """Make the database from the folder's file, where there is none."""
    path = address.sqlite_path(url)
    if path is not None:
        await asyncio.to_thread(_place, folder / SQLITE_FILE, path)
        return
    database = await PostgresDatabase.open(url)
    try:
        if (await database.read(lambda tx: tx.rows(_TABLES)))[0][0]:
            raise CannotOpen("the database is not empty: name a new one")
    finally:
        await database.close()
    arguments = ("--single-transaction", "--exit-on-error", "--no-owner", "--dbname", _name(url))
    await _run("pg_restore", *arguments, str(folder / POSTGRES_FILE), environment=_libpq(url))


def _vacuum(source: Path, target: Path) -> None:
    try:
        connection = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)
        try:
            connection.execute("VACUUM INTO ?", (str(target),))
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise unavailable(error, source) from error
    _sync(target)


def _place(source: Path, target: Path) -> None:
    """Copy beside the target, then link: a file that is there is never replaced."""
    for leftover in (target, Path(f"{target}-wal"), Path(f"{target}-shm")):
        if leftover.exists():
            raise CannotOpen(f"{leftover} exists: move it away, or name a new place")
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(f"{target}.restoring")
    shutil.copyfile(source, beside)
    _sync(beside)
    try:
        os.link(beside, target)
    except FileExistsError:
        raise CannotOpen(f"{target} exists: move it away, or name a new place") from None
    finally:
        beside.unlink()


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


async def _dump(tx: Tx, url: URL, target: Path) -> audit.Report:
    exported = (await tx.rows(_EXPORT))[0][0]
    arguments = ("--format=custom", "--no-owner", f"--snapshot={exported}", f"--file={target}")
    await _run("pg_dump", *arguments, "--dbname", _name(url), environment=_libpq(url))
    _sync(target)
    return await audit.report(tx)


async def _run(program: str, *arguments: str, environment: dict[str, str]) -> None:
    found = shutil.which(program)
    if found is None:
        raise CannotOpen(f"{program} is missing: install PostgreSQL's client programs")
    process = await asyncio.create_subprocess_exec(
        found,
        *arguments,
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    _, complaint = await process.communicate()
    if process.returncode:
        raise CannotOpen(f"{program}: {complaint.decode(errors='replace').strip()}")


def _libpq(url: URL) -> dict[str, str]:
    """The connection in libpq's environment, where a password is not seen by other users."""
    wanted: dict[str, str | Sequence[str] | int | None] = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": url.port or url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
    }
    return {name: str(value) for name, value in wanted.items() if value}


def _name(url: URL) -> str:
    return url.database or url.username or ""
