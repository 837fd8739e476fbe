"""The product's own telephony beside the rig: exchange, tracker, switch, as in the server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime

from routing.calls import Call, Way
from routing.happenings import CallStepped, Happening
from telephony.calls import Tracker
from telephony.ear import Hearing
from telephony.exchange import Exchange
from telephony.link import Address
from telephony.switch import AsteriskSwitch
from tests.pbx.rig import SECRET, Rig


@dataclass
class Product:
    exchange: Exchange
    told: list[Happening]

    def call(self, call_id: str) -> Call:
        """The last that was told about a call."""
        return self.steps(call_id)[-1].call

    def steps(self, call_id: str) -> list[CallStepped]:
        return [one for one in self.told if isinstance(one, CallStepped) and one.call.id == call_id]

    def switch(self, rig: Rig, queue: str) -> AsteriskSwitch:
        """The desk's commands, for one queue."""
        plan = rig.asterisk.plan
        return AsteriskSwitch(
            self.exchange,
            trunks=[f"PJSIP/{trunk.name}" for trunk in plan.trunks],
            outbound_trunk=plan.outbound_trunk,
            devices=[f"PJSIP/{device.name}" for device in plan.devices],
            queue=queue,
            ring_seconds=4,
        )


@asynccontextmanager
async def listening(rig: Rig, trunks: Mapping[str, Way]) -> AsyncIterator[Product]:
    """Connected and in step with the rig's Asterisk."""
    told: list[Happening] = []
    address = Address("127.0.0.1", rig.ports.ami, "hotline", SECRET)
    exchange = Exchange(
        address,
        ear=Hearing(Tracker(trunks=trunks), clock=_now, cel=rig.cel),
        tell=told.append,
        clock=_now,
        members_wanted=tuple,
        queue="nobody's",
    )
    running = asyncio.ensure_future(exchange.run())
    try:
        await asyncio.wait_for(exchange.until_up(), 15)
        yield Product(exchange, told)
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def _now() -> datetime:
    return datetime.now(UTC)
