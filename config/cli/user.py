"""`hotline user …`: accounts of people."""

import sys
from pathlib import Path

import click

from config.cli.group import Chosen
from config.cli.opened import clock, with_store
from config.people import BY_COMMAND, checked_id, password_hash, person
from regulation.refusal import Refusal
from routing.people import Language, Person, Role
from routing.ports import Store

password_option = click.option(
    "--password-file",
    type=click.Path(path_type=Path, allow_dash=True),
    metavar="FILE",
    help="Read the password from the first line of FILE (-: standard input); else it is asked for.",
)


@click.group()
def command() -> None:
    """Accounts: add, passwd, lock, unlock, list."""


@command.command()
@click.argument("login")
@click.option("--name", required=True, help="The person's name as colleagues see it.")
@click.option(
    "--role",
    "roles",
    type=click.Choice(["agent", "supervisor", "admin"]),
    multiple=True,
    default=("agent",),
    show_default=True,
    help="Post; may be given more than once.",
)
@click.option("--language", type=click.Choice(["zh_CN", "en"]), default="zh_CN", show_default=True)
@password_option
@click.pass_obj
def add(
    chosen: Chosen,
    login: str,
    *,
    name: str,
    roles: tuple[Role, ...],
    language: Language,
    password_file: Path | None,
) -> None:
    """Create the account LOGIN."""
    new = person(login, name, roles, language)
    settings = chosen.settings()
    kept = password_hash(_password(password_file))

    async def work(store: Store) -> None:
        await store.people.add(new, password_hash=kept, by=BY_COMMAND, at=clock())

    with_store(settings, work)
    click.echo(f"{login}: account created")


@command.command()
@click.argument("login")
@password_option
@click.pass_obj
def passwd(chosen: Chosen, login: str, password_file: Path | None) -> None:
    """Give LOGIN a new password; every session of the account ends."""
    checked_id(login)
    settings = chosen.settings()
    kept = password_hash(_password(password_file))

    async def work(store: Store) -> None:
        await _known(store, login)
        await store.people.set_password(login, kept, by=BY_COMMAND, at=clock())

    with_store(settings, work)
    click.echo(f"{login}: password changed")


@command.command()
@click.argument("login")
@click.pass_obj
def lock(chosen: Chosen, login: str) -> None:
    """Lock LOGIN out at once: sessions and tokens end."""
    _set_locked(chosen, login, locked=True)


@command.command()
@click.argument("login")
@click.pass_obj
def unlock(chosen: Chosen, login: str) -> None:
    """Let LOGIN in again."""
    _set_locked(chosen, login, locked=False)


@command.command("list")
@click.pass_obj
def show(chosen: Chosen) -> None:
    """Print every account: login, posts, state, name."""

    async def work(store: Store) -> list[Person]:
        return list(await store.people.all())

    for one in with_store(chosen.settings(), work):
        state = "locked" if one.locked else "open"
        click.echo(f"{one.id}\t{','.join(one.roles)}\t{state}\t{one.name}")


def _set_locked(chosen: Chosen, login: str, *, locked: bool) -> None:
    async def work(store: Store) -> None:
        await _known(store, login)
        await store.people.set_locked(login, locked, by=BY_COMMAND, at=clock())

    with_store(chosen.settings(), work)
    click.echo(f"{login}: {'locked' if locked else 'unlocked'}")


async def _known(store: Store, login: str) -> Person:
    found = await store.people.get(login)
    if found is None:
        raise Refusal(
            "person.unknown", f"nobody is called {login}; `hotline user list` shows all", status=404
        )
    return found


def _password(file: Path | None) -> str:
    if file is not None:
        text = sys.stdin.readline() if str(file) == "-" else file.read_text(encoding="utf-8")
        return text.partition("\n")[0].rstrip("\r")
    password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return password
