"""SQLAlchemy Core statements compiled once, to the text and argument order each driver prepares.

SQLAlchemy's own execution costs 0.5 ms a read; what it compiles does not (`docs/performance.md`).
"""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ClauseElement, Dialect, Table, bindparam
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.dialects.postgresql.asyncpg import dialect as postgres_dialect
from sqlalchemy.dialects.sqlite.aiosqlite import dialect as sqlite_dialect

SQLITE: Final = sqlite_dialect()
POSTGRES: Final = postgres_dialect()  # type: ignore[no-untyped-call]


class _Text:
    """A statement in one dialect: its text and the names of its arguments in order."""

    __slots__ = ("constants", "names", "sql")

    def __init__(self, element: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = element.compile(dialect=dialect)
        self.sql: str = compiled.string
        self.names: tuple[str, ...] = tuple(compiled.positiontup or ())
        self.constants: dict[str, Any] = {
            name: compiled.params[name] for name in self.names if compiled.params[name] is not None
        }

    def arguments(self, values: Mapping[str, Any]) -> list[Any]:
        """The arguments in the driver's order; a missing one raises KeyError."""
        if self.constants:
            values = {**self.constants, **values}
        return [values[name] for name in self.names]


class Statement:
    """One Core statement for both drivers; its `bindparam`s are the names `Tx` takes."""

    __slots__ = ("postgres", "sqlite")

    def __init__(self, element: ClauseElement) -> None:
        self.sqlite = _Text(element, SQLITE)
        self.postgres = _Text(element, POSTGRES)


def row_of(table: Table, *but: str) -> Insert:
    """An INSERT taking every column by its name, save those in `but`.

    PostgreSQL's construct, because it alone compiles `ON CONFLICT` for both dialects.
    """
    names = [column.name for column in table.c if column.name not in but]
    return insert(table).values({name: bindparam(name) for name in names})
