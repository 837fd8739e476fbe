"""`hotline migrate`: bring the database to this program's version."""

import asyncio

import click

from config.cli.group import Chosen
from storage import migrate


@click.command()
@click.pass_obj
def command(chosen: Chosen) -> None:
    """Create or upgrade the database; running it again changes nothing."""
    settings = chosen.settings()
    if settings.database.url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    asyncio.run(migrate.upgrade(settings.store_address))
    click.echo(f"{settings.database_url}: up to date")
