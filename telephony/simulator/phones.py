"""Device states and the desks' phones: a colleague's acts by itself, a person's waits."""

import random
from collections.abc import Callable, Mapping

from telephony.simulator.channels import RINGING, UP, Channel
from telephony.simulator.frames import Headers
from telephony.simulator.people import Conduct, Phone
from telephony.simulator.queue import BUSY, FREE, UNAVAILABLE, Queue
from telephony.simulator.switchboard import Switchboard

Behaviour = Callable[[random.Random], Conduct]
"""Chooses what a colleague does with the call that rings."""


class Phones:
    """Every desk's phone; those in `colleagues` answer and hang up by themselves."""

    def __init__(
        self,
        phones: Mapping[str, Phone],
        *,
        colleagues: Mapping[str, Behaviour],
        board: Switchboard,
    ) -> None:
        self.known = dict(phones)
        self._colleagues = dict(colleagues)
        self._away: dict[str, Behaviour] = {}
        self._board = board
        self._state: dict[str, str] = {}
        self._unreachable: set[str] = set()

    def named(self, number: str) -> Phone | None:
        """The phone with an extension number."""
        return next((p for p in self.known.values() if p.number == number), None)

    def automate(self, device: str, behave: Behaviour) -> None:
        """From now on the phone acts by itself."""
        self._colleagues[device] = behave

    def is_colleague(self, device: str) -> bool:
        """Whether the phone acts by itself."""
        return device in self._colleagues

    def take(self, device: str) -> None:
        """A person sits down at a colleague's desk: the phone waits for a hand."""
        if behave := self._colleagues.pop(device, None):
            self._away[device] = behave

    def give_back(self, device: str) -> bool:
        """The person leaves; whether a colleague comes back to the desk."""
        behave = self._away.pop(device, None)
        if behave:
            self._colleagues[device] = behave
        return behave is not None

    def conduct(self, device: str) -> Conduct | None:
        """What the colleague at the device will do with a call; None where a person sits."""
        behave = self._colleagues.get(device)
        return behave(self._board.chance) if behave else None

    def status(self, device: str) -> int:
        """The state app_queue shows for the device."""
        if device in self._unreachable or device not in self.known:
            return UNAVAILABLE
        return BUSY if self.channels(device) else FREE

    def channels(self, device: str) -> list[Channel]:
        """Every live channel of the device."""
        wanted = device.casefold()
        return [c for c in self._board.channels.values() if c.device.casefold() == wanted]

    def ringing(self, device: str) -> Channel | None:
        """The channel that rings at the device."""
        return next((c for c in self.channels(device) if c.state == RINGING), None)

    def talking(self, device: str) -> Channel | None:
        """The channel that is up at the device."""
        return next((c for c in self.channels(device) if c.state == UP), None)

    def states(self) -> list[Headers]:
        """Device and state of every desk's phone."""
        return [[("Device", d), ("State", self._describe(d))] for d in self.known]

    def refresh(self, device: str, queue: Queue) -> None:
        """Tell about a device whose state changed: of a trunk, or of a desk's phone."""
        state = self._describe(device)
        if state == self._state.get(device, "NOT_INUSE"):
            return
        self._state[device] = state
        self._board.device(device, state)
        queue.device_changed(device)

    def set_reachable(self, device: str, queue: Queue, *, reachable: bool) -> None:
        """The phone registers or is unplugged."""
        change = self._unreachable.discard if reachable else self._unreachable.add
        change(device)
        status = "Reachable" if reachable else "Unreachable"
        self._board.tell(
            "PeerStatus", [("ChannelType", "PJSIP"), ("Peer", device), ("PeerStatus", status)]
        )
        self.refresh(device, queue)

    def _describe(self, device: str) -> str:
        channels = self.channels(device)
        if device in self.known:
            return {FREE: "NOT_INUSE", BUSY: "BUSY", UNAVAILABLE: "UNAVAILABLE"}[
                self.status(device)
            ]
        if any(c.on_hold for c in channels):
            return "ONHOLD"
        ringing, up = (any(c.state == s for c in channels) for s in (RINGING, UP))
        if ringing:
            return "RINGINUSE" if up else "RINGING"
        return "INUSE" if up else "NOT_INUSE"
