"""The demo on a real Asterisk: fetched without root, our configuration, citizens with phones."""

import asyncio
import hashlib
import os
import random
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from config import wiring
from config.demo import prepare
from config.pbx import fetch, process, prompts, rtp
from config.pbx.citizens import Citizens, Habits, Line, Network, Stand
from config.planned import plan_of
from config.sample import ACCOUNTS, PEOPLE
from config.settings import GivenSettings, Settings

SIP_PORT = 5060
PORTS = 2000
LINES = {
    "trunk-city": Line("127.0.0.2"),
    "trunk-12345": Line("127.0.0.3", case="SH2026-"),
    "trunk-110": Line("127.0.0.4", case="110-"),
}
WAYS = {"trunk-city": "962200", "trunk-12345": "12345", "trunk-110": "110"}
CALLERS = {
    "13800001234": "王小明", "13800002345": "李秀英", "13900004567": "陈桂兰",
    "02162345678": "浦东塘桥居委会", "13700005678": "吴志强", "13611112222": "",
}  # fmt: skip
CLOSED_HOME = Path("/var/tmp/hotline-pbx")  # noqa: S108 - root's Asterisk is nobody and must get in


class _Running(Protocol):
    async def run(self) -> None: ...


@dataclass(frozen=True)
class Demo:
    """A demo that runs: the page, and what a softphone of one's own needs."""

    url: str
    sip: tuple[str, int]
    phones: dict[str, str]

    def how_to_register(self) -> str:
        """For the terminal: one account a line."""
        host, port = self.sip
        accounts = "\n".join(f"  {name}  {password}" for name, password in self.phones.items())
        return (
            f"A SIP softphone of your own: server {host}, port {port}, UDP, codec PCMA or PCMU;\n"
            f"it takes the place of the demo's phone on that table.\n"
            f"  user  password\n{accounts}"
        )


@asynccontextmanager
async def playing(
    folder: Path, *, port: int, habits: Habits | None = None, say: Callable[[str], None] = print
) -> AsyncIterator[Demo]:
    """The demo, from an empty folder to citizens calling, for as long as the block runs.

    Raises `Unusable` when no Asterisk can be had here; its message names the remedy.
    """
    cache = fetch.cache_folder()
    tree = await asyncio.to_thread(fetch.asterisk, cache, say=say)
    sounds = prompts.folder_in(cache)
    voice = await asyncio.to_thread(prompts.find_voice, cache)
    await asyncio.to_thread(prompts.speak_all, sounds, voice)
    home = _home(folder)
    settings = _settings(folder, home, port)
    await prepare(settings)
    names = {device: person.name for person, device in PEOPLE if device}
    plan = process.plan_for(plan_of(settings, names), home, tree, prompts=sounds)
    asterisk = process.Asterisk(tree, home, plan)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(asyncio.to_thread, asterisk.stop)
        await asyncio.to_thread(asterisk.start)
        server = await stack.enter_async_context(wiring.running(settings, demo=ACCOUNTS))
        players = await stack.enter_async_context(asyncio.TaskGroup())
        tasks = [
            players.create_task(one.run())
            for one in _cast(settings, sounds / "demo", habits or Habits())
        ]
        stack.callback(_cancel, tasks)
        phones = {device: secret.get_secret_value() for device, secret in _phones(settings)}
        yield Demo(server.url, ("127.0.0.1", settings.asterisk.sip_port), phones)


def _cast(settings: Settings, speech: Path, habits: Habits) -> list[_Running]:
    """Everybody with a telephone."""
    server = ("127.0.0.1", settings.asterisk.sip_port)
    carrier = settings.asterisk.sip_port + 1
    chance = random.Random()  # noqa: S311 - which citizen calls next
    citizen, agent = (rtp.speech(speech / f"{name}.wav") for name in ("citizen", "agent"))
    common: dict[str, Any] = {"server": server, "habits": habits, "chance": chance}
    tables = [
        Stand(name, secret.get_secret_value(), voice=agent, **common)
        for name, secret in _phones(settings)
    ]
    beyond = [Network(line.address, carrier, voice=citizen, **common) for line in LINES.values()]
    return [*tables, *beyond, Citizens(list(LINES.values()), CALLERS, voice=citizen, **common)]


def _phones(settings: Settings) -> list[tuple[str, Any]]:
    return sorted(settings.asterisk.phones.items())


def _settings(folder: Path, home: Path, port: int) -> Settings:
    sip = _free_block()
    return GivenSettings.model_validate(
        {
            "data_dir": folder,
            "database": {"url": f"sqlite:///{folder / 'demo.db'}"},
            "web": {"port": port},
            "spool": {"here": home, "cel": home / "log/cel-custom/Master.csv"},
            "ami": {"port": sip + 2, "secret": secrets.token_urlsafe(24), "username": "hotline"},
            "trunks": {
                name: {
                    "way": WAYS[name],
                    "match": [line.address],
                    "host": f"{line.address}:{sip + 1}",
                    **({"case": "header", "case_header": "X-Order-Id"} if line.case else {}),
                }
                for name, line in LINES.items()
            },
            "asterisk": {
                "server_url": f"http://127.0.0.1:{port}",
                "key": secrets.token_urlsafe(24),
                "sip_host": "127.0.0.1",
                "sip_port": sip,
                "media_address": "127.0.0.1",
                "rtp_first": sip + 10,
                "rtp_last": sip + PORTS,
                "phones": {device: secrets.token_urlsafe(9) for _, device in PEOPLE if device},
            },
        }
    )


def _free_block() -> int:
    """SIP's own port, or the next one of which it and its neighbours are free."""
    for base in range(SIP_PORT, 65000 - PORTS, 20):
        try:
            for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
                for place in (base, base + 2):
                    with closing(socket.socket(type=kind)) as tried:
                        tried.bind(("127.0.0.1", place))
        except OSError:
            continue
        return base
    raise OSError("no free ports between 5060 and 63000: end what uses them")


def _home(folder: Path) -> Path:
    """Beside the demo's data, unless Asterisk's own user could not get there."""
    folder.mkdir(parents=True, exist_ok=True)
    above = [each for each in folder.absolute().parents if each.exists()]
    closed = os.getuid() == 0 and any(not each.stat().st_mode & 0o001 for each in (folder, *above))
    name = hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:8]
    home = CLOSED_HOME.with_name(f"{CLOSED_HOME.name}-{name}") if closed else folder / "pbx"
    home.mkdir(parents=True, exist_ok=True)
    home.chmod(0o755)
    return home


def _cancel(tasks: list["asyncio.Task[None]"]) -> None:
    for task in tasks:
        task.cancel()
