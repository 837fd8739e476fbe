"""A real Asterisk to be ill-treated: its phones, a citizen, and a wire that can be cut."""

import asyncio
import contextlib
import random
import shutil
import socket
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from config.asterisk import Device, Plan, Trunk
from config.pbx import fetch, prompts
from config.pbx.phone import Phone
from config.pbx.process import Asterisk, plan_for
from config.pbx.rtp import SILENCE
from telephony.link import Address

CITY = "127.0.0.2"  # where the carrier of 962200 sends from
SECRET = "a-secret-of-this-test"
AGENTS = ("8001", "8002")


@dataclass
class Rig:
    """A running Asterisk and what belongs to it."""

    asterisk: Asterisk
    sip: tuple[str, int]
    carrier: tuple[str, int]
    phones: list[Phone] = field(default_factory=list)

    def address(self, port: int | None = None) -> Address:
        plan = self.asterisk.plan
        return Address("127.0.0.1", port or plan.ami_port, plan.ami_user, SECRET)

    @property
    def cel(self) -> Path:
        return self.asterisk.plan.folders.log / "cel-custom/Master.csv"

    async def agent(self, name: str) -> Phone:
        phone = await Phone(name, server=self.sip, password=f"pw-{name}").open()
        self.phones.append(phone)
        assert await phone.register() == 200
        return phone

    async def citizen(self, number: str, *, audio: bytes = SILENCE) -> Phone:
        """Somebody behind the city's carrier."""
        phone = await Phone(number, server=self.sip, audio=audio).open(CITY, 0)
        self.phones.append(phone)
        return phone

    async def far_end(self) -> Phone:
        """The carrier's other end: where outbound calls ring."""
        phone = await Phone("far", server=self.sip).open(*self.carrier)
        self.phones.append(phone)
        return phone

    async def lay_down(self) -> None:
        """Every phone is put away."""
        for phone in self.phones:
            with contextlib.suppress(Exception):
                await asyncio.wait_for(phone.hang_up_all(), 2)
                if phone.name in AGENTS:
                    await asyncio.wait_for(phone.register(seconds=0), 2)
            phone.close()
        self.phones.clear()
        for _ in range(50):
            if "0 active channels" in await asyncio.to_thread(
                self.asterisk.ask, "core show channels count"
            ):
                return
            await asyncio.sleep(0.1)
        raise AssertionError("channels are left over")


@contextlib.contextmanager
def rig() -> Iterator[Rig]:
    """An Asterisk with three trunks and two phones on free ports, gone afterwards."""
    cache = fetch.cache_folder()
    tree = fetch.asterisk(cache)
    home = Path(tempfile.mkdtemp(prefix="hotline-faults-"))
    home.chmod(0o755)
    sip, carrier, media = free_port(udp=True), free_port(udp=True), random.randrange(40, 54)
    plan = Plan(
        devices=tuple(Device(name, f"pw-{name}") for name in AGENTS),
        trunks=(
            Trunk("trunk-city", "direct", (CITY,), f"sip:{CITY}:{carrier}"),
            Trunk("trunk-12345", "12345", ("127.0.0.3",), "sip:127.0.0.3:5060"),
            Trunk("trunk-110", "110", ("127.0.0.4",), "sip:127.0.0.4:5060"),
        ),
        ami_secret=SECRET,
        server_key="key-of-this-test",
        server=f"http://127.0.0.1:{free_port()}",
        sip_bind=f"127.0.0.1:{sip}",
        media_address="127.0.0.1",
        ami_port=free_port(),
        rtp_from=media * 1000,
        rtp_to=media * 1000 + 998,
    )
    voice = prompts.find_voice(cache)
    prompts.tones_only(home / "prompts", voice.convert)
    asterisk = Asterisk(tree, home, plan_for(plan, home, tree, prompts=home / "prompts"))
    try:
        asterisk.start()
        yield Rig(asterisk, ("127.0.0.1", sip), (CITY, carrier))
    finally:
        asterisk.stop()
        shutil.rmtree(home, ignore_errors=True)


def free_port(*, udp: bool = False) -> int:
    with socket.socket(type=socket.SOCK_DGRAM if udp else socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Wire:
    """A TCP way to an Asterisk's AMI that can be cut, mute, or chop what it carries."""

    def __init__(self, target: int, *, piece: int = 65536) -> None:
        self.target = target
        self.piece = piece
        self.port = 0
        self.is_cut = False
        self.sent = b""
        self.mute_after: bytes | None = None
        self._muted = False
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.cut()
        if self._server:
            self._server.close()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self._server.wait_closed()

    def cut(self) -> None:
        """No connection is left and none is made until `mend`."""
        self.is_cut = True
        for writer in self._writers:
            writer.transport.abort()
        self._writers.clear()

    def mend(self) -> None:
        self.is_cut, self._muted = False, False

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            there, thither = await asyncio.open_connection("127.0.0.1", self.target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, thither}
        await asyncio.gather(self._up(reader, thither), self._down(there, writer))
        self._writers -= {writer, thither}

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                self.sent += data
                # What is asked still arrives; from then on nothing comes back.
                self._muted = self._muted or (
                    self.mute_after is not None and self.mute_after in data
                )
                writer.write(data)
        writer.transport.abort()

    async def _down(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(self.piece):
                if not self._muted:
                    writer.write(data)
                    await writer.drain()
        writer.transport.abort()
