"""`hotline restore DIR`: a backup into a clean place."""

import asyncio
from pathlib import Path

import click

from config.cli.group import Chosen
from storage import backup


@click.command()
@click.argument("folder", type=click.Path(exists=True, path_type=Path), metavar="DIR")
@click.option("--without-recordings", is_flag=True, help="The database only.")
@click.pass_obj
def command(chosen: Chosen, folder: Path, *, without_recordings: bool) -> None:
    """Restore the backup in DIR to the database and folder of the settings, which must be empty."""
    settings = chosen.settings()
    sounds = None if without_recordings else settings.recordings
    made = asyncio.run(backup.restore(folder, settings.store_address, recordings=sounds))
    click.echo(
        f"{settings.database_url}: {sum(made.tables.values())} rows"
        f" as of {made.made_at.isoformat(timespec='seconds')}"
    )
