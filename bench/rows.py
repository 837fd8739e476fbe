"""Durable rows: calls written through the store, beside the usual ORM on aiosqlite.

Both write the same three rows a call step (call, journal, outbox) with `synchronous=FULL`; the
baseline commits each step, as an ORM session does, ours groups what waits.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import LargeBinary, event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.measure import Figure, Ratio, quantile
from routing.calls import Call
from storage import migrate, open_store

PRODUCERS = 50
START = datetime(2026, 11, 23, tzinfo=UTC)
ROWS_A_STEP = 3


class _Base(DeclarativeBase):
    pass


class _Call(_Base):
    __tablename__ = "calls"
    id: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[str] = mapped_column(index=True)
    number: Mapped[str | None] = mapped_column(index=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class _Journal(_Base):
    __tablename__ = "journal"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


class _Outbox(_Base):
    __tablename__ = "outbox"
    id: Mapped[int] = mapped_column(primary_key=True)
    topic: Mapped[str]
    body: Mapped[bytes] = mapped_column(LargeBinary)


def call(n: int) -> Call:
    """The n-th call, arrived."""
    return Call(
        id=f"00000000-0000-4000-8000-{n:012d}",
        linkedid=f"pbx-1800000000.{n}",
        way="962200",
        started_at=START + timedelta(milliseconds=n),
        state="greeting",
        citizen_number=f"138{n:08d}",
        citizen_e164=f"+86138{n:08d}",
    )


async def _orm(folder: Path, steps: int) -> float:
    engine: AsyncEngine = create_async_engine(f"sqlite+aiosqlite:///{folder / 'orm.db'}")

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=60000")
        cursor.close()

    async with engine.begin() as connection:
        await connection.run_sync(_Base.metadata.create_all)
    session = async_sessionmaker(engine)
    began = time.perf_counter()
    for n in range(steps):
        value = call(n)
        body = msgspec.json.encode(value)
        at = value.started_at.isoformat()
        async with session() as work:
            work.add_all(
                [
                    _Call(id=value.id, started_at=at, number=value.citizen_e164, body=body),
                    _Journal(at=at, body=body),
                    _Outbox(topic=f"calls/{value.id}", body=body),
                ]
            )
            await work.commit()
    took = time.perf_counter() - began
    await engine.dispose()
    return steps * ROWS_A_STEP / took


async def _ours(folder: Path, steps: int) -> tuple[float, list[float]]:
    url = f"sqlite:///{folder / 'hotline.db'}"
    await migrate.upgrade(url)
    numbers = iter(range(steps))
    waits: list[float] = []
    async with open_store(url, clock=lambda: START) as store:

        async def produce() -> None:
            for n in numbers:
                value = call(n)
                asked = time.perf_counter()
                await store.calls.record(value, "arrived", at=value.started_at)
                waits.append(time.perf_counter() - asked)

        began = time.perf_counter()
        await asyncio.gather(*(produce() for _ in range(PRODUCERS)))
        took = time.perf_counter() - began
    return steps * ROWS_A_STEP / took, waits


async def run() -> list[Ratio | Figure]:
    """Three rounds in turn."""
    theirs, ours, waits = [], [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            theirs.append(await _orm(folder, 300))
            rate, waited = await _ours(folder, 10_000)
            ours.append(rate)
            waits += waited
    return [
        Ratio("durable rows, one node", "rows", sorted(theirs)[1], sorted(ours)[1], 30),
        Figure("durable rows", sorted(ours)[1], "rows/s", at_least=30_000),
        Figure("wait for a durable step, p99", quantile(waits, 0.99) * 1000, "ms", at_most=10),
    ]
