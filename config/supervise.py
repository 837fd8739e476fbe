"""Long-running tasks, restarted loudly when they fail; what /health/engine looks at."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine

import msgspec

log = logging.getLogger(__name__)

PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 30.0


class Beat(msgspec.Struct, frozen=True):
    """How a task is doing: failures since the start, seconds since its last sign of life."""

    name: str
    failures: int
    quiet_seconds: float
    late: bool


class _Watched(msgspec.Struct):
    name: str
    allowed_seconds: float | None
    last: float
    failures: int = 0


class Engine:
    """The server's tasks. `now` is the loop's monotonic clock."""

    def __init__(self) -> None:
        self._tasks: list[asyncio.Task[None]] = []
        self._watched: dict[str, _Watched] = {}

    def run(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        """Keep `work` running for as long as the server lives."""
        self._start(name, None, self._keep(name, work))

    def every(self, name: str, seconds: float, work: Callable[[], Awaitable[object]]) -> None:
        """Do `work` again and again with that pause; late when ten pauses and 10 s pass without."""

        async def cycles() -> None:
            while True:
                await work()
                self._watched[name].last = _now()
                await asyncio.sleep(seconds)

        self._start(name, 10 * seconds + 10, self._keep(name, cycles))

    def beats(self) -> list[Beat]:
        """Every task's state."""
        return [
            Beat(
                w.name,
                w.failures,
                _now() - w.last,
                w.allowed_seconds is not None and _now() - w.last > w.allowed_seconds,
            )
            for w in self._watched.values()
        ]

    async def stop(self) -> None:
        """Cancel all tasks and wait for them."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _start(
        self, name: str, allowed_seconds: float | None, work: Coroutine[None, None, None]
    ) -> None:
        self._watched[name] = _Watched(name, allowed_seconds, _now())
        self._tasks.append(asyncio.create_task(work, name=name))

    async def _keep(self, name: str, work: Callable[[], Awaitable[None]]) -> None:
        pause = PAUSE_SECONDS
        while True:
            began = _now()
            try:
                await work()
                log.error("%s ended by itself; starting it again", name)
            except Exception:
                log.exception("%s failed; starting it again in %g s", name, pause)
            self._watched[name].failures += 1
            pause = PAUSE_SECONDS if _now() - began > LONGEST_PAUSE_SECONDS else pause
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_SECONDS)


def _now() -> float:
    return asyncio.get_running_loop().time()
