"""The simulated PBX's state, and one method for each thing Asterisk tells about it."""

import asyncio
import itertools
import random
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import TypedDict, Unpack

from telephony.simulator import frames
from telephony.simulator.channels import (
    DOWN,
    RING,
    UP,
    Bridge,
    Channel,
    describe,
    describe_bridge,
)
from telephony.simulator.frames import Headers


class Beginning(TypedDict, total=False):
    """How a new channel begins; what is absent is Asterisk's default."""

    caller: str
    context: str
    exten: str
    state: int
    linkedid: str
    uniqueid: str


Publish = Callable[[str, bytes], None]
"""Takes an event's class and its frame."""


class Switchboard:
    """Channels and bridges that exist now.

    Args:
        system: Asterisk's system name, in front of every Uniqueid.
        clock: the present instant, UTC.
        speed: how many seconds of the day pass in one real second.
        publish: where events go.
        chance: the source of everything random.
    """

    def __init__(
        self,
        *,
        system: str,
        clock: Callable[[], datetime],
        speed: float,
        publish: Publish,
        chance: random.Random,
    ) -> None:
        self.system = system
        self.clock = clock
        self.speed = speed
        self.chance = chance
        self.booted_at = clock()
        self.channels: dict[str, Channel] = {}
        self.bridges: dict[str, Bridge] = {}
        self.served = 0
        self._publish = publish
        self._serial = itertools.count()
        self._suffix = itertools.count()
        self._local = itertools.count()

    def tell(self, name: str, *blocks: Headers) -> None:
        """Publish one event."""
        body = list(itertools.chain.from_iterable(blocks))
        sent = frames.event(name, body, at=self.clock(), system=self.system)
        self._publish(frames.class_of(name), sent)

    async def pause(self, seconds: float) -> None:
        """Let `seconds` of the day pass."""
        await asyncio.sleep(seconds / self.speed)

    def later(self, seconds: float, action: Callable[[], None]) -> asyncio.TimerHandle:
        """Do something after `seconds` of the day."""
        return asyncio.get_running_loop().call_later(seconds / self.speed, action)

    def identity(self) -> str:
        """A fresh UUID, never that of an earlier run: calls and recordings are kept by it."""
        return str(uuid.uuid4())

    # --- channels

    def open(self, device: str, *, number: str, **more: Unpack[Beginning]) -> Channel:
        """A new channel to or from a device."""
        channel = self._channel(f"{device}-{next(self._suffix):08x}", device, more)
        channel.number = number
        self.about("Newchannel", channel)
        return channel

    def open_local(self, context: str, exten: str, *, linkedid: str) -> tuple[Channel, Channel]:
        """Both halves of a Local channel, not told about yet."""
        device = f"Local/{exten}@{context}"
        name = f"{device}-{next(self._local):08x}"
        halves = [
            self._channel(
                f"{name};{half}",
                device,
                {"context": context, "exten": exten, "linkedid": linkedid, "state": state},
            )
            for half, state in ((1, DOWN), (2, RING))
        ]
        return halves[0], halves[1]

    def _channel(self, name: str, device: str, begin: Beginning) -> Channel:
        now = self.clock()
        own = begin.get("uniqueid") or f"{self.system}-{int(now.timestamp())}.{next(self._serial)}"
        channel = Channel(name, device, own, begin.get("linkedid") or own, now)
        channel.caller = begin.get("caller", "")
        channel.context = begin.get("context", channel.context)
        channel.exten = begin.get("exten", channel.exten)
        channel.state = begin.get("state", DOWN)
        self.channels[name] = channel
        return channel

    def about(self, name: str, channel: Channel, *extra: tuple[str, str]) -> None:
        """An event of one channel."""
        self.tell(name, describe(channel), list(extra))

    def turn(self, channel: Channel, state: int) -> None:
        """The channel's state changed."""
        channel.state = state
        self.about("Newstate", channel)

    def dial(
        self, name: str, caller: Channel | None, callee: Channel, *extra: tuple[str, str]
    ) -> None:
        """An event between a dialling channel (None where a command dials) and a dialled one."""
        self.tell(name, describe(caller) if caller else [], describe(callee, "Dest"), list(extra))

    def asked_to_hang_up(self, channel: Channel, *extra: tuple[str, str]) -> None:
        """The far end hung up."""
        self.about("HangupRequest", channel, *extra)

    def told_to_hang_up(self, channel: Channel, cause: int = 16) -> None:
        """The dialplan or a command ends the channel."""
        self.about("SoftHangupRequest", channel, ("Cause", str(cause)))

    def hang_up(self, channel: Channel, cause: int, *extra: tuple[str, str]) -> None:
        """The channel is gone."""
        if self.channels.pop(channel.name, None) is None:
            return
        self.part(channel)
        words = ("Cause", str(cause)), ("Cause-txt", frames.CAUSES.get(cause, "Unknown"))
        self.about("Hangup", channel, *words, *extra)

    def device(self, device: str, state: str) -> None:
        """A device's state changed."""
        self.tell("DeviceStateChange", [("Device", device), ("State", state)])

    # --- bridges

    def span(self, bridge: Bridge | None = None) -> Bridge:
        """A new bridge, of two unless it is given."""
        bridge = bridge or Bridge(self.identity())
        self.bridges[bridge.uniqueid] = bridge
        self.tell("BridgeCreate", describe_bridge(bridge))
        return bridge

    def enter(self, bridge: Bridge, channel: Channel, *extra: tuple[str, str]) -> None:
        """The channel joined the bridge, out of the one it was in."""
        if channel.bridge is bridge or channel.name not in self.channels:
            return
        self.part(channel)
        bridge.channels.append(channel)
        channel.bridge = bridge
        self.tell("BridgeEnter", describe_bridge(bridge), describe(channel), list(extra))

    def leave(self, channel: Channel) -> None:
        """The channel left its bridge, if it is in one."""
        bridge = channel.bridge
        if bridge is None:
            return
        bridge.channels.remove(channel)
        channel.bridge = None
        self.tell("BridgeLeave", describe_bridge(bridge), describe(channel))

    def part(self, *channels: Channel | None) -> None:
        """They leave their bridges, one after the other; bridges that are empty then are gone."""
        there = [channel for channel in channels if channel is not None]
        bridges = dict.fromkeys(c.bridge for c in there if c.bridge is not None)
        for channel in there:
            self.leave(channel)
        for bridge in bridges:
            if not bridge.channels:
                self.dissolve(bridge)

    def dissolve(self, bridge: Bridge) -> None:
        """The bridge is gone."""
        if self.bridges.pop(bridge.uniqueid, None) is not None:
            self.tell("BridgeDestroy", describe_bridge(bridge))

    def find(self, name: str) -> Channel | None:
        """A channel by its name (in any case, as Asterisk does) or Uniqueid."""
        wanted = name.casefold()
        for channel in self.channels.values():
            if wanted in (channel.name.casefold(), channel.uniqueid.casefold()):
                return channel
        return None

    def talking(self) -> int:
        """How many calls are up."""
        return len({c.linkedid for c in self.channels.values() if c.state == UP})
