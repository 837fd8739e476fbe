"""From the outbox to the screens of this process: what was committed, by whichever command."""

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from routing.calls import Call
from routing.frames import Changed, Ticketed
from routing.ports import Clock, Outbox, OutboxRow, Screens, StoreUnavailable
from routing.tickets import Ticket

log = logging.getLogger(__name__)

BATCH = 200
PAUSE_SECONDS = 1.0
GATHER_SECONDS = 0.03  # a busy hour's rows are read by the dozen, not one by one


class _Told(msgspec.Struct, frozen=True):
    """The body of an outbox row."""

    call: Call | None = None
    ticket: Ticket | None = None


class Relay:
    """Tells desks of tickets saved, and of calls that became better known after their end.

    What happens in a living call goes to the desks straight from telephony (`pops`).

    Args:
        outbox: what was committed; rows are looked at in order, from the start of this process on.
        screens: the desks.
        clock: the present instant.
        forgets: whether nobody else is told, so that rows are done with once shown.
    """

    def __init__(self, outbox: Outbox, screens: Screens, *, clock: Clock, forgets: bool) -> None:
        self._outbox = outbox
        self._screens = screens
        self._clock = clock
        self._forgets = forgets
        self._seen = 0
        self._wake = asyncio.Event()

    async def run(self) -> None:
        """Relay for as long as the server lives."""
        self._outbox.subscribe(self._wake.set)
        while True:
            try:
                while rows := await self._outbox.pending(after=self._seen, limit=BATCH):
                    await self._relay(rows)
            except StoreUnavailable as why:
                log.warning("outbox not read: %s", why)
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            await self._wake.wait()
            await asyncio.sleep(GATHER_SECONDS)
            self._wake.clear()

    async def _relay(self, rows: Iterable[OutboxRow]) -> None:
        rows = list(rows)
        for row in rows:
            self._show(row)
        if self._forgets:
            await self._outbox.told([row.id for row in rows], at=self._clock())
        self._seen = rows[-1].id

    def _show(self, row: OutboxRow) -> None:
        noun, _, _ = row.stream.partition(":")
        step = row.topic.rpartition("/")[2]
        if noun == "ticket":
            self._show_ticket(msgspec.json.decode(row.body, type=_Told).ticket)
        elif noun == "call" and step == "amended":
            self._show_ended(msgspec.json.decode(row.body, type=_Told).call)

    def _show_ticket(self, ticket: Ticket | None) -> None:
        if ticket is not None:
            call_id = ticket.calls[-1] if ticket.calls else None
            self._screens.send(ticket.created_by, Ticketed(ticket.number, call_id))

    def _show_ended(self, call: Call | None) -> None:
        if call is not None and call.state == "ended":
            for agent in {part.agent for part in call.segments if part.agent}:
                self._screens.send(agent, Changed(call, "amended"))
