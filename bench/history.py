"""A caller's history among a million tickets, beside the usual ORM on aiosqlite.

Both read the last ten tickets of a random number by an index; ours reads, besides, how often and
when the number called and who talked with it last.
"""

import asyncio
import random
import sqlite3
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from bench.measure import Figure, Ratio, quantile
from storage import migrate, open_store

TICKETS = 1_000_000
NUMBERS = 200_000
LOOKUPS = 3_000
NOW = datetime(2026, 11, 23, tzinfo=UTC)
_NOW = int(NOW.timestamp()) * 1_000_000


class _Base(DeclarativeBase):
    pass


class _Ticket(_Base):
    __tablename__ = "tickets"
    number: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    status: Mapped[str]
    content: Mapped[str]
    created_at: Mapped[int]
    caller_e164: Mapped[str]
    is_open: Mapped[bool]


def _phone(n: int) -> str:
    return f"+86138{n % NUMBERS:08d}"


def _fill(path: Path) -> None:
    """A million tickets and as many calls, five of each a number, straight into the tables."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    connection.executemany(
        "INSERT INTO tickets VALUES (?, ?, ?, 'help', ?, ?, ?, ?, 'li', ?, ?, '')",
        (
            (
                f"{20_000_000 + n // 5_000}-{n % 5_000 + 1:04d}",
                20_000_000 + n // 5_000,
                n % 5_000 + 1,
                "open" if n % 7 == 0 else "closed",
                n % 7 == 0,
                "楼道灯不亮，请派人来修。" * 8,
                _NOW - (TICKETS - n) * 1_000_000,
                _phone(n)[3:],
                _phone(n),
            )
            for n in range(TICKETS)
        ),
    )
    connection.executemany(
        "INSERT INTO calls (id, linkedid, way, citizen_number, citizen_e164, started_at,"
        " last_agent, outcome, ended, stepped_at, steps, body)"
        " VALUES (?, '1', '962200', ?, ?, ?, 'li', 'answered', 1, 0, 1, '{}')",
        (
            (f"{n:036d}", _phone(n)[3:], _phone(n), _NOW - (TICKETS - n) * 1_000_000)
            for n in range(TICKETS)
        ),
    )
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


async def _timed(lookup: Callable[[str], Awaitable[object]]) -> list[float]:
    rng, took = random.Random(7), []
    for _ in range(LOOKUPS):
        number = _phone(rng.randrange(NUMBERS))
        began = time.perf_counter()
        await lookup(number)
        took.append(time.perf_counter() - began)
    return took


async def _orm(path: Path) -> list[float]:
    engine = create_async_engine(f"sqlite+aiosqlite:///{path}")
    session = async_sessionmaker(engine)

    async def lookup(number: str) -> object:
        async with session() as work:
            last = select(_Ticket).where(_Ticket.caller_e164 == number)
            ordered = last.order_by(_Ticket.is_open.desc(), _Ticket.created_at.desc()).limit(10)
            return (await work.scalars(ordered)).all()

    took = await _timed(lookup)
    await engine.dispose()
    return took


async def _ours(url: str) -> list[float]:
    async with open_store(url, clock=lambda: NOW) as store:
        before = NOW + timedelta(days=1)
        return await _timed(lambda number: store.calls.history(number, before=before))


async def run() -> list[Ratio | Figure]:
    """Three rounds in turn on one file."""
    theirs: list[float] = []
    ours: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hotline.db"
        await migrate.upgrade(f"sqlite:///{path}")
        await asyncio.to_thread(_fill, path)
        for _ in range(3):
            theirs += await _orm(path)
            ours += await _ours(f"sqlite:///{path}")
    slow = quantile(theirs, 0.99), quantile(ours, 0.99)
    return [
        Ratio("caller's history", "lookups", len(theirs) / sum(theirs), len(ours) / sum(ours), 5),
        Ratio("caller's history, slowest 1 %", "lookups", 1 / slow[0], 1 / slow[1], 3),
        Figure("caller's history, p50", quantile(ours, 0.5) * 1000, "ms", at_most=0.4),
        Figure("caller's history, p99", slow[1] * 1000, "ms", at_most=0.4),
    ]
