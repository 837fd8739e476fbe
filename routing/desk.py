"""The desk: what telephony tells becomes pops and rows, what people ask becomes commands."""

from collections.abc import Iterable, Sequence

import msgspec

from regulation.refusal import Refusal
from routing.calls import Call
from routing.frames import Floor, Snapshot, Telephone
from routing.happenings import CallStepped, DeviceChanged, Happening, LinkChanged
from routing.people import Actor, Person, Role
from routing.pops import Pops, with_number
from routing.ports import Clock, Screens, Store, Switch
from routing.presence import Presence
from routing.recorder import Recorder
from routing.seats import Seats
from routing.tickets import NewTicket, Ticket, checked

DESK_ROLES: tuple[Role, ...] = ("agent", "supervisor")


class Desk:
    """Everything a desk can do; one instance for the whole server."""

    def __init__(
        self,
        *,
        store: Store,
        switch: Switch,
        screens: Screens,
        clock: Clock,
        devices: Iterable[str],
    ) -> None:
        self._store = store
        self._switch = switch
        self._screens = screens
        self._clock = clock
        self.seats = Seats(
            ledger=store.ledger, switch=switch, screens=screens, clock=clock, devices=devices
        )
        self.pops = Pops(calls=store.calls, screens=screens, seats=self.seats)
        self.recorder = Recorder(store.calls)
        self.telephone = Telephone(up=False, since=clock(), reason="starting")
        self._shown_floor: Floor | None = None

    # -- what telephony tells ------------------------------------------------------------------

    def on(self, happening: Happening) -> None:
        """Take what happened, in order; never waits, never raises on what the switch sent."""
        match happening:
            case CallStepped():
                self._on_call(happening)
            case DeviceChanged(device=device, reachable=reachable):
                self.seats.reach(device, reachable=reachable)
            case LinkChanged(up=up, at=at, reason=reason):
                self.telephone = Telephone(up=up, since=at, reason=reason)
                self._screens.broadcast(self.telephone)

    def _on_call(self, stepped: CallStepped) -> None:
        stepped = msgspec.structs.replace(stepped, call=with_number(stepped.call))
        self.recorder.note(stepped)
        self.pops.follow(stepped)
        self.seats.follow(stepped.call)

    # -- what people ask ------------------------------------------------------------------------

    async def sign_in(self, person: Person, device: str, *, by: Actor) -> Presence:
        """Sit down at a device."""
        _only(person, *DESK_ROLES)
        return await self.seats.sign_in(person, device, by=by)

    async def ready(self, person: Person, *, by: Actor) -> Presence:
        """Take calls."""
        _only(person, *DESK_ROLES)
        return await self.seats.ready(person, by=by)

    async def pause(self, person: Person, reason: str, *, by: Actor) -> Presence:
        """Take no calls, for a reason."""
        _only(person, *DESK_ROLES)
        return await self.seats.pause(person, reason, by=by)

    async def sign_out(self, person: Person, *, by: Actor) -> Presence:
        """Leave the device; not in the middle of a call."""
        _only(person, *DESK_ROLES)
        if self.seats.of(person).call is not None:
            raise Refusal("presence.in_call", "end the call before signing out", status=409)
        return await self.seats.sign_out(person, by=by)

    async def answer(self, person: Person) -> None:
        """Pick up the ringing phone, where the switch can do that."""
        _only(person, *DESK_ROLES)
        await self._switch.answer(self._device(person))

    async def hang_up(self, person: Person) -> None:
        """End the call this person is in."""
        _only(person, *DESK_ROLES)
        await self._switch.hang_up(self._own_call(person).id)

    async def save_ticket(
        self, person: Person, new: NewTicket, *, by: Actor, key: str | None = None
    ) -> Ticket:
        """Register a matter; the call it names is written before it."""
        _only(person, *DESK_ROLES)
        new = checked(new)
        if new.call is not None:
            await self.recorder.written(new.call)
        return await self._store.tickets.save(new, by=by, at=self._clock(), key=key)

    def snapshot(self, person: Person) -> Snapshot:
        """What the person's desk must show now."""
        presence = self.seats.of(person)
        pops, bound = self.pops.concerning(person.id, presence.device)
        return Snapshot(
            presence=presence,
            telephone=self.telephone,
            floor=self.floor(),
            pops=tuple(pops),
            bound=tuple(bound),
            now=self._clock(),
        )

    def agents(self) -> Sequence[Presence]:
        """Everybody who is signed in."""
        return self.seats.all()

    # -- the floor ------------------------------------------------------------------------------

    def floor(self) -> Floor:
        """Who waits."""
        waiting = [
            call.queued_at or call.started_at
            for call in self.pops.live()
            if call.state in ("queued", "ringing") and call.way in ("962200", "12345", "110")
        ]
        return Floor(
            waiting=len(waiting),
            oldest_queued_at=min(waiting, default=None),
        )

    def show_floor(self) -> None:
        """Tell all desks the floor when it has changed; called every other second."""
        floor = self.floor()
        if floor != self._shown_floor:
            self._shown_floor = floor
            self._screens.broadcast(floor)

    def _device(self, person: Person) -> str:
        device = self.seats.device_of(person.id)
        if device is None:
            raise Refusal("presence.signed_out", "sign in with a device first", status=409)
        return device

    def _own_call(self, person: Person) -> Call:
        call = self.pops.call(self.seats.of(person).call or "")
        if call is None:
            raise Refusal("call.none", "there is no call at this desk", status=409)
        return call


def _only(person: Person, *roles: Role) -> None:
    if not person.may(*roles):
        raise Refusal("role", f"this needs the post of {' or '.join(roles)}", status=403)
