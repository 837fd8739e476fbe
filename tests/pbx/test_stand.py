"""The demo's phones beside one's own."""

import asyncio
import random
from contextlib import suppress

import pytest

from config.pbx.citizens import Habits, Stand
from config.pbx.phone import Phone
from config.pbx.rtp import SILENCE
from config.pbx.sip import uri
from tests.pbx.conftest import CROWD, Performance

pytestmark = pytest.mark.pbx

LOOK = 0.3
NAME = CROWD[0]


async def test_a_softphone_of_ones_own_takes_the_place_of_the_demos(
    performance: Performance,
) -> None:
    """And keeps it, until it signs off."""
    server = ("127.0.0.1", performance.rig.ports.sip)
    password = f"secret-{NAME}"
    stand = Stand(NAME, password, server=server, voice=SILENCE, habits=Habits(look=LOOK),
                  chance=random.Random(1))  # fmt: skip
    own = await Phone(NAME, server=server, password=password).open("127.0.0.1")
    running = asyncio.ensure_future(stand.run())
    try:
        await asyncio.sleep(3 * LOOK)
        (demos,) = await own.bindings()
        assert uri(demos).split(";")[0] != uri(own.contact)
        await own.register()
        await asyncio.sleep(5 * LOOK)
        assert [uri(one).split(";")[0] for one in await own.bindings()] == [uri(own.contact)]
        await own.register(seconds=0)
        await asyncio.sleep(4 * LOOK)
        assert len(await own.bindings()) == 1
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        own.close()
