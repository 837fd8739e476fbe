"""Decode and track on one core beside bare panoramisk, which only decodes; memory per live call."""

import gc
import tracemalloc
from functools import partial

from bench.decode import chunks, panoramisk_decodes
from bench.measure import Figure, Ratio, in_turn
from bench.traffic import Pattern
from telephony.calls import Tracker
from telephony.ear import Hearing
from telephony.messages import WANTED
from telephony.wire import Decoder

LIVE = 1_000
TALKING_AFTER = 10.0  # seconds: the pattern's agent has answered by then


def _tracks(parts: list[bytes], count: int) -> int:
    decoder, ear = Decoder(WANTED), Hearing(Tracker())
    steps = 0
    for part in parts:
        for message in decoder.feed(part):
            steps += len(list(ear.hear(message)))
    assert steps
    return count


def _kib_a_call() -> float:
    """What a thousand calls in conversation cost."""
    decoder, ear = Decoder(WANTED), Hearing(Tracker())
    pattern = Pattern()
    events = [
        event
        for at, event in pattern.stream(LIVE, per_second=1e6, start=1.8e9, agents=LIVE)
        if at < 1.8e9 + TALKING_AFTER
    ]
    gc.collect()
    tracemalloc.start()
    for event in events:
        for message in decoder.feed(event):
            list(ear.hear(message))
    gc.collect()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(ear.tracker.live()) == LIVE
    return size / LIVE / 1024


def run() -> list[Ratio | Figure]:
    """As an unfiltered account is sent it, and as ours is."""
    results: list[Ratio | Figure] = []
    for lean, sends in ((False, "an unfiltered account"), (True, "our account")):
        parts, count = chunks(100, lean=lean)
        results.append(
            in_turn(
                f"AMI decode and track, events as {sends} is sent them",
                baseline=partial(panoramisk_decodes, parts, count),
                ours=partial(_tracks, parts, count),
                unit="events",
                target=1,
            )
        )
    results.append(Figure("memory per live call", _kib_a_call(), "KiB", at_most=20))
    return results
