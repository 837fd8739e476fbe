"""`hotline serve`: the server."""

import asyncio

import click

from config import wiring
from config.cli.group import Chosen
from web.logs import configure


@click.command()
@click.pass_obj
def command(chosen: Chosen) -> None:
    """Answer the hotline until told to stop (SIGTERM, Ctrl-C)."""
    settings = chosen.settings()
    configure(level=settings.log.level, json_lines=settings.log.json_lines)
    asyncio.run(wiring.serve(settings))
