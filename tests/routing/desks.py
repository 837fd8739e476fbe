"""A desk on a real SQLite store, with screens and a switch that remember what they were told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec

from routing.calls import Call, Offer, Segment
from routing.desk import Desk
from routing.frames import Frame
from routing.happenings import CallStepped, Step
from routing.people import Actor, Person
from routing.ports import Store, SwitchUnavailable
from storage import migrate, open_store

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
LI = Person(id="li.na", name="李娜", roles=("agent",))
WANG = Person(id="wang.wei", name="王伟", roles=("agent",))
BY_LI = Actor(person="li.na", address="127.0.0.1", via="page")
BY_WANG = Actor(person="wang.wei", address="127.0.0.1", via="page")
PHONE, OTHER_PHONE = "PJSIP/8001", "PJSIP/8002"


class SettableClock:
    """An instant that moves when told."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now


class RememberedScreens:
    """Every frame with whom it went to."""

    def __init__(self) -> None:
        self.sent: list[tuple[str, Frame]] = []

    def send(self, person_id: str, frame: Frame) -> None:
        self.sent.append((person_id, frame))

    def broadcast(self, frame: Frame) -> None:
        self.sent.append(("*", frame))

    def of(self, person_id: str, kind: type[Frame]) -> list[Any]:
        return [frame for to, frame in self.sent if to == person_id and isinstance(frame, kind)]


class RememberedSwitch:
    """Every command it was given; refuses them all while `gone`."""

    def __init__(self) -> None:
        self.told: list[tuple[Any, ...]] = []
        self.gone = False

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        del at
        self.told.append(("seat", device, agent))

    async def queue_add(self, device: str, name: str, *, paused: bool) -> None:
        self._tell("add", device, name, paused)

    async def queue_pause(self, device: str, *, paused: bool, reason: str) -> None:
        self._tell("pause", device, paused, reason)

    async def queue_remove(self, device: str) -> None:
        self._tell("remove", device)

    async def answer(self, device: str) -> None:
        self._tell("answer", device)

    async def hang_up(self, call_id: str) -> None:
        self._tell("hang_up", call_id)

    def _tell(self, *command: object) -> None:
        if self.gone:
            raise SwitchUnavailable("the link is down")
        self.told.append(command)


class Room(msgspec.Struct, frozen=True):
    """The desk and all it touches."""

    desk: Desk
    store: Store
    screens: RememberedScreens
    switch: RememberedSwitch
    clock: SettableClock


@asynccontextmanager
async def room(folder: Path) -> AsyncIterator[Room]:
    """A desk in an empty house with two telephones."""
    url = f"sqlite:///{folder / 'hotline.db'}"
    await migrate.upgrade(url)
    clock, screens, switch = SettableClock(), RememberedScreens(), RememberedSwitch()
    async with open_store(url, clock=clock) as store:
        desk = Desk(
            store=store,
            switch=switch,  # type: ignore[arg-type]  # the commands a desk gives now
            screens=screens,
            clock=clock,
            devices=[PHONE, OTHER_PHONE],
        )
        yield Room(desk, store, screens, switch, clock)
        assert await desk.recorder.close(seconds=5) == []


def arrived(number: str | None = "13800138000", *, call_id: str = "c-1", **facts: Any) -> Call:
    """A citizen's call in the greeting."""
    return Call(
        **{
            "id": call_id,
            "linkedid": "pbx-1.1",
            "way": "962200",
            "started_at": START,
            "state": "greeting",
            "citizen_number": number,
            **facts,
        }
    )


def ringing(call: Call, device: str, at: datetime) -> Call:
    """The call ringing a device."""
    offers = (*call.offers, Offer(None, device, at))
    return msgspec.structs.replace(call, state="ringing", offers=offers)


def missed(call: Call) -> Call:
    """The call after its last offer went unanswered."""
    last = msgspec.structs.replace(call.offers[-1], outcome="missed")
    return msgspec.structs.replace(call, state="queued", offers=(*call.offers[:-1], last))


def talking(call: Call, device: str, agent: str | None, at: datetime) -> Call:
    """The call with a device's channel in the citizen's bridge."""
    last = msgspec.structs.replace(call.offers[-1], outcome="answered", agent=agent)
    return msgspec.structs.replace(
        call,
        state="talking",
        answered_at=at,
        offers=(*call.offers[:-1], last),
        segments=(*call.segments, Segment(agent, device, at)),
    )


def ended(call: Call, at: datetime, outcome: str) -> Call:
    """The call over."""
    segments = tuple(s if s.until else msgspec.structs.replace(s, until=at) for s in call.segments)
    return msgspec.structs.replace(
        call, state="ended", ended_at=at, outcome=outcome, segments=segments
    )


def step(name: Step, call: Call, at: datetime, device: str | None = None) -> CallStepped:
    """A happening."""
    return CallStepped(name, call, at, device)
