"""`hotline asterisk-config DIR`: the configuration of the Asterisk beside the server."""

from pathlib import Path

import click

from config.asterisk import render
from config.cli.group import Chosen
from config.planned import plan_of


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), metavar="DIR")
@click.pass_obj
def command(chosen: Chosen, folder: Path) -> None:
    """Write a complete Asterisk configuration into DIR."""
    written = render(plan_of(chosen.settings(), {}), folder)
    click.echo(f"{len(written)} files written into {folder}; look them over, copy, reload Asterisk")
