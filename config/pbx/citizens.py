"""Citizens who call the hotline, agents' phones that answer by themselves, and the network beyond.

Everything here is a SIP telephone with a script; nobody looks into Asterisk.
"""

import asyncio
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from config.pbx.leg import Leg
from config.pbx.phone import NoAnswer, Phone
from config.pbx.sip import uri

REGISTRATION_SECONDS = 60


@dataclass(frozen=True)
class Line:
    """A way in: the address its calls come from, and what its sender puts into the headers."""

    address: str
    case: str = ""  # beginning of the sender's case numbers, empty where there are none


@dataclass(frozen=True)
class Habits:
    """Seconds between citizens, of patience, of ringing, and between looks at one's own account."""

    pause: tuple[float, float] = (15, 40)
    patience: tuple[float, float] = (45, 100)
    ring: tuple[float, float] = (4, 7)
    look: float = 10


class Citizens:
    """One call after the other, by one of the ways in, with a name and a number out of a few.

    A citizen who has talked or waited enough presses a key, which is an answer to the survey, a
    wish to be called back, or nothing, and hangs up.
    """

    def __init__(
        self, lines: Sequence[Line], people: Mapping[str, str], *, server: tuple[str, int],
        voice: bytes, habits: Habits, chance: random.Random,
    ) -> None:  # fmt: skip
        self._lines = lines
        self._people = sorted(people.items())
        self._server = server
        self._voice = voice
        self._habits = habits
        self._chance = chance
        self._called = 0

    async def run(self) -> None:
        """Call until cancelled."""
        async with asyncio.TaskGroup() as calls:
            while True:
                calls.create_task(self._call())
                await asyncio.sleep(self._chance.uniform(*self._habits.pause))

    async def _call(self) -> None:
        line = self._chance.choices(self._lines, weights=range(len(self._lines) + 1, 1, -1))[0]
        number, name = self._chance.choice(self._people)
        phone = Phone(number, server=self._server, audio=self._voice)
        await phone.open(line.address)
        try:
            leg = await phone.call("962200", shown=name, headers=self._headers(line, number, name))
            with suppress(TimeoutError):
                patience = self._chance.uniform(*self._habits.patience)
                await asyncio.wait_for(leg.over.wait(), patience)
            await self._say_goodbye(leg)
        finally:
            phone.close()

    async def _say_goodbye(self, leg: Leg) -> None:
        if leg.state == "up":
            leg.press(self._chance.choice("1123"))
            with suppress(TimeoutError):
                await asyncio.wait_for(leg.over.wait(), 5)
        with suppress(NoAnswer):
            await leg.hang_up()

    def _headers(self, line: Line, number: str, name: str) -> list[tuple[str, str]]:
        if not line.case:
            return []
        self._called += 1
        asserted = f'"{name}" <sip:{number}@{line.address}>'
        return [("P-Asserted-Identity", asserted), ("X-Order-Id", f"{line.case}{self._called:04}")]


class Stand:
    """The phone on an agent's table for as long as nobody brings one: it answers by itself."""

    def __init__(
        self, name: str, password: str, *, server: tuple[str, int], voice: bytes, habits: Habits,
        chance: random.Random,
    ) -> None:  # fmt: skip
        self._phone = Phone(name, server=server, password=password, audio=voice)
        self._phone.on_call = self._take
        self._habits = habits
        self._chance = chance

    async def run(self) -> None:
        """Stay registered until cancelled, but never in the place of somebody's own phone."""
        await self._phone.open("127.0.0.1")
        try:
            while True:
                with suppress(NoAnswer):
                    await self._stay()
                await asyncio.sleep(self._habits.look)
        finally:
            await self._phone.hang_up_all()
            self._phone.close()

    async def _stay(self) -> None:
        others = [there for there in await self._phone.bindings() if not self._is_ours(there)]
        if not others:
            await self._phone.register(seconds=REGISTRATION_SECONDS)

    def _is_ours(self, contact: str) -> bool:
        return uri(contact).split(";")[0] == uri(self._phone.contact)

    def _take(self, leg: Leg) -> None:
        leg.ring()
        self._phone.keep(asyncio.ensure_future(self._answer(leg)))

    async def _answer(self, leg: Leg) -> None:
        await asyncio.sleep(self._chance.uniform(*self._habits.ring))
        if leg.state == "ringing":
            await leg.answer()


class Network:
    """Everybody whom the hotline calls: rings, answers, listens, hangs up."""

    def __init__(
        self, address: str, port: int, *, server: tuple[str, int], voice: bytes, habits: Habits,
        chance: random.Random,
    ) -> None:  # fmt: skip
        self._phone = Phone("network", server=server, audio=voice)
        self._phone.on_call = self._take
        self._place = (address, port)
        self._habits = habits
        self._chance = chance

    async def run(self) -> None:
        """Answer until cancelled."""
        await self._phone.open(*self._place)
        try:
            await asyncio.Event().wait()
        finally:
            await self._phone.hang_up_all()
            self._phone.close()

    def _take(self, leg: Leg) -> None:
        leg.ring()
        self._phone.keep(asyncio.ensure_future(self._answer(leg)))

    async def _answer(self, leg: Leg) -> None:
        await asyncio.sleep(self._chance.uniform(*self._habits.ring))
        if leg.state == "ringing":
            await leg.answer()
            with suppress(TimeoutError):
                await asyncio.wait_for(
                    leg.over.wait(), self._chance.uniform(*self._habits.patience)
                )
            with suppress(NoAnswer):
                await leg.hang_up()
