"""One real Asterisk for the whole run: its ports, its folders, a stage for every flow.

A flow has a trunk (a source address), a queue and three phones of its own, so that flows run side
by side in one Asterisk and never take each other's calls.
"""

import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.asterisk import Device, Plan, Queue, Taken, Trunk
from config.asterisk.plan import Source
from config.pbx import fetch, process, prompts
from config.pbx.process import Asterisk

SECRET = "throw-away"
KEY = "dialplan-key"
CARRIER = "127.0.2.1"
RING_SECONDS = 4
PATIENCE = 12
ASSERTED, NOWHERE = Taken("pai"), Taken("none")
ANSWERS = Path(__file__).with_name("answers.py")


@dataclass(frozen=True)
class Setting:
    """What a flow wants of its trunk."""

    source: Source = "direct"
    caller: Taken = ASSERTED
    case: Taken = NOWHERE
    strategy: str = "linear"
    patience: int = PATIENCE


@dataclass(frozen=True)
class Place:
    """Where a flow is: names derived from its number."""

    number: int
    setting: Setting = Setting()

    @property
    def trunk(self) -> str:
        return f"line-{self.number:02}"

    @property
    def queue(self) -> str:
        return f"queue-{self.number:02}"

    @property
    def address(self) -> str:
        return f"127.0.1.{self.number + 1}"

    @property
    def devices(self) -> tuple[str, str, str]:
        return (f"81{self.number:02}", f"82{self.number:02}", f"83{self.number:02}")


@dataclass(frozen=True)
class Ports:
    """A block of free ports."""

    base: int

    @property
    def sip(self) -> int:
        return self.base

    @property
    def ami(self) -> int:
        return self.base + 1

    @property
    def server(self) -> int:
        return self.base + 2

    @property
    def carrier(self) -> int:
        return self.base + 3

    @property
    def rtp(self) -> tuple[int, int]:
        return self.base + 10, self.base + 989


@dataclass
class Rig:
    asterisk: Asterisk
    ports: Ports
    server: subprocess.Popen[bytes]
    asked: Path

    @property
    def cel(self) -> Path:
        return self.asterisk.home / "log/cel-custom/Master.csv"

    @property
    def recordings(self) -> Path:
        return self.asterisk.plan.folders.recordings

    def questions(self) -> list[str]:
        return self.asked.read_text().splitlines() if self.asked.exists() else []


@contextmanager
def standing(places: Sequence[Place], *, devices: Sequence[str] = ()) -> Iterator[Rig]:
    """A running Asterisk with these stages; fetched once into the user's cache."""
    tree = fetch.asterisk(fetch.cache_folder())
    with ExitStack() as undo:
        home = Path(tempfile.mkdtemp(prefix="hotline-pbx-", dir="/tmp"))
        undo.callback(shutil.rmtree, home, ignore_errors=True)
        home.chmod(0o755)
        sounds = home / "prompts"
        prompts.tones_only(sounds)
        ports = Ports(free_block())
        plan = process.plan_for(_plan(places, devices, ports), home, tree, prompts=sounds)
        asked = home / "asked"
        server = subprocess.Popen(
            [sys.executable, str(ANSWERS), str(ports.server), KEY, str(asked)]
        )
        undo.callback(_end, server)
        wait_for_port(ports.server)
        asterisk = Asterisk(tree, home, plan)
        undo.callback(asterisk.stop)
        asterisk.start()
        yield Rig(asterisk, ports, server, asked)


def _plan(places: Sequence[Place], devices: Sequence[str], ports: Ports) -> Plan:
    lines = [
        Trunk(
            place.trunk, place.setting.source, (place.address,), f"sip:{CARRIER}:{ports.carrier}",
            caller=place.setting.caller, case=place.setting.case, queue=place.queue,
        )
        for place in places
    ]  # fmt: skip
    outside = Trunk("trunk-city", "direct", (CARRIER,), f"sip:{CARRIER}:{ports.carrier}",
                    queue=places[0].queue)  # fmt: skip
    names = [*devices, *(name for place in places for name in place.devices)]
    return Plan(
        devices=tuple(Device(name, f"secret-{name}") for name in names),
        trunks=(outside, *lines),
        queues=tuple(
            Queue(
                place.queue, strategy=place.setting.strategy, ring_seconds=RING_SECONDS,
                max_wait_seconds=place.setting.patience, announce_seconds=0,
            )
            for place in places
        ),
        ami_secret=SECRET, server_key=KEY, server=f"http://127.0.0.1:{ports.server}",
        sip_bind=f"127.0.0.1:{ports.sip}", ami_port=ports.ami, media_address="127.0.0.1",
        rtp_from=ports.rtp[0], rtp_to=ports.rtp[1], qualify_seconds=5, transfer_seconds=4,
        preferred_seconds=3, outbound_seconds=5, key_seconds=2,
    )  # fmt: skip


def free_block() -> int:
    """The first of a thousand ports of which nobody uses the ones we name."""
    while True:
        base = random.randrange(20000, 30000, 10)
        try:
            with closing(socket.socket(type=socket.SOCK_DGRAM)) as sip:
                sip.bind(("127.0.0.1", base))
            for port in (base + 1, base + 2):
                with closing(socket.socket()) as listener:
                    listener.bind(("127.0.0.1", port))
        except OSError:
            continue
        return base


def wait_for_port(port: int, *, within: float = 10.0) -> None:
    deadline = time.monotonic() + within
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            assert time.monotonic() < deadline, f"nobody listens on {port}"
            time.sleep(0.05)
        else:
            return


def _end(process_: subprocess.Popen[bytes]) -> None:
    process_.kill()
    process_.wait(10)
