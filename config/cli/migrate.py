"""`hotline migrate`: bring the database to this program's version."""

import click

from config.cli.group import Chosen
from storage import migrate


@click.command()
@click.pass_obj
def command(chosen: Chosen) -> None:
    """Create or upgrade the database; running it again changes nothing."""
    settings = chosen.settings()
    migrate.upgrade(settings.store_address)
    click.echo(f"{settings.database_url}: up to date")
