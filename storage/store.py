"""The store: the ports' nouns over one writer and one database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime

from sqlalchemy import column, select, table

from routing.ports import Clock
from storage import address, answers, migrate
from storage.calls import Calls
from storage.failures import CannotOpen
from storage.ledger import Ledger
from storage.outbox import Outbox
from storage.people import People
from storage.recordings import Recordings
from storage.statements import Statement
from storage.tickets import Tickets
from storage.writer import Database, Writer

_REVISION = Statement(select(column("version_num")).select_from(table("alembic_version")))


class Store:
    """`routing.ports.Store`."""

    def __init__(self, database: Database, *, revision: str) -> None:
        self._revision = revision
        self._writer = Writer(database)
        self.calls = Calls(self._writer)
        self.recordings = Recordings(self._writer)
        self.tickets = Tickets(self._writer)
        self.people = People(self._writer)
        self.ledger = Ledger(self._writer)
        self.outbox = Outbox(self._writer)

    async def ping(self) -> None:
        """As the port says: a transaction is opened for writing and committed.

        A newer program that has migrated the database under us is told, too.
        """
        row = await self._writer.write(lambda tx: tx.row(_REVISION))
        if row is None or row[0] != self._revision:
            raise CannotOpen(f"the database is no longer at {self._revision}: start its program")

    async def forget(self, *, now: datetime) -> None:
        """Let go of the first answers of long ago."""
        await self._writer.write(lambda tx: answers.forget(tx, now=now))

    async def close(self) -> None:
        """Write what waits and give the database back."""
        await self._writer.close()


@asynccontextmanager
async def open_store(url: str, *, clock: Clock) -> AsyncIterator[Store]:
    """Open the database at `sqlite:///path` or `postgresql://…`, migrated by `migrate.upgrade`.

    Raises CannotOpen (a StoreUnavailable), naming the remedy, when the database is missing,
    damaged, not to be written, or of another version than this program.
    """
    await migrate.require_current(url)
    store = Store(await address.connect(url), revision=migrate.head())
    try:
        await store.forget(now=clock())
        yield store
    finally:
        await store.close()
