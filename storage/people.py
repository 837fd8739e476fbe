"""People as the flow asks for them: accounts, sessions and tokens in one."""

from storage.accounts import Accounts
from storage.sessions import Sessions
from storage.tokens import Tokens


class People(Accounts, Sessions, Tokens):
    """`routing.ports.People`."""
