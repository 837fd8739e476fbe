"""Garbage collected when it suits the hotline, not in the middle of a pop.

A full collection of a busy server stops everything for 50 to 150 ms, and by default it comes as
often as the traffic is heavy. Nearly all our garbage goes by reference count; what remains in
cycles is small, so it is looked for every few minutes, and what lives since the start never.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

EVERY_SECONDS = 300.0
_YOUNG, _MIDDLE, _NEVER = 20_000, 50, 1_000_000


@contextmanager
def calm() -> Iterator[None]:
    """Collect only the young by themselves, for as long as the block runs."""
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _MIDDLE, _NEVER)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def collect() -> None:
    """One full collection; to be called every `EVERY_SECONDS`."""
    gc.collect()
