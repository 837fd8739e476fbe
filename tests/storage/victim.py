"""A hotline at work that is killed: `python -m tests.storage.victim URL SEED STATEMENT`.

Before the STATEMENTth statement it kills itself with SIGKILL (0: it waits to be killed).
Every answer that a desk would have seen is printed first: `KEY NUMBER` of a saved ticket,
`call ID STEPS` of a recorded call.
"""

import asyncio
import itertools
import os
import random
import signal
import sqlite3
import sys
from typing import Any

import asyncpg

from routing.happenings import Step
from routing.ports import StoreUnavailable
from storage import open_store
from storage.store import Store
from tests.storage.values import LI, NOW, call, clock, matter, talked


def kill_before(statement: int) -> None:
    """Count the statements of every connection and die before the given one."""
    count = itertools.count(1)

    def step(*_: object) -> None:
        if next(count) == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    plain = sqlite3.connect

    def connect(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection: sqlite3.Connection = plain(*arguments, **options)
        connection.set_trace_callback(step)
        return connection

    sqlite3.connect = connect  # type: ignore[assignment]
    for name in ("execute", "fetch", "executemany", "prepare"):
        _count_before(name, step)


def _count_before(name: str, step: Any) -> None:
    plain = getattr(asyncpg.Connection, name)

    async def counted(self: Any, *arguments: Any, **options: Any) -> Any:
        step()
        return await plain(self, *arguments, **options)

    setattr(asyncpg.Connection, name, counted)


async def desk(store: Store, number: int, rng: random.Random) -> None:
    """Calls come, are talked, get their ticket; an unavailable store is asked again by key."""
    for turn in itertools.count():
        name = f"{number}-{turn}"
        ringing = call(name)
        steps: list[tuple[Any, Step]] = [(ringing, "offered"), (talked(ringing), "ended")]
        for known, step in steps[: rng.randint(1, 2)]:
            await again(lambda known=known, step=step: store.calls.record(known, step, at=NOW))
            say("call", name, step)
        linked = matter(f"事项 {name}", call=name)
        saved = await again(
            lambda name=name, new=linked: store.tickets.save(new, by=LI, at=NOW, key=name)
        )
        say(name, saved.number)


async def again(command: Any) -> Any:
    """Until the store has taken it."""
    while True:
        try:
            return await command()
        except StoreUnavailable:
            await asyncio.sleep(0.05)


def say(*words: str) -> None:
    """What somebody outside has seen, in one write."""
    os.write(1, (" ".join(words) + "\n").encode())


async def main(url: str, seed: int, statement: int) -> None:
    """Work until killed."""
    rng = random.Random(seed)
    if statement:
        kill_before(statement)
    async with open_store(url, clock=clock) as store:
        await asyncio.gather(*(desk(store, number, rng) for number in range(6)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
