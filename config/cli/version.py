"""`hotline version`."""

import platform

import click

from config import __version__


@click.command()
def command() -> None:
    """Print the version."""
    click.echo(f"hotline {__version__} (Python {platform.python_version()})")
