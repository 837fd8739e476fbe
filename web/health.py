"""Whether the server lives, can serve and does its work: /health/live, ready and engine.

`live` asks nothing of anybody. `ready` proves that the database answers. `engine` proves that every
supervised task has lately completed a cycle: a task that hangs while the process lives shows here.
"""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

import msgspec
from aiohttp import web

from routing.ports import Clock, StoreUnavailable
from web.keys import PULSES, STORE

READY_SECONDS = 2.0
"""A database that takes longer than that to take a write is not ready."""


class Pulse(msgspec.Struct):
    """When a supervised task last completed a cycle, and how long the next may take."""

    within: timedelta
    last: datetime


class Pulses:
    """The supervised tasks' heartbeats; a task starts with one full period of grace."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._pulses: dict[str, Pulse] = {}

    def expect(self, name: str, *, within: timedelta) -> Callable[[], None]:
        """Expect a cycle of task `name` at least every `within`; returns what the task calls."""
        pulse = self._pulses[name] = Pulse(within, self._clock())

        def beat() -> None:
            pulse.last = self._clock()

        return beat

    def late(self) -> dict[str, float]:
        """Tasks whose cycle is overdue, with the seconds since the last one."""
        now = self._clock()
        return {
            name: (now - pulse.last).total_seconds()
            for name, pulse in self._pulses.items()
            if now - pulse.last > pulse.within
        }

    def names(self) -> tuple[str, ...]:
        """Every expected task."""
        return tuple(sorted(self._pulses))


class Health(msgspec.Struct, frozen=True):
    """The answer of a health question; `late` names tasks with seconds since their last cycle."""

    status: str
    tasks: tuple[str, ...] = ()
    late: dict[str, float] = {}


def answer(health: Health) -> web.Response:
    """200 when all is well, 503 otherwise."""
    return web.Response(
        body=msgspec.json.encode(health),
        content_type="application/json",
        status=200 if health.status == "ok" else 503,
    )


async def live(_request: web.Request) -> web.Response:
    """The process answers."""
    return answer(Health("ok"))


async def ready(request: web.Request) -> web.Response:
    """The database answers and can be written."""
    try:
        async with asyncio.timeout(READY_SECONDS):
            await request.app[STORE].ping()
    except (StoreUnavailable, TimeoutError):
        return answer(Health("database"))
    return answer(Health("ok"))


async def engine(request: web.Request) -> web.Response:
    """Every supervised task completed a cycle lately."""
    pulses = request.app[PULSES]
    late = pulses.late()
    return answer(Health("late" if late else "ok", pulses.names(), late))
