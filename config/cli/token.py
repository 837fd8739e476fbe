"""`hotline token …`: bearer tokens of the REST interface."""

import click

from config.cli.group import Chosen
from config.cli.opened import clock, with_store
from config.people import BY_COMMAND, new_token
from regulation.refusal import Refusal
from routing.ports import Store


@click.group()
def command() -> None:
    """Bearer tokens: add, revoke."""


@command.command()
@click.argument("name")
@click.option("--for", "login", required=True, help="The account it speaks for.")
@click.option("--days", type=click.IntRange(1, 3660), help="Days until it expires [never].")
@click.pass_obj
def add(chosen: Chosen, name: str, login: str, days: int | None) -> None:
    """Make the token NAME and print it, once: only its fingerprint is kept."""

    async def work(store: Store) -> str:
        holder = await store.people.get(login)
        if holder is None:
            raise Refusal("person.unknown", f"nobody is called {login}", field="for", status=404)
        made = new_token(name, holder, now=clock(), days=days)
        await store.people.add_token(made.token, by=BY_COMMAND, at=clock())
        return made.secret

    click.echo(with_store(chosen.settings(), work))


@command.command()
@click.argument("name")
@click.pass_obj
def revoke(chosen: Chosen, name: str) -> None:
    """End the token NAME at once."""

    async def work(store: Store) -> None:
        await store.people.revoke_token(name, by=BY_COMMAND, at=clock())

    with_store(chosen.settings(), work)
    click.echo(f"{name}: revoked")
