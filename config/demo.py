"""The demo: the whole product on SQLite beside a simulated Asterisk, with a sample organisation."""

import os
import secrets
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from config import parts, wiring
from config.sample import ACCOUNTS, PEOPLE, settle
from config.settings import GivenSettings, Settings
from regulation.refusal import Refusal
from storage import migrate, open_store
from telephony.exchange import Exchange
from telephony.simulator import Simulator
from telephony.switch import AsteriskSwitch


def default_folder() -> Path:
    """Where the demo keeps its data unless told otherwise."""
    home = os.environ.get("XDG_DATA_HOME")
    return (Path(home) if home else Path.home() / ".local/share") / "hotline" / "demo"


def demo_settings(folder: Path, *, port: int, ami_port: int, secret: str) -> Settings:
    """A demo's settings; its database has a name of its own, so that no real one is opened."""
    return GivenSettings.model_validate(
        {
            "data_dir": folder,
            "database": {"url": f"sqlite:///{folder / 'demo.db'}"},
            "web": {"port": port},
            "spool": {"here": folder / "spool", "cel": folder / "spool/cel/Master.csv"},
            "ami": {"port": ami_port, "secret": secret, "username": "hotline"},
            "asterisk": {
                "server_url": f"http://127.0.0.1:{port}",
                "key": secrets.token_urlsafe(24),
                "phones": {device: secrets.token_urlsafe(12) for _, device in PEOPLE if device},
            },
        }
    )


class DemoSwitch(AsteriskSwitch):
    """The simulated telephones can be picked up from the page; real ones are lifted by hand."""

    def __init__(self, exchange: Exchange, settings: Settings, simulator: Simulator) -> None:
        super().__init__(
            exchange,
            trunks=[f"PJSIP/{name}" for name in settings.trunks],
            outbound_trunk=settings.asterisk.outbound_trunk,
            devices=parts.devices_of(settings),
            queue=settings.asterisk.queue,
        )
        self._simulator = simulator

    async def answer(self, device: str) -> None:
        """Pick up the device that rings; Refusal `switch.nothing_rings` when none does."""
        if not self._simulator.pick_up(device):
            said = f"device: nothing rings at {device}"
            raise Refusal("switch.nothing_rings", said, field="device", status=409)


async def prepare(settings: Settings) -> None:
    """Make the folders and the database, and settle the sample organisation in it."""
    settings.recordings.mkdir(parents=True, exist_ok=True)
    await migrate.upgrade(settings.store_address)
    async with open_store(settings.store_address, clock=wiring.now) as store:
        await settle(store, now=wiring.now())


@asynccontextmanager
async def playing(folder: Path, *, port: int, speed: float) -> AsyncIterator[wiring.Server]:
    """The demo, from an empty folder to the open page, for as long as the block runs."""
    secret = secrets.token_urlsafe(24)
    recordings = folder / "spool" / "recordings"
    simulator = Simulator(
        username="hotline",
        secret=secret,
        recordings=recordings,
        voice=shutil.which("espeak-ng"),
        speed=speed,
    )
    ami_port = await simulator.start()
    try:
        settings = demo_settings(folder, port=port, ami_port=ami_port, secret=secret)
        await prepare(settings)
        async with wiring.running(
            settings,
            make_switch=lambda exchange, chosen: DemoSwitch(exchange, chosen, simulator),
            demo=ACCOUNTS,
            can_answer=True,
        ) as server:
            yield server
    finally:
        await simulator.stop()
