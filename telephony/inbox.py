"""Messages in their order between the socket and their one consumer; bounded, deaf to its errors.

The socket puts, one task consumes. Above `FULL` waiting messages the socket is told to stop reading
until half of them are gone, so that a slow consumer makes Asterisk wait instead of filling our
memory. What the consumer raises costs that one message, which is logged by name.
"""

import asyncio
import logging
import re
import traceback
from collections import deque
from collections.abc import Callable

from telephony.wire import Message

FULL = 20_000  # messages; about 20 MB, four seconds of the heaviest load measured
_SLICE = 200  # messages taken before other tasks have their turn
_DIGITS = re.compile(r"\d{7,}")

log = logging.getLogger(__name__)


class Inbox:
    """The ordered, bounded queue of one connection.

    Args:
        pause: called when it is full; stop reading.
        resume: called when there is room again.
        full: how many messages are too many.
    """

    def __init__(
        self, *, pause: Callable[[], None], resume: Callable[[], None], full: int = FULL
    ) -> None:
        self._items: deque[Message | Callable[[], None]] = deque()
        self._pause, self._resume, self._full = pause, resume, full
        self._stirred = asyncio.Event()
        self._closed = False
        self.is_paused = False
        self.lost = 0

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Message | Callable[[], None]) -> None:
        """Append a message, or something to do when everything before it has been consumed."""
        self._items.append(item)
        self._stirred.set()
        if len(self._items) >= self._full and not self.is_paused:
            self.is_paused = True
            self._pause()

    def close(self) -> None:
        """Nothing more will come: `consume` returns when the rest is consumed."""
        self._closed = True
        self._stirred.set()

    async def consume(self, take: Callable[[Message], None]) -> None:
        """Give every message to `take`, one after the other, until closed and empty."""
        while self._items or not self._closed:
            if not self._items:
                self._stirred.clear()
                await self._stirred.wait()
            for _ in range(min(len(self._items), _SLICE)):
                self._give(self._items.popleft(), take)
            if self.is_paused and len(self._items) <= self._full // 2:
                self.is_paused = False
                self._resume()
            await asyncio.sleep(0)

    def _give(self, item: Message | Callable[[], None], take: Callable[[Message], None]) -> None:
        try:
            if isinstance(item, Message):
                take(item)
            else:
                item()
        except Exception as error:  # noqa: BLE001 - one event is lost, no other
            self.lost += 1
            name = item.name if isinstance(item, Message) else "resync"
            log.error("lost event %s: %s", name, masked(error))  # noqa: TRY400 - masked by hand


def masked(error: Exception) -> str:
    """The traceback, every telephone number in it masked."""
    text = "".join(traceback.format_exception(error)).rstrip()
    return _DIGITS.sub(lambda digits: digits[0][:3] + "****" + digits[0][-2:], text)
