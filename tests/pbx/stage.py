"""What a flow's script works with: its citizens, its agents, the switch, the outside network."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from config.pbx import rtp
from config.pbx.leg import Leg
from config.pbx.phone import Phone
from telephony.switch import AsteriskSwitch
from tests.pbx.manager import Event, Manager
from tests.pbx.rig import CARRIER, Place, Rig

AGENT_TONE = 1900


def citizen_tone(number: int) -> int:
    """Every flow's citizen sings another note, so that a recording tells whose it is."""
    return 505 + 20 * number  # clear of the 450 Hz that a ringing telephone sounds like


@dataclass
class Outside:
    """The telephone network: what a number does when it is called."""

    phone: Phone
    behaviour: dict[str, Callable[[Leg], None]] = field(default_factory=dict)
    called: list[Leg] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    async def open(cls, rig: Rig) -> "Outside":
        server = ("127.0.0.1", rig.ports.sip)
        phone = Phone("carrier", server=server, audio=rtp.tone(2100))
        await phone.open(CARRIER, rig.ports.carrier)
        outside = cls(phone)
        phone.on_call = outside.take
        return outside

    def take(self, leg: Leg) -> None:
        assert leg.offered is not None
        self.called.append(leg)
        number = leg.offered.uri.split(":")[1].split("@")[0]
        self.behaviour.get(number, _unknown_number)(leg)
        self.news.set()

    async def picked_up(self, number: str, *, within: float = 10.0) -> Leg:
        """The call to a number, once it was answered."""
        async with asyncio.timeout(within):
            while True:
                for leg in self.called:
                    if (
                        f"sip:{number}@" in (leg.offered.uri if leg.offered else "")
                        and leg.up.is_set()
                    ):
                        return leg
                await asyncio.sleep(0.05)


def answers(leg: Leg) -> None:
    leg.ring()
    leg.phone.keep(asyncio.ensure_future(_answer_soon(leg)))


def rings(leg: Leg) -> None:
    leg.ring()


def busy(leg: Leg) -> None:
    leg.reject(486, "Busy Here")


def congested(leg: Leg) -> None:
    leg.reject(503, "Service Unavailable")


def dead(leg: Leg) -> None:
    """Not a word."""


def _unknown_number(leg: Leg) -> None:
    leg.reject(404, "Not Found")


async def _answer_soon(leg: Leg) -> None:
    await asyncio.sleep(0.3)
    await leg.answer()


@dataclass
class Stage:
    rig: Rig
    place: Place
    manager: Manager
    outside: Outside
    switch: AsteriskSwitch
    phones: list[Phone] = field(default_factory=list)

    async def phone(self, which: int, *, signed_in: bool = True) -> Phone:
        """The stage's agent number `which`, registered and, if asked, in the queue."""
        name = self.place.devices[which]
        phone = Phone(
            name, server=self._server, password=f"secret-{name}", audio=rtp.tone(AGENT_TONE)
        )
        self.phones.append(await phone.open("127.0.0.1"))
        assert await phone.register() == 200
        if signed_in:
            await self.switch.queue_add(f"PJSIP/{name}", name, paused=False)
        return phone

    async def agents(self, count: int = 1) -> list[Phone]:
        return [await self.phone(which) for which in range(count)]

    async def citizen(
        self, *, caller: str = "", shown: str = "", headers: Sequence[tuple[str, str]] = ()
    ) -> Leg:
        """A citizen's call to the hotline, under way."""
        phone = await self.citizen_phone(caller)
        return await phone.call("962200", shown=shown, headers=headers)

    async def citizen_phone(self, caller: str = "") -> Phone:
        """A telephone behind the stage's trunk."""
        tone = rtp.tone(citizen_tone(self.place.number))
        phone = Phone(caller or self.number, server=self._server, audio=tone)
        self.phones.append(await phone.open(self.place.address))
        return phone

    async def talk(self, *phones: Phone, seconds: float = 1.0) -> tuple[Leg, Leg]:
        """A citizen and the first of the agents, in conversation."""
        leg = await self.citizen()
        agent = await phones[0].rung()
        await asyncio.sleep(0.3)
        await agent.answer()
        await asyncio.sleep(seconds)
        return leg, agent

    async def rate(self, leg: Leg, digit: str) -> None:
        """Wait for the survey, press a key, wait for the end."""
        await asyncio.sleep(0.8)
        leg.press(digit)
        await self.over(leg)

    async def over(self, *legs: Leg, within: float = 15.0) -> None:
        async with asyncio.timeout(within):
            for leg in legs:
                await leg.over.wait()

    async def pause(self, phone: Phone, *, paused: bool = True) -> None:
        """The agent takes a break, or comes back."""
        await self.switch.queue_pause(f"PJSIP/{phone.name}", paused=paused, reason="break")

    async def call_id(self, leg: Leg) -> str:
        """The product's id of a citizen's call, by the SIP dialog it came in."""
        event = await self.manager.see(
            "UserEvent", UserEvent="HotlineInbound", SipCallId=leg.call_id
        )
        return event["CallId"]

    async def channel(self, device: str) -> str:
        """The youngest channel of a device or trunk."""
        name = f"PJSIP/{device}-"

        def found() -> list[Event]:
            born = self.manager.find("Newchannel")
            return [event for event in reversed(born) if event["Channel"].startswith(name)]

        return (await self.manager.until(found, 5, name))["Channel"]

    async def do(self, action: str, **fields: str) -> Event:
        answer = await self.manager.do(action, **fields)
        assert answer["Response"] == "Success", (action, fields, answer)
        return answer

    @property
    def number(self) -> str:
        return f"138000000{self.place.number:02}"

    @property
    def _server(self) -> tuple[str, int]:
        return ("127.0.0.1", self.rig.ports.sip)

    async def clear(self) -> None:
        """End what is left of the calls; the phones stay registered, as on a desk."""
        for phone in self.phones:
            await phone.hang_up_all()

    def close(self) -> None:
        for phone in self.phones:
            phone.close()
