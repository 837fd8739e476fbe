"""`hotline demo`: the product with a simulated Asterisk, to look at and to try."""

import asyncio
from pathlib import Path

import click

from config import demo, wiring
from config.sample import PASSWORD
from web.logs import configure


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8962, show_default=True)
@click.option(
    "--data-dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the demo keeps its data [~/.local/share/hotline/demo].",
)
@click.option(
    "--speed",
    type=click.FloatRange(0.1, 100),
    default=1.0,
    show_default=True,
    help="Seconds of the citizens' day in one second.",
)
def command(port: int, folder: Path | None, speed: float) -> None:
    """Play a day at the hotline: simulated Asterisk, sample organisation, demo accounts."""
    chosen = (folder or demo.default_folder()).absolute()
    configure(level="warning", json_lines=False)
    asyncio.run(_play(chosen, port=port, speed=speed))


async def _play(folder: Path, *, port: int, speed: float) -> None:
    async with demo.playing(folder, port=port, speed=speed) as server:
        announce(server.url)
        await wiring.told_to_stop()


def announce(address: str) -> None:
    """Say where the demo is and how to sign in."""
    click.echo(f"hotline: the demo is open at {address}")
    click.echo(f"hotline: sign in as agent1 with {PASSWORD}; the login page lists the others")
    click.echo("hotline: Ctrl-C ends it")
