"""Long-running tasks, restarted loudly when they fail; each beats for /health/engine."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

from web.health import Pulses

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0
LATE_SECONDS = 10.0

Work = Callable[[], Awaitable[object]]


class Engine:
    """The server's tasks."""

    def __init__(self, pulses: Pulses) -> None:
        self._pulses = pulses
        self._tasks: list[asyncio.Task[None]] = []

    def run(self, name: str, work: Work) -> None:
        """Keep `work` running for as long as the server lives."""
        self._tasks.append(asyncio.create_task(_keep(name, work), name=name))

    def every(self, seconds: float, name: str, work: Work) -> None:
        """Do `work` again and again with that pause; late when ten pauses and 10 s pass without."""
        beat = self._pulses.expect(name, within=timedelta(seconds=10 * seconds + LATE_SECONDS))

        async def cycles() -> None:
            while True:
                await work()
                beat()
                await asyncio.sleep(seconds)

        self.run(name, cycles)

    async def stop(self) -> None:
        """Cancel all tasks and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


async def _keep(name: str, work: Work) -> None:
    loop = asyncio.get_running_loop()
    pause = PAUSE_SECONDS
    while True:
        began = loop.time()
        try:
            await work()
            log.error("%s ended by itself; starting it again", name)
        except Exception:
            log.exception("%s failed; starting it again in %g s", name, pause)
        if loop.time() - began > LONGEST_PAUSE_SECONDS:
            pause = PAUSE_SECONDS
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE_SECONDS)
