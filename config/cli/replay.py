"""`hotline replay FILE.ami`: the calls of a capture, by the code and settings that run live."""

import sys
from pathlib import Path

import click

from config.cli.group import Chosen, Failed
from telephony.replay import lines, replay
from telephony.wire import BadMessage


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.ami")
@click.pass_obj
def command(chosen: Chosen, file: Path) -> None:
    """Print the calls of a capture of AMI bytes, one JSON object a line, oldest first."""
    trunks = {name: trunk.way for name, trunk in chosen.settings().trunks.items()}
    try:
        calls = replay(file, trunks=trunks)
    except BadMessage as bad:
        raise Failed(f"{file}: not a capture of AMI: {bad}") from None
    if not calls:
        click.echo(f"hotline: {file}: no calls in it", err=True)
    for line in lines(calls):
        sys.stdout.buffer.write(line)
    sys.stdout.flush()
