"""The group of commands, loaded when called, and how a failure is told."""

import errno
import importlib
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from config.complaints import SettingsRefused
from config.pbx.tree import Unusable
from config.settings import Settings, load
from regulation.refusal import Refusal
from routing.ports import StoreUnavailable, SwitchUnavailable
from storage.failures import Tampered

COMMANDS = {
    "asterisk-config": "asterisk_config",
    "backup": "backup",
    "demo": "demo",
    "doctor": "doctor",
    "migrate": "migrate",
    "pbx": "pbx",
    "replay": "replay",
    "restore": "restore",
    "serve": "serve",
    "token": "token",
    "user": "user",
    "verify": "verify",
    "version": "version",
}
"""Name of a command -> its module in this package; the module's `command` is the command."""

INTERRUPTED = 130
TOLD = (
    click.ClickException,
    SettingsRefused,
    Refusal,
    StoreUnavailable,
    SwitchUnavailable,
    Tampered,
    Unusable,
    OSError,
)
"""Failures whose own words say what is wrong; anything else is a bug of ours."""


class Failed(click.ClickException):
    """A command could not do what was asked; the message says why and what to do."""


class Commands(click.Group):
    """The commands, each imported only when it is called or listed."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - the base's signature
        """All names, in order."""
        return sorted(COMMANDS)

    def get_command(
        self,
        ctx: click.Context,  # noqa: ARG002
        cmd_name: str,
    ) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"config.cli.{COMMANDS[cmd_name]}")
        command: click.Command = module.command
        return command


class Chosen:
    """The settings file named on the command line; read when a command wants it."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def settings(self) -> Settings:
        """Read the settings; raises SettingsRefused."""
        return load(self._file)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path),
    envvar="HOTLINE_CONFIG",
    metavar="FILE",
    help="Settings file [/etc/hotline/hotline.toml, where there is one].",
)
@click.pass_context
def hotline(ctx: click.Context, file: Path | None) -> None:
    """The server beside the Asterisk of a round-the-clock public hotline."""
    ctx.obj = Chosen(file)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code: 0 done, 1 failed, 2 wrongly called, 130 interrupted."""
    try:
        code = hotline.main(arguments, prog_name="hotline", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()
        return 1
    except TOLD as error:
        for line in _lines(error):
            click.echo(f"hotline: {line}", err=True)
        return error.exit_code if isinstance(error, click.ClickException) else 1
    except Exception as error:  # noqa: BLE001 - the top of the program: told in one line
        click.echo(f"hotline: internal fault: {_one_line(error)} ({_place(error)})", err=True)
        return 1
    return code if isinstance(code, int) else 0


def _lines(error: BaseException) -> list[str]:
    match error:
        case SettingsRefused():
            return error.complaints
        case click.UsageError():
            path = error.ctx.command_path if error.ctx else "hotline"
            return [f"{error.format_message()} (see {path} --help)".replace("\n", " ")]
        case click.ClickException():
            return [" ".join(error.format_message().split("\n"))]
        case OSError():
            return [_of_system(error)]
        case _:
            return [_one_line(error)]


def _of_system(error: OSError) -> str:
    reason = error.strerror or str(error)
    if error.errno == errno.EADDRINUSE:
        return f"{reason}; end the program that uses it, or choose another port"
    return f"{error.filename}: {reason}" if error.filename else reason


def _place(error: BaseException) -> str:
    """Where a bug showed itself, for the one who mends it."""
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{frame.filename}:{frame.lineno}"


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    return text if isinstance(error, TOLD) and text else f"{type(error).__name__}: {text}"
