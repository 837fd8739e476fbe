"""Durable rows: calls written through the store, beside the usual ORM on aiosqlite.

Both write the same three rows a call step (call, journal, outbox) into the same tables with
`synchronous=FULL`; the baseline commits each step, as an ORM session does, ours groups what waits.
"""

import asyncio
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine, async_sessionmaker, create_async_engine
from sqlalchemy.orm import registry

from bench.measure import Figure, Ratio, quantile
from routing.calls import Call
from storage import migrate, open_store, schema
from storage.instants import micros

PRODUCERS = 50
START = datetime(2026, 11, 23, tzinfo=UTC)
ROWS_A_STEP = 3


class _Row:
    """A row of one of our tables, as the ORM keeps it."""

    def __init__(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class _Call(_Row):
    pass


class _Entry(_Row):
    pass


class _Told(_Row):
    pass


def _map() -> None:
    mapper = registry()
    mapper.map_imperatively(_Call, schema.calls)
    mapper.map_imperatively(_Entry, schema.journal)
    mapper.map_imperatively(_Told, schema.outbox)


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


async def _orm(folder: Path, steps: int, *, rows: int) -> float:
    path = folder / f"orm-{rows}.db"
    await migrate.upgrade(f"sqlite:///{path}")
    engine: AsyncEngine = create_async_engine(f"sqlite+aiosqlite:///{path}")

    @event.listens_for(engine.sync_engine, "connect")
    def durable(connection: object, _record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA busy_timeout=60000")
        cursor.close()

    session = async_sessionmaker(engine)
    began = time.perf_counter()
    for n in range(steps):
        async with session() as work:
            work.add_all(_rows_of(n)[:rows])
            await work.commit()
    took = time.perf_counter() - began
    await engine.dispose()
    return steps * rows / took


def _rows_of(n: int) -> list[_Row]:
    """What our store keeps of the step, but for the hash chain."""
    value = call(n)
    at = micros(value.started_at)
    body = msgspec.json.encode(value).decode()
    return [
        _Call(
            id=value.id, linkedid=value.linkedid, way=value.way, started_at=at, ended=False,
            citizen_number=value.citizen_number, citizen_e164=value.citizen_e164,
            stepped_at=at, steps=1, body=body,
        ),
        _Entry(
            id=n + 1, at=at, address="", via="system", what="call.arrived",
            subject=f"call:{value.id}", body=body, hash="",
        ),
        _Told(
            stream=f"call:{value.id}", topic=f"hotline/v1/calls/{value.id}/arrived",
            key=f"call:{value.id}:1", body=body, at=at,
        ),
    ]  # fmt: skip


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
    """Three rounds in turn: a row a commit, as an ORM is mostly used, and all three of a step."""
    _map()
    single, like, ours, waits = [], [], [], []
    for _ in range(3):
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            single.append(await _orm(folder, 300, rows=1))
            like.append(await _orm(folder, 300, rows=ROWS_A_STEP))
            rate, waited = await _ours(folder, 10_000)
            ours.append(rate)
            waits += waited
    middle = sorted(ours)[1]
    return [
        Ratio("durable rows, beside a row a commit", "rows", sorted(single)[1], middle, 30),
        Ratio("durable rows, beside a step a commit", "rows", sorted(like)[1], middle, 20),
        Figure("durable rows", middle, "rows/s", at_least=30_000),
        Figure("wait for a durable step, p99", quantile(waits, 0.99) * 1000, "ms", at_most=10),
    ]
