"""`hotline doctor`: is everything there that the server needs?"""

import asyncio

import click

from config import doctor
from config.cli.group import Chosen
from config.cli.opened import clock
from config.settings import Settings


@click.command()
@click.pass_context
def command(ctx: click.Context) -> None:
    """Look at everything the server needs; exit code 1 when something has failed."""
    chosen: Chosen = ctx.obj
    if not asyncio.run(_told(chosen.settings())):
        ctx.exit(1)


async def _told(settings: Settings) -> bool:
    well = True
    async for finding in doctor.examine(settings, clock=clock):
        click.echo(str(finding))
        well = well and finding.state != "failed"
    return well
