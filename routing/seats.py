"""Who sits at which device, in which state; every change is in the ledger before it is shown."""

import logging
from collections.abc import Iterable

import msgspec

from regulation.refusal import Refusal
from routing.calls import Call
from routing.frames import Mine
from routing.people import Actor, Person
from routing.ports import Clock, Ledger, Screens, Switch, SwitchUnavailable
from routing.presence import Event, Presence, move, on_call, shown

log = logging.getLogger(__name__)

REASON_LIMIT = 40


class Member(msgspec.Struct, frozen=True):
    """How a device should stand in Asterisk's queue."""

    device: str
    name: str
    paused: bool
    reason: str = ""


class Seats:
    """The agents at their devices.

    Asterisk is told after the ledger. When it cannot be told now, the wish stands and is settled by
    `settle`, or by the exchange's reconciliation through `members`.
    """

    def __init__(
        self,
        *,
        ledger: Ledger,
        switch: Switch,
        screens: Screens,
        clock: Clock,
        devices: Iterable[str],
    ) -> None:
        self._ledger = ledger
        self._switch = switch
        self._screens = screens
        self._clock = clock
        self._devices = frozenset(devices)
        self._by_person: dict[str, Presence] = {}
        self._by_device: dict[str, str] = {}
        self._on_call: dict[str, Call] = {}
        self._unreachable: set[str] = set()
        self._unsettled: set[str] = set()

    async def restore(self) -> None:
        """Take up the ledger after a restart."""
        for presence in await self._ledger.present():
            if presence.device in self._devices:
                self._keep(self._seen(presence))

    @property
    def devices(self) -> tuple[str, ...]:
        """Every device somebody may sit at, in order."""
        return tuple(sorted(self._devices))

    def all(self) -> list[Presence]:
        """Everybody who is signed in, by name."""
        return sorted(self._by_person.values(), key=lambda presence: presence.person)

    def members(self) -> list[Member]:
        """How the queue should look."""
        return [
            Member(p.device, p.name, p.choice != "ready", p.reason)
            for p in self._by_person.values()
            if p.device is not None
        ]

    def of(self, person: Person) -> Presence:
        """The person's presence, signed out when they sit nowhere."""
        return self._by_person.get(person.id) or Presence(
            person=person.id,
            name=person.name,
            device=None,
            choice="signed_out",
            state="signed_out",
            since=self._clock(),
        )

    def at(self, device: str | None) -> str | None:
        """Who sits at the device."""
        return self._by_device.get(device) if device else None

    def device_of(self, person_id: str) -> str | None:
        """Where the person sits."""
        presence = self._by_person.get(person_id)
        return presence.device if presence else None

    async def sign_in(self, person: Person, device: str, *, by: Actor) -> Presence:
        """Sit down at a device, paused until ready; another device means signing in again."""
        if device not in self._devices:
            raise Refusal(
                "device.unknown",
                f"device: one of {', '.join(sorted(self._devices))}",
                field="device",
            )
        sitting = self._by_device.get(device)
        if sitting not in (None, person.id):
            raise Refusal(
                "device.taken",
                f"device: {sitting} sits there; sign them out first",
                field="device",
                status=409,
            )
        now = self.of(person)
        if now.device not in (None, device):
            await self.sign_out(person, by=by)
            now = self.of(person)
        return await self._change(
            msgspec.structs.replace(now, name=person.name, device=device), "sign_in", by=by
        )

    async def ready(self, person: Person, *, by: Actor) -> Presence:
        """Take calls."""
        return await self._change(self.of(person), "ready", by=by)

    async def pause(self, person: Person, reason: str, *, by: Actor) -> Presence:
        """Take no calls, for a reason."""
        reason = reason.strip()
        if not reason or len(reason) > REASON_LIMIT or not reason.isprintable():
            raise Refusal(
                "presence.reason",
                f"reason: say why, in at most {REASON_LIMIT} printable characters",
                field="reason",
            )
        return await self._change(self.of(person), "pause", reason=reason, by=by)

    async def sign_out(self, person: Person, *, by: Actor) -> Presence:
        """Leave the device."""
        return await self._change(self.of(person), "sign_out", by=by)

    def reach(self, device: str, *, reachable: bool) -> None:
        """The phone registered or went away."""
        (self._unreachable.discard if reachable else self._unreachable.add)(device)
        self._redraw(device)

    def follow(self, call: Call) -> None:
        """Show at each device of the call whether it rings, talks or holds, or is free again."""
        devices = {offer.device for offer in call.offers} | {s.device for s in call.segments}
        for device in devices:
            current = self._on_call.get(device)
            if on_call(device, call) is not None:
                self._on_call[device] = call
            elif current is not None and current.id == call.id:
                del self._on_call[device]
            self._redraw(device)

    async def settle(self) -> None:
        """Tell Asterisk what it could not be told before."""
        for device in sorted(self._unsettled):
            await self._tell(device)

    async def _change(
        self, presence: Presence, event: Event, *, by: Actor, reason: str = ""
    ) -> Presence:
        device = presence.device
        changed = self._seen(
            msgspec.structs.replace(
                presence,
                choice=move(presence.choice, event),
                reason=reason,
                since=self._clock(),
            )
        )
        if changed.choice == "signed_out":
            changed = msgspec.structs.replace(changed, device=None)
        await self._ledger.record(changed, by=by)
        self._keep(changed)
        if device is not None:
            await self._tell(device)
        self._screens.send(changed.person, Mine(changed))
        return changed

    def _keep(self, presence: Presence) -> None:
        old = self._by_person.pop(presence.person, None)
        if old and old.device and old.device != presence.device:
            del self._by_device[old.device]
            self._switch.seat(old.device, None, at=presence.since)
        if presence.device is None:
            return
        self._by_person[presence.person] = presence
        self._by_device[presence.device] = presence.person
        # Since then, not from now on: calls of a gap in our own life bear the name too.
        self._switch.seat(presence.device, presence.person, at=presence.since)

    async def _tell(self, device: str) -> None:
        member = next((m for m in self.members() if m.device == device), None)
        try:
            if member is None:
                await self._switch.queue_remove(device)
            else:
                await self._switch.queue_add(device, member.name, paused=member.paused)
                await self._switch.queue_pause(device, paused=member.paused, reason=member.reason)
        except SwitchUnavailable as why:
            log.warning("queue membership of %s stands open: %s", device, why)
            self._unsettled.add(device)
        else:
            self._unsettled.discard(device)

    def _seen(self, presence: Presence) -> Presence:
        """The presence with the state that its phone and its call give it."""
        call = self._on_call.get(presence.device or "")
        state = shown(
            presence.choice,
            reachable=presence.device not in self._unreachable,
            on_call=on_call(presence.device, call),
        )
        return msgspec.structs.replace(presence, state=state, call=call.id if call else None)

    def _redraw(self, device: str) -> None:
        person = self._by_device.get(device)
        if person is None:
            return
        before = self._by_person[person]
        after = self._seen(before)
        if after == before:
            return
        if after.state != before.state:
            after = msgspec.structs.replace(after, since=self._clock())
        self._by_person[person] = after
        self._screens.send(person, Mine(after))
