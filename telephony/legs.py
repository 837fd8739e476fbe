"""The channels that an Asterisk has for one call now, as `CoreShowChannels` lists them."""

import re
from collections.abc import Iterable

import msgspec

from telephony.wire import Message

_BORN = re.compile(r"(\d+)\.(\d+)$")  # of a Uniqueid: the second, and a count
_YOUNGEST = (1 << 62, 0)  # a channel that we started bears the id we gave it, without a time
_MARK = "HL_CALLID="


class Leg(msgspec.Struct, frozen=True):
    """One channel: its name, the device or trunk it belongs to, and the bridge it is in, if any."""

    channel: str
    device: str
    bridge: str
    context: str
    born: tuple[int, int]


class Legs(msgspec.Struct, frozen=True):
    """A call's channels, oldest first; Local halves are no legs of anybody."""

    all: tuple[Leg, ...]

    def of(self, device: str) -> Leg | None:
        """The device's newest channel in the call."""
        return next((leg for leg in reversed(self.all) if leg.device == device), None)

    def citizen(self, trunks: Iterable[str]) -> Leg | None:
        """The outside party's channel: the oldest one of a trunk."""
        return next((leg for leg in self.all if leg.device in trunks), None)


def legs(listed: Iterable[Message], call_id: str) -> Legs:
    """The channels that carry the call's id.

    Args:
        listed: the answer to CoreShowChannels, from an Asterisk with `channelvars = HL_CALLID`.
        call_id: our own id of the call.
    """
    mark = _MARK + call_id
    found = [
        _leg(m) for m in listed if m.name == "CoreShowChannel" and mark in m.all("ChanVariable")
    ]
    real = [leg for leg in found if not leg.device.startswith("Local/")]
    return Legs(tuple(sorted(real, key=lambda leg: leg.born)))


def _leg(message: Message) -> Leg:
    channel = message.get("Channel") or ""
    born = _BORN.search(message.get("Uniqueid") or "")
    return Leg(
        channel=channel,
        device=channel.rpartition("-")[0],
        bridge=message.get("BridgeId") or "",
        context=message.get("Context") or "",
        born=(int(born[1]), int(born[2])) if born else _YOUNGEST,
    )
