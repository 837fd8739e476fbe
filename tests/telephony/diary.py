"""An exchange on a scripted peer, and a diary of what its ear and its listener were told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any

from routing.happenings import Happening, LinkChanged
from routing.seats import Member
from telephony.exchange import Exchange, Pace
from telephony.link import Address
from telephony.wire import Message
from tests.telephony.links import address
from tests.telephony.peer import Peer

PACE = Pace(ping=0.1, answer=0.5, boot=0.3, retry=0.02, longest_retry=0.05, refused=0.3)
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


class Diary:
    """An ear that writes down in which order it was told what."""

    def __init__(self, *wanted: str) -> None:
        self.wanted = frozenset(wanted or ("UserEvent",))
        self.lines: list[str] = []
        self.heard: list[Message] = []
        self.since: list[datetime] = []
        self.asked_at: list[datetime] = []
        self.calls: set[str] = set()
        self.unreadable = False
        self.happens: list[Happening] = []
        self.seats: list[tuple[str, str | None, datetime]] = []

    def hear(self, message: Message) -> Iterable[Happening]:
        self.heard.append(message)
        self.lines.append(f"heard {message.get('N') or message.name}")
        return ()

    def cut(self, at: datetime) -> Iterable[Happening]:
        self.lines.append(f"cut {at.timestamp()}")
        return ()

    def written(self, since: datetime) -> Sequence[str]:
        self.since.append(since)
        if self.unreadable:
            raise PermissionError("Master.csv")
        return ["row"]

    def fill(self, written: Sequence[Any]) -> Iterable[Happening]:
        self.lines.append(f"filled {written}")
        return self.happens

    def settle(self, lists: Sequence[Message], *, asked_at: datetime) -> Iterable[Happening]:
        self.lines.append(f"settled {sum(m.name.endswith('Complete') for m in lists)} lists")
        self.asked_at.append(asked_at)
        return ()

    def knows(self, call_id: str) -> bool:
        return call_id in self.calls

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        self.seats.append((device, agent, at))


@contextlib.asynccontextmanager
async def conversation(
    where: Peer | Address,
    *,
    diary: Diary | None = None,
    members: Sequence[Member] = (),
    seen_until: datetime | None = None,
    pace: Pace = PACE,
) -> AsyncIterator[tuple[Exchange, Diary]]:
    """An exchange that runs, with what its ear and its listener are told in one diary."""
    diary = diary or Diary()

    def tell(happening: Happening) -> None:
        if happening in diary.happens:
            raise LookupError("nobody knows 13800138000")
        assert isinstance(happening, LinkChanged)
        diary.lines.append("up" if happening.up else f"down: {happening.reason}")

    exchange = Exchange(
        address(where) if isinstance(where, Peer) else where,
        ear=diary,
        tell=tell,
        clock=lambda: NOON,
        members_wanted=lambda: members,
        seen_until=seen_until,
        pace=pace,
    )
    task = asyncio.create_task(exchange.run())
    try:
        yield exchange, diary
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
