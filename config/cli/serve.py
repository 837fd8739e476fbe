"""`hotline serve`: the server."""

import asyncio

import click

from config import wiring
from config.cli.group import Chosen


@click.command()
@click.pass_obj
def command(chosen: Chosen) -> None:
    """Answer the hotline until told to stop (SIGTERM, Ctrl-C)."""
    asyncio.run(wiring.serve(chosen.settings()))
