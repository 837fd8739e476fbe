"""Calls written as they step, in order per call, however long the database is away."""

import asyncio
import logging
from collections import deque

from routing.calls import Call
from routing.happenings import CallStepped
from routing.ports import Calls, StoreUnavailable

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
_SPARED = ("queued", "offered", "withdrawn", "held", "resumed", "left")
"""Steps that are not written of their own: the next written one carries them in its value."""


class Recorder:
    """Writes calls; a step is kept in memory until the database has taken it.

    Calls are written side by side (the one writer groups their commits), the steps of one call one
    after the other. While the database is away only the last value and the steps not yet written
    are held per call.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._waiting: dict[str, deque[CallStepped]] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    @property
    def backlog(self) -> int:
        """Steps not yet durable."""
        return sum(map(len, self._waiting.values()))

    def note(self, stepped: CallStepped) -> None:
        """Take a step to be written; never waits."""
        if stepped.step in _SPARED:
            return
        if stepped.step == "amended" and stepped.call.state != "ended":
            return
        call_id = stepped.call.id
        self._waiting.setdefault(call_id, deque()).append(stepped)
        if call_id not in self._tasks:
            self._tasks[call_id] = asyncio.create_task(self._drain(call_id))

    async def written(self, call_id: str) -> None:
        """Return once everything noted of the call so far is durable."""
        if task := self._tasks.get(call_id):
            await asyncio.shield(task)

    async def close(self, *, seconds: float) -> list[Call]:
        """Give the database that long to take the rest; returns the calls that it did not."""
        if self._tasks:
            await asyncio.wait(self._tasks.values(), timeout=seconds)
        left = [steps[-1].call for steps in self._waiting.values() if steps]
        for task in self._tasks.values():
            task.cancel()
        return left

    async def _drain(self, call_id: str) -> None:
        steps = self._waiting[call_id]
        try:
            while steps:
                await self._write(steps[0])
                steps.popleft()
        finally:
            del self._tasks[call_id]
            if not steps:
                del self._waiting[call_id]

    async def _write(self, stepped: CallStepped) -> None:
        while True:
            try:
                await self._calls.record(stepped.call, stepped.step, at=stepped.at)
            except StoreUnavailable as why:
                log.warning("call %s not written yet: %s", stepped.call.id, why)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return
