"""What SQLite's errors mean to the operator, and which of them concern everybody."""

import sqlite3
from pathlib import Path
from typing import Final

from routing.ports import StoreUnavailable

_REMEDIES: Final = {
    sqlite3.SQLITE_BUSY: "is locked by another program: wait, or find it with `fuser`",
    sqlite3.SQLITE_LOCKED: "is locked by another program: wait, or find it with `fuser`",
    sqlite3.SQLITE_FULL: "cannot grow: the disk is full, free some space",
    sqlite3.SQLITE_IOERR: "cannot be read or written: look at the disk (full, failing, unmounted?)",
    sqlite3.SQLITE_CORRUPT: "is damaged: restore the last backup with `hotline restore`",
    sqlite3.SQLITE_NOTADB: "is no database: restore the last backup with `hotline restore`",
    sqlite3.SQLITE_READONLY: "may not be written: give this user the file and its folder",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: it must exist, in a folder this user may write",
    sqlite3.SQLITE_PERM: "may not be opened: give this user the file and its folder",
    sqlite3.SQLITE_AUTH: "may not be opened: give this user the file and its folder",
    sqlite3.SQLITE_NOMEM: "cannot be used: the machine is out of memory",
    sqlite3.SQLITE_PROTOCOL: "is locked by another program: wait, or find it with `fuser`",
}
"""By SQLite's primary result code: the state of the whole database, not of one command."""

_PRIMARY = 0xFF


def concerns_all(error: BaseException) -> bool:
    """Whether the database as a whole cannot go on, so that the batch must be given up."""
    code = getattr(error, "sqlite_errorcode", None)
    return isinstance(code, int) and (code & _PRIMARY) in _REMEDIES


def unavailable(error: sqlite3.Error, path: Path) -> StoreUnavailable:
    """The error in the operator's words, with its remedy."""
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY
    return StoreUnavailable(f"{path} {_REMEDIES.get(code, 'refuses')} ({error})")
