"""A whole web server on loopback over a real SQLite store; the telephone switch is pretended."""

import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import ClientResponse, ClientSession, ClientTimeout, CookieJar, web
from argon2 import PasswordHasher

from config.supervise import Engine
from routing.calls import Call, Offer, Recording, Segment
from routing.desk import Desk
from routing.entry import Entry
from routing.people import SYSTEM, Person, Role, Token
from storage import open_store
from storage.migrate import upgrade
from storage.store import Store
from web.app import Front, create_app, runner, sweep
from web.health import Pulses
from web.keys import Secrets
from web.metrics import Metrics
from web.passwords import Passwords
from web.screens import SWEEP_SECONDS, TABS, Hub
from web.sessions import digest_of

PASSWORD = "correct horse 962200"
NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
SWITCHING = 101
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
PBX_KEY = "the dialplan's key"
METRICS_TOKEN = "the metrics reader's token"
DEVICES = ("PJSIP/8001", "PJSIP/8002", "PJSIP/8003")
PEOPLE: dict[str, tuple[Role, ...]] = {
    "wang": ("agent",),
    "li": ("agent",),
    "zhao": ("supervisor",),
    "root": ("admin",),
    "nobody": (),
}


class Clock:
    """An instant that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **much: float) -> None:
        self.now += timedelta(**much)


class SilentSwitch:
    """Takes every command; what it was told is in `told`."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        self.told.append(("seat", (device, agent, at)))

    def __getattr__(self, name: str) -> Any:
        async def command(*args: Any, **_kwargs: Any) -> None:
            self.told.append((name, args))

        return command


class House:
    """What a test needs of the running server."""

    def __init__(self, url: str, store: Store, desk: Desk, hub: Hub, clock: Clock) -> None:
        self.url = url
        self.store = store
        self.desk = desk
        self.hub = hub
        self.clock = clock
        self.app: web.Application
        self.switch: SilentSwitch
        self.pulses: Pulses
        self.sounds: Path
        self._stack: AsyncExitStack

    async def client(self, **headers: str) -> ClientSession:
        """An HTTP client with these headers, without credentials."""
        session = ClientSession(
            self.url,
            headers=headers,
            cookie_jar=CookieJar(unsafe=True),
            timeout=ClientTimeout(total=20),
            raise_for_status=_read_whole,
        )
        return await self._stack.enter_async_context(session)

    async def program(self, person: str) -> ClientSession:
        """A client with a bearer token of this person."""
        secret = f"token-of-{person}"
        if await self.store.people.token(digest_of(secret)) is None:
            owner = await self.store.people.get(person)
            assert owner is not None
            token = Token(f"{person}-token", digest_of(secret), owner, self.clock())
            await self.store.people.add_token(token, by=SYSTEM, at=self.clock())
        return await self.client(Authorization=f"Bearer {secret}")

    async def browser(self, person: str) -> ClientSession:
        """A signed-in browser on a page of ours."""
        client = await self.client(Origin=self.url)
        answer = await client.post(
            "/login", data={"name": person, "password": PASSWORD}, allow_redirects=False
        )
        assert answer.status == 303, await answer.text()
        return client

    async def csrf(self, browser: ClientSession) -> str:
        """The token that the browser's forms carry."""
        session = await self.store.people.session(digest_of(cookie_of(browser)))
        assert session is not None
        return session.csrf

    async def keep(self, call: Call) -> None:
        """Write a call as telephony's observer would."""
        await self.store.calls.record(
            call, "ended" if call.state == "ended" else "answered", at=self.clock()
        )


async def _read_whole(answer: ClientResponse) -> None:
    """Read every answer at once, so that no test leaves a connection open by not reading it."""
    if answer.status != SWITCHING:
        await answer.read()


def cookie_of(browser: ClientSession) -> str:
    """The secret in the browser's session cookie."""
    return next(cookie.value for cookie in browser.cookie_jar if cookie.key == "hotline")


@asynccontextmanager
async def open_house(folder: Path, **front: Any) -> AsyncIterator[House]:
    """Everything started on a free port, and stopped at the end."""
    tabs, hasher = front.pop("tabs", TABS), front.pop("hasher", CHEAP)
    clock, address = Clock(), f"sqlite:///{folder / 'hotline.db'}"
    await upgrade(address)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(address, clock=clock))
        for person, roles in PEOPLE.items():
            await store.people.add(
                Person(person, person.title(), roles),
                password_hash=hasher.hash(PASSWORD),
                by=SYSTEM,
                at=clock(),
            )
        listening = socket.create_server(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        counted, pulses, switch = Metrics(), Pulses(clock), SilentSwitch()
        hub = Hub(clock=clock, counted=counted, tabs=tabs)
        desk = Desk(store=store, switch=switch, screens=hub, clock=clock, devices=DEVICES)
        house = House(url, store, desk, hub, clock)
        house.switch, house.pulses, house._stack = switch, pulses, stack
        house.sounds = folder / "sounds"
        house.sounds.mkdir()
        house.app = create_app(
            msgspec.structs.replace(
                Front(origins=(url,), secrets=Secrets(PBX_KEY, METRICS_TOKEN)), **front
            ),
            store=store,
            desk=desk,
            entry=Entry(calls=store.calls, seats=desk.seats, clock=clock, extensions={"8001"}),
            hub=hub,
            counted=counted,
            pulses=pulses,
            clock=clock,
            passwords=Passwords(hasher),
            sound_file=lambda recording: house.sounds / f"{recording.id}.wav",
        )
        served = runner(house.app)
        await served.setup()
        stack.push_async_callback(served.cleanup)
        await web.SockSite(served, listening).start()
        engine = Engine(pulses)
        engine.every(SWEEP_SECONDS, "screens", lambda: sweep(house.app))
        stack.push_async_callback(engine.stop)
        yield house


def a_call(call_id: str, *, agent: str = "wang", minutes: float = 0, **more: Any) -> Call:
    """A call of this agent, `minutes` after noon, two minutes long."""
    began = NOON + timedelta(minutes=minutes)
    return msgspec.structs.replace(
        Call(
            id=call_id,
            linkedid=f"pbx-{call_id}",
            way="962200",
            started_at=began,
            state="ended",
            citizen_number="13800138000",
            citizen_e164="+8613800138000",
            citizen_name="张三",
            answered_at=began + timedelta(seconds=10),
            ended_at=began + timedelta(minutes=2),
            outcome="answered",
            talk_seconds=110.0,
            offers=(Offer(agent, "PJSIP/8001", began + timedelta(seconds=5), "answered"),),
            segments=(
                Segment(
                    agent,
                    "PJSIP/8001",
                    began + timedelta(seconds=10),
                    began + timedelta(minutes=2),
                ),
            ),
        ),
        **more,
    )


def a_recording(recording_id: str, **more: Any) -> Recording:
    """A closed recording."""
    return msgspec.structs.replace(
        Recording(recording_id, NOON, seconds=2.0, state="closed"), **more
    )
