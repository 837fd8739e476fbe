"""Screen pops: offered to the one agent that is rung, withdrawn, bound, and following transfers.

A number's history is asked for when the call arrives, seconds before an agent is rung, so that the
pop itself waits for nothing.
"""

import asyncio
import logging
from collections.abc import Iterable

import msgspec

from routing.calls import Call
from routing.frames import Bound, Changed, Pop, Withdrawn
from routing.happenings import CallStepped, Step
from routing.history import History
from routing.numbers import e164
from routing.ports import Calls, Screens, StoreUnavailable
from routing.presence import on_call
from routing.seats import Seats

log = logging.getLogger(__name__)

HISTORY_SECONDS = 0.5
_OWN: tuple[Step, ...] = ("offered", "withdrawn", "answered")
"""Steps that concern the one desk whose device took them."""
_UNREAD = History(available=False)
_INWARD = ("962200", "12345", "110")


class Live:
    """A call under way, what is known of its number, and who has talked in it."""

    __slots__ = ("asking", "call", "concerned", "history")

    def __init__(self, call: Call) -> None:
        self.call = call
        self.history: History | None = None
        self.asking: asyncio.Task[None] | None = None
        self.concerned: set[str] = set()


class Pops:
    """Turns the steps of calls into frames for the desks they concern."""

    def __init__(self, *, calls: Calls, screens: Screens, seats: Seats) -> None:
        self._calls = calls
        self._screens = screens
        self._seats = seats
        self._live: dict[str, Live] = {}

    def live(self) -> Iterable[Call]:
        """Every call that has not ended."""
        return [live.call for live in self._live.values()]

    def call(self, call_id: str) -> Call | None:
        """A call under way."""
        live = self._live.get(call_id)
        return live.call if live else None

    def concerning(self, person: str, device: str | None) -> tuple[list[Pop], list[Bound]]:
        """What a desk that reloads has to show: what rings there, and what it is bound to."""
        pops: list[Pop] = []
        bound: list[Bound] = []
        for live in self._live.values():
            history = live.history or _UNREAD
            if on_call(device, live.call) == "ringing":
                pops.append(_pop(live.call, device, history))
            elif any(s.agent == person or s.device == device for s in live.call.segments):
                bound.append(Bound(live.call, history))
        return pops, bound

    def follow(self, stepped: CallStepped) -> None:
        """Take a step of a call; never waits."""
        live = self._live.get(stepped.call.id)
        if live is None:
            if stepped.call.state == "ended":
                return
            live = self._live[stepped.call.id] = Live(stepped.call)
            self._ask(live)
        live.call = stepped.call
        if stepped.step in _OWN:
            self._tell_own(live, stepped)
        else:
            for person in live.concerned:
                self._screens.send(person, Changed(stepped.call, stepped.step))
        if stepped.call.state == "ended":
            self._end(live)

    def _tell_own(self, live: Live, stepped: CallStepped) -> None:
        """Tell whoever sits at the device; pop and binding wait for the history, if need be."""
        person = self._seats.at(stepped.device)
        if person is None:
            return
        if stepped.step == "answered":
            live.concerned.add(person)
        if live.asking is None or live.asking.done() or stepped.step == "withdrawn":
            self._show(live, person, stepped)
        else:
            live.asking.add_done_callback(lambda _: self._show(live, person, stepped))

    def _show(self, live: Live, person: str, stepped: CallStepped) -> None:
        call, device, history = live.call, stepped.device, live.history or _UNREAD
        if stepped.step == "withdrawn":
            outcome = next((o.outcome for o in reversed(call.offers) if o.device == device), None)
            self._screens.send(person, Withdrawn(call.id, outcome))
        elif stepped.step == "answered" and call.state != "ended":
            self._screens.send(person, Bound(call, history))
        elif stepped.step == "offered" and on_call(device, call) == "ringing":
            self._screens.send(person, _pop(call, device, history))

    def _ask(self, live: Live) -> None:
        number = live.call.citizen_e164
        if number is None or live.call.way not in _INWARD:
            live.history = History()
            return
        live.asking = asyncio.create_task(self._read(live, number))

    async def _read(self, live: Live, number: str) -> None:
        try:
            async with asyncio.timeout(HISTORY_SECONDS):
                live.history = await self._calls.history(number, before=live.call.started_at)
        except (StoreUnavailable, TimeoutError) as why:
            log.warning("history of call %s not read: %s", live.call.id, why or "too slow")
            live.history = _UNREAD

    def _end(self, live: Live) -> None:
        del self._live[live.call.id]
        if live.asking is not None:
            live.asking.cancel()


def _pop(call: Call, device: str | None, history: History) -> Pop:
    rang_at = next(
        (o.rang_at for o in reversed(call.offers) if o.device == device), call.started_at
    )
    return Pop(call, history, rang_at)


def with_number(call: Call) -> Call:
    """The call with its number normalised where telephony left that open."""
    if call.citizen_e164 is not None or call.citizen_number is None:
        return call
    return msgspec.structs.replace(call, citizen_e164=e164(call.citizen_number))
