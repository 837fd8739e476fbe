"""`hotline verify [DIR]`: has anything been changed that was written?"""

import asyncio
from pathlib import Path

import click

from config.cli.group import Chosen, Failed
from storage import audit, backup


@click.command()
@click.argument(
    "folder", type=click.Path(exists=True, path_type=Path), metavar="[DIR]", required=False
)
@click.pass_obj
def command(chosen: Chosen, folder: Path | None) -> None:
    """Prove the backup in DIR, or without DIR the database in use."""
    if folder is not None:
        made = asyncio.run(backup.verify(folder))
        click.echo(f"{folder}: whole, {sum(made.tables.values())} rows, {len(made.files)} files")
        return
    settings = chosen.settings()
    found = asyncio.run(audit.check(settings.store_address))
    if found.faults:
        raise Failed(f"{settings.database_url}: {'; '.join(found.faults)}")
    click.echo(
        f"{settings.database_url}: whole, {sum(found.tables.values())} rows,"
        f" {found.journal.entries} journal entries"
    )
