"""Everything joined: the store, one Asterisk, the desk, the pages, and the tasks between them."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta

import msgspec
from aiohttp import web

from config import memory, parts
from config.settings import Settings
from config.supervise import Engine
from routing.desk import Desk
from routing.entry import Entry
from routing.ports import Clock, Store
from routing.relay import Relay
from routing.settling import Settling
from storage import open_store
from telephony.calls import Tracker
from telephony.ear import Hearing
from telephony.exchange import Exchange
from telephony.recordings import Folder
from telephony.switch import AsteriskSwitch
from web.app import create_app, runner, sweep
from web.bus import Bus
from web.health import Pulses
from web.keys import DemoAccount
from web.metrics import Metrics
from web.screens import SWEEP_SECONDS, Hub

log = logging.getLogger(__name__)

FLOOR_SECONDS = 2.0  # a thousand frames each time, for a figure nobody acts on by the second
MEMBERS_SECONDS = 2.0
RECORDINGS_SECONDS = 2.0
RECORDING_PATIENCE = timedelta(minutes=10)
LAST_WRITES_SECONDS = 5.0

MakeSwitch = Callable[[Exchange, Settings], AsteriskSwitch]


def now() -> datetime:
    """The present instant, UTC."""
    return datetime.now(UTC)


class Server(msgspec.Struct, frozen=True):
    """A server that runs; what tests and the demo look into."""

    url: str
    store: Store
    desk: Desk
    exchange: Exchange
    hub: Hub


@asynccontextmanager
async def running(
    settings: Settings,
    *,
    clock: Clock = now,
    make_switch: MakeSwitch = parts.asterisk_switch,
    demo: Sequence[DemoAccount] = (),
    can_answer: bool = False,
) -> AsyncIterator[Server]:
    """The server, from the opened database to the listening socket, for as long as the block runs.

    Raises StoreUnavailable when the database cannot be used, OSError when the port is taken.
    """
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings.store_address, clock=clock))
        counted, pulses = Metrics(), Pulses(clock)
        hub = Hub(clock=clock, counted=counted)
        exchange = await _exchange(settings, store, clock, lambda: desk)
        desk = Desk(
            store=store,
            switch=make_switch(exchange, settings),
            screens=hub,
            clock=clock,
            devices=parts.devices_of(settings),
        )
        await desk.seats.restore()
        _count(counted, desk)
        folder = Folder(settings.recordings)
        app = create_app(
            parts.front_of(settings, demo, can_answer=can_answer),
            store=store,
            desk=desk,
            entry=_entry(settings, store, desk, clock),
            hub=hub,
            counted=counted,
            pulses=pulses,
            clock=clock,
            sound_file=folder.playable,
        )
        server = Server(
            f"http://{settings.web.host}:{settings.web.port}", store, desk, exchange, hub
        )
        stack.push_async_callback(_finish, desk)
        engine = Engine(pulses)
        stack.push_async_callback(engine.stop)
        _start(engine, server, settings, folder=folder, clock=clock)
        engine.every(SWEEP_SECONDS, "screens", lambda: sweep(app))
        await _listen(stack, settings, app)
        stack.enter_context(memory.calm())
        yield server


async def serve(settings: Settings) -> None:
    """Run until told to stop."""
    async with running(settings) as server:
        log.info("listening on %s", server.url)
        await told_to_stop()


async def told_to_stop() -> None:
    """Return at SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await stop.wait()


async def _exchange(
    settings: Settings, store: Store, clock: Clock, desk: Callable[[], Desk]
) -> Exchange:
    """The conversation with Asterisk, knowing the calls that were under way."""
    tracker = Tracker(trunks={name: trunk.way for name, trunk in settings.trunks.items()})
    unfinished = await store.calls.unfinished()
    tracker.restore(unfinished)
    seen_until = await store.calls.seen_until()
    return Exchange(
        parts.address_of(settings),
        ear=Hearing(tracker, clock=clock, cel=settings.spool.cel),
        tell=lambda happening: desk().on(happening),
        clock=clock,
        members_wanted=lambda: desk().seats.members(),  # noqa: PLW0108 - the desk comes later
        queue=settings.asterisk.queue,
        seen_until=min((call.started_at for call in unfinished), default=seen_until),
        pace=parts.pace_of(settings),
    )


def _count(counted: Metrics, desk: Desk) -> None:
    said = "Call steps that wait for the database"
    counted.gauge("steps_not_written", said, lambda: desk.recorder.backlog)


def _entry(settings: Settings, store: Store, desk: Desk, clock: Clock) -> Entry:
    return Entry(
        calls=store.calls,
        seats=desk.seats,
        clock=clock,
        extensions=set(settings.asterisk.phones),
    )


def _start(
    engine: Engine, server: Server, settings: Settings, *, folder: Folder, clock: Clock
) -> None:
    """Start the tasks that live as long as the server."""
    store, desk, broker = server.store, server.desk, parts.broker_of(settings)
    relay = Relay(store.outbox, server.hub, clock=clock, forgets=broker is None)
    settling = Settling(
        recordings=store.recordings, files=folder, clock=clock, patience=RECORDING_PATIENCE
    )

    async def floor() -> None:
        desk.show_floor()

    engine.run("telephone", server.exchange.run)
    engine.run("relay", relay.run)
    engine.every(RECORDINGS_SECONDS, "recordings", settling.cycle)
    engine.every(FLOOR_SECONDS, "floor", floor)
    engine.every(MEMBERS_SECONDS, "queue members", desk.seats.settle)
    engine.every(memory.EVERY_SECONDS, "memory", memory.collect)
    if broker is not None:
        engine.run("bus", Bus(store.outbox, broker, clock=clock).run)


async def _listen(stack: AsyncExitStack, settings: Settings, app: web.Application) -> None:
    served = runner(app)
    await served.setup()
    stack.push_async_callback(served.cleanup)
    await web.TCPSite(served, settings.web.host, settings.web.port).start()


async def _finish(desk: Desk) -> None:
    for call in await desk.recorder.close(seconds=LAST_WRITES_SECONDS):
        log.error("call %s was not written; Asterisk's CEL has it", call.id)
