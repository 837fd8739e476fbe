"""The telephone side as it runs: exchange, tracker and switch on a real Asterisk with phones."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from config.pbx.leg import Leg
from config.pbx.phone import Phone
from routing.calls import Call
from routing.happenings import Happening
from routing.seats import Member
from telephony.calls import Tracker
from telephony.ear import Hearing
from telephony.exchange import Exchange, Pace
from telephony.switch import AsteriskSwitch
from tests.faults.rig import Rig
from tests.telephony.peer import until

QUICK = Pace(ping=0.5, answer=3, boot=10, retry=0.1, longest_retry=0.5)
SIGNED_IN = (
    Member("PJSIP/8001", "王小明", paused=False),
    Member("PJSIP/8002", "张三", paused=False),
)


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Floor:
    tracker: Tracker
    exchange: Exchange
    switch: AsteriskSwitch
    told: list[Happening] = field(default_factory=list)

    async def up(self, seconds: float = 15) -> None:
        await asyncio.wait_for(self.exchange.until_up(), seconds)

    async def one(self, claim: Callable[[Call], object], seconds: float = 10) -> Call:
        """The only call there is, once the claim holds for it."""
        found = await until(
            lambda: any(claim(call) for call in self.tracker.calls()), seconds=seconds
        )
        assert found, self.tracker.calls()
        [call] = self.tracker.calls()
        return call


@contextlib.asynccontextmanager
async def floor(
    rig: Rig,
    *,
    port: int | None = None,
    members: Sequence[Member] = SIGNED_IN,
    known: Sequence[Call] = (),
    seen_until: datetime | None = None,
    pace: Pace = QUICK,
) -> AsyncIterator[Floor]:
    tracker = Tracker()
    tracker.restore(known)
    told: list[Happening] = []
    exchange = Exchange(
        rig.address(port),
        ear=Hearing(tracker, clock=now, cel=rig.cel, zone=UTC),
        tell=told.append,
        clock=now,
        members_wanted=lambda: members,
        seen_until=seen_until,
        pace=pace,
    )
    switch = AsteriskSwitch(
        exchange,
        trunks=["PJSIP/trunk-city", "PJSIP/trunk-12345", "PJSIP/trunk-110"],
        outbound_trunk="trunk-city",
        devices=["PJSIP/8001", "PJSIP/8002"],
    )
    running = asyncio.create_task(exchange.run())
    try:
        yield Floor(tracker, exchange, switch, told)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def answering(phone: Phone, *, after: float = 0.1, legs: list[Leg] | None = None) -> None:
    """The phone picks up by itself, every time."""
    tasks: set[asyncio.Task[None]] = set()

    async def pick_up(leg: Leg) -> None:
        await asyncio.sleep(after)
        if leg.state == "ringing":
            await leg.answer()

    def ring(leg: Leg) -> None:
        leg.ring()
        if legs is not None:
            legs.append(leg)
        task = asyncio.create_task(pick_up(leg))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    phone.on_call = ring
