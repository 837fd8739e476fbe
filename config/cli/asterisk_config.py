"""`hotline asterisk-config DIR`: the configuration of the Asterisk beside the server."""

from pathlib import Path

import click

from config.asterisk import render
from config.cli.group import Chosen
from config.cli.opened import with_store
from config.planned import plan_of
from config.settings import Settings
from routing.ports import Store, StoreUnavailable


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.pass_obj
def command(chosen: Chosen, folder: Path) -> None:
    """Write a complete Asterisk configuration into DIR."""
    settings = chosen.settings()
    plan_of(settings, {})  # what is missing is told before the database is asked
    written = render(plan_of(settings, _names(settings)), folder)
    click.echo(f"{len(written)} files written into {folder}; look them over, copy, reload Asterisk")


def _names(settings: Settings) -> dict[str, str]:
    """Who sat last at each telephone, for the displays of the others."""

    async def seats(store: Store) -> dict[str, str]:
        present = await store.ledger.present()
        return {each.device.removeprefix("PJSIP/"): each.name for each in present if each.device}

    try:
        return with_store(settings, seats)
    except StoreUnavailable as reason:
        click.echo(f"hotline: written without people's names: {reason}", err=True)
        return {}
