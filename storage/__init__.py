"""Rows in, values out: schema, migrations, the one writer, journal and queries by noun.

Theory of operation. A command is a coroutine function of one `Tx`; it awaits nothing but that `Tx`.
`storage.writer` collects the commands that wait and gives them, as one batch, to the database:
one transaction, each command in its own savepoint, every caller answered after the COMMIT.
On PostgreSQL a command's awaits are real; on SQLite a whole batch runs to its end as one function
on aiosqlite's thread (`storage.sqlite`). Statements are SQLAlchemy Core, compiled once for both
databases (`storage.statements`) and prepared by the drivers.
"""

from storage.failures import CannotOpen
from storage.store import open_store

__all__ = ["CannotOpen", "open_store"]
