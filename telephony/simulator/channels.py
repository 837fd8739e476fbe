"""Channels, bridges and the blocks of headers by which Asterisk describes them in every event."""

from dataclasses import dataclass, field
from datetime import datetime

from telephony.simulator.frames import Headers

DOWN, RING, RINGING, UP = 0, 4, 5, 6
_STATE = {DOWN: "Down", RING: "Ring", RINGING: "Ringing", UP: "Up"}

SHOWN_VARIABLES = ("HL_CALLID",)
"""Channel variables in every channel event (`channelvars` of manager.conf)."""


@dataclass(eq=False)
class Bridge:
    """Where channels hear one another."""

    uniqueid: str
    kind: str = "basic"
    technology: str = "simple_bridge"
    creator: str = ""
    name: str = ""
    video: str = "none"
    channels: "list[Channel]" = field(default_factory=list)


@dataclass(eq=False)
class Channel:
    """One leg of a call as Asterisk keeps it; `device` is what it rings or comes from."""

    name: str
    device: str
    uniqueid: str
    linkedid: str
    since: datetime
    number: str = ""
    caller: str = ""
    connected_number: str = ""
    connected_name: str = ""
    context: str = "internal"
    exten: str = "s"
    priority: int = 1
    state: int = DOWN
    variables: dict[str, str] = field(default_factory=dict)
    bridge: Bridge | None = None
    account: str = ""
    on_hold: bool = False
    application: str = ""
    data: str = ""

    def at(self, context: str, exten: str, priority: int) -> None:
        """Go to a place in the dialplan."""
        self.context, self.exten, self.priority = context, exten, priority

    def meet(self, other: "Channel") -> None:
        """Take the other one's number as the connected line."""
        self.connected_number, self.connected_name = other.number, other.caller

    def inherit(self, other: "Channel") -> None:
        """Take over the other one's inherited variables."""
        self.variables = dict(other.variables)


def describe(channel: Channel, prefix: str = "") -> Headers:
    """A channel's block of headers, each with `prefix` in front of its name."""
    fields = [
        ("Channel", channel.name),
        ("ChannelState", str(channel.state)),
        ("ChannelStateDesc", _STATE[channel.state]),
        ("CallerIDNum", _known(channel.number)),
        ("CallerIDName", _known(channel.caller)),
        ("ConnectedLineNum", _known(channel.connected_number)),
        ("ConnectedLineName", _known(channel.connected_name)),
        ("Language", "zh"),
        ("AccountCode", channel.account),
        ("Context", channel.context),
        ("Exten", channel.exten),
        ("Priority", str(channel.priority)),
        ("Uniqueid", channel.uniqueid),
        ("Linkedid", channel.linkedid),
    ]
    fields += [("ChanVariable", each) for each in shown_variables(channel)]
    return [(prefix + key, value) for key, value in fields]


def describe_bridge(bridge: Bridge, prefix: str = "") -> Headers:
    """A bridge's block of headers."""
    fields = [
        ("BridgeUniqueid", bridge.uniqueid),
        ("BridgeType", bridge.kind),
        ("BridgeTechnology", bridge.technology),
        ("BridgeCreator", _known(bridge.creator)),
        ("BridgeName", _known(bridge.name)),
        ("BridgeNumChannels", str(len(bridge.channels))),
        ("BridgeVideoSourceMode", bridge.video),
    ]
    return [(prefix + key, value) for key, value in fields]


def shown_variables(channel: Channel) -> list[str]:
    """The shown variables as `NAME=value`."""
    return [f"{name}={channel.variables.get(name, '')}" for name in SHOWN_VARIABLES]


def _known(value: str) -> str:
    return value or "<unknown>"
