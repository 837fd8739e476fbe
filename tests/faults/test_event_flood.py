"""More events than anybody consumes: nothing is lost or out of order, memory stays bounded."""

import asyncio
import tracemalloc

import pytest

from routing.happenings import Happening
from telephony.exchange import Pace
from telephony.link import Link
from telephony.wire import Message
from tests.telephony.diary import Diary, conversation
from tests.telephony.links import WANTED, address
from tests.telephony.peer import running, until

PADDING = "x" * 900  # an event is about a kilobyte


async def pour(peer: object, count: int) -> None:
    """So many numbered events as fast as the socket takes them."""
    writer = peer._writers[-1]  # type: ignore[attr-defined]
    for number in range(count):
        writer.write(f"Event: UserEvent\r\nN: {number}\r\nData: {PADDING}\r\n\r\n".encode())
        if number % 50 == 0:
            await writer.drain()


@pytest.mark.parametrize(
    "count", [20_000, pytest.param(300_000, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
async def test_a_consumer_that_stands_still_makes_asterisk_wait_and_loses_nothing(
    count: int,
) -> None:
    async with running() as peer:
        link = await Link.open(address(peer), wanted=WANTED, full=1000)
        tracemalloc.start()
        pouring = asyncio.create_task(pour(peer, count))
        assert await until(lambda: link.inbox.is_paused)
        await asyncio.sleep(0.3)
        held, _ = tracemalloc.get_traced_memory()
        waiting = len(link.inbox)
        tracemalloc.stop()
        assert not pouring.done()
        # One read of the socket (256 KiB) may come on top of what is full.
        assert waiting < 1000 + 400
        assert held < 16 << 20
        numbers: list[int] = []
        consuming = asyncio.create_task(
            link.inbox.consume(lambda message: numbers.append(int(message.get("N") or "")))
        )
        assert await until(lambda: len(numbers) == count, seconds=count / 1000)
        await pouring
        assert numbers == list(range(count))
        await link.close()
        await consuming


async def test_a_flood_leaves_others_their_turn_and_does_not_look_like_a_frozen_asterisk() -> None:
    class Slow(Diary):
        """An ear that takes a fifth of a millisecond for each event."""

        def hear(self, message: Message) -> tuple[Happening, ...]:
            sum(range(10_000))
            self.heard.append(message)
            return ()

    slow = Slow()
    async with (
        running() as peer,
        conversation(peer, diary=slow, pace=Pace(ping=1)) as (exchange, _),
    ):
        await exchange.until_up()
        loop = asyncio.get_running_loop()
        longest, last, turns = 0.0, loop.time(), 0
        pouring = asyncio.create_task(pour(peer, 10_000))
        while len(slow.heard) < 10_000 and exchange.is_up:
            await asyncio.sleep(0)
            longest, last, turns = max(longest, loop.time() - last), loop.time(), turns + 1
        await pouring
        assert exchange.is_up
        assert [m.get("N") for m in slow.heard] == [str(n) for n in range(10_000)]
        assert turns > 20
        assert longest < 1.0
