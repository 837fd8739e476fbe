"""What a command sees of its transaction."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

from storage.statements import Statement

Row = Sequence[Any]
T = TypeVar("T")


class Tx(Protocol):
    """One open transaction; a command must await nothing else.

    `head` is the journal's last entry (id, hash) as this transaction knows it; `told` says that
    something was put into the outbox.
    """

    head: tuple[int, str] | None
    told: bool

    async def rows(self, statement: Statement, **values: Any) -> Sequence[Row]:
        """Run it and give all its rows."""
        ...

    async def row(self, statement: Statement, **values: Any) -> Row | None:
        """Run it and give its first row."""
        ...

    async def run(self, statement: Statement, **values: Any) -> None:
        """Run it for its effect."""
        ...

    async def many(self, statement: Statement, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each mapping."""
        ...


Command = Callable[[Tx], Awaitable[T]]
