"""Recordings are settled once their call has ended; playback is journalled."""

import msgspec
import pytest

from regulation.refusal import Refusal
from routing.calls import Recording
from storage.store import Store
from tests.storage.values import LI, NOW, after, call, talked

SETTLED = Recording("c1-sound", NOW, seconds=59.5, state="repaired", bridged=((5.0, 59.5),))


async def test_recordings_of_ended_calls_wait_to_be_settled(store: Store) -> None:
    """A call that goes on is still being recorded."""
    await store.calls.record(call("live"), "offered", at=after(2))
    await store.calls.record(talked(call()), "ended", at=after(60))
    closed = Recording("c1-sound", NOW, seconds=60.0, state="closed")
    assert list(await store.recordings.unsettled()) == [("c1", closed)]
    await store.recordings.settle(SETTLED, size=952_044, sha256="ab", at=after(61))
    assert list(await store.recordings.unsettled()) == []
    assert await store.recordings.get("c1-sound") == ("c1", SETTLED)


async def test_settling_is_told_as_an_amendment_of_the_call(store: Store) -> None:
    """Screens learn that it can be played."""
    await store.calls.record(talked(call()), "ended", at=after(60))
    await store.recordings.settle(SETTLED, size=952_044, sha256="ab", at=after(61))
    *_, told = await store.outbox.pending(after=0, limit=9)
    assert (told.topic, told.key) == ("hotline/v1/calls/c1/amended", "call:c1:2")
    whole = msgspec.structs.replace(talked(call()), recordings=(SETTLED,))
    assert msgspec.convert(msgspec.json.decode(told.body)["call"], type(whole)) == whole


async def test_a_recording_that_nobody_made_is_refused(store: Store) -> None:
    """By settling and by playing it."""
    assert await store.recordings.get("../../etc/passwd") is None
    for attempt in (
        store.recordings.settle(SETTLED, size=1, sha256="ab", at=NOW),
        store.recordings.played("c1-sound", by=LI, at=NOW),
    ):
        with pytest.raises(Refusal) as refused:
            await attempt
        assert (refused.value.code, refused.value.status) == ("recording.unknown", 404)
