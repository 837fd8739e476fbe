"""From an AMI event to the frame in the agent's browser, beside bare aiohttp sends.

The whole server as `serve` runs it, with its database, against a far end in another process: AMI
traffic of real calls, and a thousand desks connected. The baseline is an aiohttp server that does
nothing but send a ready-made frame of the same size to one of a thousand websockets when asked.
"""

import asyncio
import hashlib
import json
import resource
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from bench.measure import Figure, Ratio, quantile
from config import wiring
from config.settings import GivenSettings
from routing.people import Actor, Person, Session
from storage import migrate
from web.logs import configure

DESKS = 1_000
RATES = (200, 500)
SECONDS = 8
AFTERWARDS = 1.0  # seconds in which the far end waits for the last pops
STRETCH = 0.3
BY = Actor(person=None, address="", via="command")
FRAME = b'{"type":"pop","n":%d,"pad":"' + b"x" * 480 + b'"}'


class Run(msgspec.Struct):
    """What the far end tells of one run."""

    pops: int
    expected: int
    ms: list[float]
    events_per_second: float
    seconds: float


class Far:
    """The far end's process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def line(self) -> bytes:
        """What it says next."""
        assert self._process.stdout is not None
        return await self._process.stdout.readline()

    async def measure(self, **order: Any) -> tuple[Run, float]:
        """Let it do one run; the share of a core that we used while the traffic ran."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        await self.line()
        began = _cpu()
        run = msgspec.json.decode(await self.line(), type=Run)
        return run, (_cpu() - began) / (run.seconds + AFTERWARDS)


@asynccontextmanager
async def _far_end() -> AsyncIterator[tuple[Far, int]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "bench.far_end",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 26,
    )
    far = Far(process)
    try:
        yield far, json.loads(await far.line())["ami"]
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def _ours(folder: Path) -> AsyncIterator[tuple[int, Run, float]]:
    async with _far_end() as (far, ami):
        settings = GivenSettings.model_validate(
            {
                "data_dir": folder,
                "web": {"port": 8977},
                "spool": {"here": folder},
                "ami": {"port": ami, "secret": "bench"},
                "asterisk": {"phones": {str(8001 + n): "bench" for n in range(DESKS)}},
            }
        )
        settings.recordings.mkdir(parents=True)
        await migrate.upgrade(settings.store_address)
        async with wiring.running(settings) as server:
            desks = [await _sit(server, n) for n in range(DESKS)]
            for rate in RATES:
                for _ in range(2):
                    run, core = await far.measure(
                        url=f"{server.url}/ws",
                        desks=desks,
                        calls=rate * SECONDS,
                        rate=rate,
                        agents=DESKS,
                        stretch=STRETCH,
                        settle=3,
                        bare=None,
                        recordings=str(settings.recordings),
                    )
                    yield rate, run, core


async def _sit(server: wiring.Server, n: int) -> dict[str, str]:
    """Seat the n-th agent and give the headers of their browser."""
    now = datetime.now(UTC)
    secret = f"bench-{n}-" + "x" * 32
    person = Person(id=f"agent{n}", name=f"Agent {n}", roles=("agent",))
    session = Session(hashlib.sha256(secret.encode()).hexdigest(), person, "csrf", now, now)
    await server.store.people.add(person, password_hash="-", by=BY, at=now)  # noqa: S106
    await server.store.people.open_session(session, by=BY)
    await server.desk.sign_in(person, f"PJSIP/{8001 + n}", by=BY)
    await server.desk.ready(person, by=BY)
    return {"Cookie": f"hotline={secret}", "Origin": server.url}


async def _bare() -> AsyncIterator[tuple[int, Run, float]]:
    sockets: list[web.WebSocketResponse] = []

    async def connect(request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(compress=False)
        await socket.prepare(request)
        sockets.append(socket)
        await socket.receive()
        return socket

    async def ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            n = int(line)
            await sockets[n % len(sockets)].send_str((FRAME % n).decode())
        writer.close()

    app = web.Application()
    app.router.add_get("/ws", connect)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 8978).start()
    asked = await asyncio.start_server(ask, "127.0.0.1", 0)
    async with _far_end() as (far, _):
        for rate in RATES:
            run, core = await far.measure(
                url="http://127.0.0.1:8978/ws",
                desks=[{}] * DESKS,
                calls=rate * SECONDS,
                rate=rate,
                settle=3,
                recordings=None,
                bare=asked.sockets[0].getsockname()[1],
            )
            sockets.clear()
            yield rate, run, core
    asked.close()
    await runner.cleanup()


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def run() -> list[Ratio | Figure]:
    """Bare sends first, then the whole server, at each rate."""
    configure(level="error")
    results: list[Ratio | Figure] = []
    bare: dict[int, float] = {}
    async for rate, found, core in _bare():
        bare[rate] = quantile(found.ms, 0.5)
        results.append(
            Figure(f"bare send, {rate}/s, p99", quantile(found.ms, 0.99), "ms", at_most=10)
        )
        results.append(Figure(f"bare send, {rate}/s, share of a core", core, "", at_most=0.4))
    with tempfile.TemporaryDirectory() as name:
        async for rate, found, core in _ours(Path(name)):
            label = f"pop, {rate} calls/s ({found.events_per_second:,.0f} events/s)"
            half, most = quantile(found.ms, 0.5), quantile(found.ms, 0.99)
            limit = 10 if rate == RATES[0] else 50
            results += [
                Figure(f"{label}, pops shown of 100", 100 * found.pops / found.expected, "", 100),
                Figure(f"{label}, p50", half, "ms", at_most=1),
                Figure(f"{label}, p50 over the bare send's", half / bare[rate], "x", at_most=10),
                Figure(f"{label}, p99", most, "ms", at_most=limit),
                Figure(f"{label}, share of a core", core, "", at_most=0.4 * rate / RATES[0]),
            ]
    return results
