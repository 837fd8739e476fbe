"""Backups: taken while the server writes, proved when taken, restored only to a clean place.

A backup is a folder: the database as one file, `recordings/` as it was, and `manifest.json`,
written last, with the hash of every file, the rows of every table and the journal's head.
A folder without a manifest is an attempt that did not come to its end.
"""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import msgspec

from storage import address, audit, dumps, journal, migrate
from storage.failures import CannotOpen, Tampered

MANIFEST = "manifest.json"
RECORDINGS = "recordings"
_CHUNK = 1 << 20


class Kept(msgspec.Struct, frozen=True):
    """A file of the backup: bytes and SHA-256."""

    size: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True):
    """What a backup holds; `files` by path within it."""

    made_at: datetime
    database: str
    revision: str
    tables: dict[str, int]
    journal: journal.Chain
    files: dict[str, Kept]


async def backup(url: str, folder: Path, *, recordings: Path | None, at: datetime) -> Manifest:
    """Back up the database and the recordings into `folder`, which must be empty or missing.

    The recordings are copied first: every file that the database knows is then in the backup or
    was recorded later. Raises CannotOpen, or Tampered when the database itself has faults.
    """
    _take_empty(folder)
    revision = await migrate.revision(url)
    if revision is None:
        raise CannotOpen("the database is empty: there is nothing to back up")
    if recordings is not None:
        await asyncio.to_thread(_copy_tree, recordings, folder / RECORDINGS)
    parsed = address.parse(url)
    found = await dumps.take(parsed, folder)
    _refuse_faults(found.faults)
    manifest = Manifest(
        made_at=at,
        database=parsed.get_backend_name(),
        revision=revision,
        tables=found.tables,
        journal=found.journal,
        files=await asyncio.to_thread(_kept, folder),
    )
    _write_durably(folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest)))
    return manifest


async def verify(folder: Path) -> Manifest:
    """Prove that a backup is whole and says what it said; raises Tampered with every fault."""
    manifest = _manifest(folder)
    faults = await asyncio.to_thread(_file_faults, folder, manifest)
    if not faults:
        faults = _differences(manifest, await dumps.inspect(manifest.database, folder))
    _refuse_faults(faults)
    return manifest


async def restore(folder: Path, url: str, *, recordings: Path | None) -> Manifest:
    """Put a verified backup in place; nothing that exists is overwritten.

    Raises CannotOpen when the place is not clean or of the other kind of database.
    """
    manifest = await verify(folder)
    parsed = address.parse(url)
    if parsed.get_backend_name() != manifest.database:
        raise CannotOpen(f"the backup is of {manifest.database}: name such a database")
    if recordings is not None:
        _need_empty(recordings)
    await dumps.put(parsed, folder)
    if recordings is not None and (folder / RECORDINGS).is_dir():
        await asyncio.to_thread(_copy_tree, folder / RECORDINGS, recordings)
    _refuse_faults(_differences(manifest, await audit.check(url)))
    return manifest


def _manifest(folder: Path) -> Manifest:
    try:
        return msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except FileNotFoundError:
        raise CannotOpen(f"{folder} holds no finished backup: {MANIFEST} is missing") from None
    except msgspec.DecodeError as error:
        raise Tampered(f"{folder / MANIFEST}: {error}") from None


def _differences(manifest: Manifest, found: audit.Report | None) -> list[str]:
    if found is None:
        return []
    faults = list(found.faults)
    if found.journal != manifest.journal:
        faults.append("the journal is not the one that was backed up")
    faults += [
        f"table {name}: {found.tables.get(name, 0)} rows, {count} were backed up"
        for name, count in manifest.tables.items()
        if found.tables.get(name) != count
    ]
    return faults


def _file_faults(folder: Path, manifest: Manifest) -> list[str]:
    there = _kept(folder)
    changed = [
        f"{name} is missing or damaged"
        for name, kept in manifest.files.items()
        if there.get(name) != kept
    ]
    return changed + [
        f"{name} does not belong here" for name in there if name not in manifest.files
    ]


def _kept(folder: Path) -> dict[str, Kept]:
    return {
        str(path.relative_to(folder)): _hash(path)
        for path in _files(folder)
        if path.name != MANIFEST
    }


def _files(folder: Path) -> Iterator[Path]:
    """Plain files below the folder, by path; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield path


def _hash(path: Path) -> Kept:
    digest, size = sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return Kept(size=size, sha256=digest.hexdigest())


def _copy_tree(source: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    for path in _files(source):
        copy = target / path.relative_to(source)
        copy.parent.mkdir(parents=True, exist_ok=True)
        # A file whose time of keeping has ended may be taken away meanwhile.
        with contextlib.suppress(FileNotFoundError):
            _copy_durably(path, copy)


def _copy_durably(source: Path, target: Path) -> None:
    with source.open("rb") as file, target.open("xb") as copy:
        while chunk := file.read(_CHUNK):
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    shutil.copystat(source, target)


def _write_durably(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _need_empty(folder: Path) -> None:
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CannotOpen(f"{folder} is not empty: name a new folder")


def _take_empty(folder: Path) -> None:
    _need_empty(folder)
    folder.mkdir(parents=True, exist_ok=True)


def _refuse_faults(faults: list[str] | tuple[str, ...]) -> None:
    if faults:
        raise Tampered("; ".join(faults))
