"""`hotline pbx`: the demo on a real Asterisk, with telephones of one's own."""

import asyncio
from pathlib import Path

import click

from config import demo, wiring
from config.cli.demo import announce
from config.pbx import demo as real
from web.logs import configure


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=8962, show_default=True)
@click.option(
    "--data-dir",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Where the demo keeps its data [~/.local/share/hotline/pbx].",
)
def command(port: int, folder: Path | None) -> None:
    """Play the demo on a real Asterisk, fetched without root, with scripted citizens."""
    chosen = folder or demo.default_folder().with_name("pbx")
    chosen.mkdir(parents=True, exist_ok=True)
    configure(level="warning", json_lines=False)
    asyncio.run(_play(chosen.absolute(), port=port))


async def _play(folder: Path, *, port: int) -> None:
    async with real.playing(folder, port=port, say=click.echo) as playing:
        announce(playing.url)
        click.echo(playing.how_to_register())
        await wiring.told_to_stop()
