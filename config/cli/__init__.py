"""The command `hotline`: one module per command, every failure one line on standard error."""

from config.cli.group import main

__all__ = ["main"]
