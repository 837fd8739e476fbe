"""`hotline backup DIR`: database and recordings, while the server runs."""

import asyncio
from pathlib import Path

import click

from config.cli.group import Chosen
from config.cli.opened import clock
from storage import backup


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.option("--without-recordings", is_flag=True, help="The database only.")
@click.pass_obj
def command(chosen: Chosen, folder: Path, *, without_recordings: bool) -> None:
    """Back up into DIR, which must be new or empty, and prove what was written."""
    settings = chosen.settings()
    sounds = None if without_recordings else settings.recordings
    made = asyncio.run(backup.backup(settings.store_address, folder, recordings=sounds, at=clock()))
    click.echo(f"{folder}: {sum(made.tables.values())} rows, {len(made.files)} files")
