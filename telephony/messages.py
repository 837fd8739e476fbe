"""AMI events to facts: a table of names, one small reader each; what is not in it is not wanted.

Not read, because not true: `AgentComplete` (its talk time includes hold), `Cdr` (its billing begins
before the queue), `QueueCallerAbandon` (comes when the queue's patience ends, too), and the results
in `OriginateResponse` (every failure looks alike).
"""

from collections.abc import Callable

from telephony import facts
from telephony.facts import Fact
from telephony.wire import Message

Reader = Callable[[Message, float], Fact | None]

LONGEST = 256  # characters kept of any text a peer sends
_YEAR_3000 = 32_503_680_000.0
# Channels that are nobody's: of a failed Originate, of the bridging code, of a conference's voice.
_PHANTOMS = (
    "OutgoingSpoolFailed", "Surrogate/", "AsyncGoto/", "CBAnn/", "CBRec/", "Announcer/",
    "Recorder/", "Message/", "Bridge/", "Parked/",
)  # fmt: skip
_UNKNOWN = frozenset({"<unknown>", "unknown", "<null>"})
_RINGS = frozenset({"ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL"})


def translate(message: Message, received: float) -> Fact | None:
    """The fact an event tells, None where it tells none.

    Args:
        message: any AMI message.
        received: seconds since 1970, for a message that bears no usable time of its own.
    """
    reader = READERS.get(message.name)
    return reader(message, instant(message, received)) if reader else None


def text(message: Message, key: str) -> str:
    """A field as one line of bounded length; empty where absent or said to be unknown."""
    return _clean(message.get(key))


def _clean(value: str | None) -> str:
    if not value or value in _UNKNOWN:
        return ""
    if not value.isprintable():
        value = "".join(c for c in value if c.isprintable())
    return value[:LONGEST]


def instant(message: Message, received: float) -> float:
    """The time a message bears, seconds since 1970; `received` where that is none or absurd."""
    try:
        at = float(message.get("Timestamp") or "")
    except ValueError:
        return received
    return at if 0 < at < _YEAR_3000 else received


def is_phantom(name: str) -> bool:
    """Whether a channel is none of a call."""
    return name.startswith(_PHANTOMS) or name.endswith("<ZOMBIE>")


def _who(message: Message, prefix: str = "") -> tuple[str, str, str] | None:
    """Uniqueid, name and Linkedid of the channel; None for a phantom or where it is not named."""
    leg, name = message.get(prefix + "Uniqueid"), message.get(prefix + "Channel") or ""
    if not leg or is_phantom(name):
        return None
    linkedid = message.get(prefix + "Linkedid") or leg
    return leg[:LONGEST], name[:LONGEST], linkedid[:LONGEST]


def _call(message: Message, field: str = "ChanVariable") -> str:
    return message.variable("HL_CALLID", field)[:LONGEST]


def _born(message: Message, at: float) -> Fact | None:
    who = _who(message)
    return who and facts.Born(
        at,
        *who,
        dials=message.get("ChannelState") == "4",
        number=text(message, "CallerIDNum"),
        caller=text(message, "CallerIDName"),
        exten=text(message, "Exten"),
        call=_call(message),
    )


_STATES = {"5": facts.Ringing, "6": facts.Up}


def _state(message: Message, at: float) -> Fact | None:
    kind = _STATES.get(message.get("ChannelState") or "")
    who = kind and _who(message)
    return kind(at, *who, call=_call(message)) if kind and who else None


def _dial_state(message: Message, at: float) -> Fact | None:
    who = _who(message, "Dest")
    return facts.Ringing(at, *who) if who else None


def _ended(message: Message, at: float) -> Fact | None:
    who = _who(message)
    cause = message.get("Cause") or ""
    known = int(cause) if cause.isascii() and cause.isdigit() and len(cause) < 4 else None  # noqa: PLR2004
    return who and facts.Ended(at, *who, cause=known)


def _dialled(message: Message, at: float) -> Fact | None:
    who = _who(message, "Dest")
    return who and facts.Dialled(
        at,
        *who,
        by=(message.get("Uniqueid") or "")[:LONGEST],
        to=text(message, "DialString"),
        call=_call(message, "DestChanVariable"),
    )


def _dial_over(message: Message, at: float) -> Fact | None:
    who = _who(message, "Dest")
    status = message.get("DialStatus") or ""
    if not who or status not in _RINGS:
        return None
    return facts.DialOver(at, *who, status=status)  # type: ignore[arg-type]


def _unanswered(message: Message, at: float) -> Fact | None:
    who = _who(message, "Dest")
    return who and facts.DialOver(at, *who, status="NOANSWER")


def _joined(message: Message, at: float) -> Fact | None:
    who, bridge = _who(message), text(message, "BridgeUniqueid")
    return facts.Joined(at, *who, bridge) if who and bridge else None


def _left(message: Message, at: float) -> Fact | None:
    who, bridge = _who(message), text(message, "BridgeUniqueid")
    return facts.Left(at, *who, bridge, text(message, "Context")) if who and bridge else None


def _plain(kind: Callable[..., Fact], prefix: str = "") -> Reader:
    """A reader for a fact that says nothing but which channel."""

    def read(message: Message, at: float) -> Fact | None:
        who = _who(message, prefix)
        return who and kind(at, *who)

    return read


def _blind(message: Message, at: float) -> Fact | None:
    who = _who(message, "Transferer")
    return who and facts.BlindTransferred(
        at,
        *who,
        transferee=text(message, "TransfereeUniqueid"),
        to=text(message, "Extension"),
        succeeded=message.get("Result") == "Success",
    )


def _attended(message: Message, at: float) -> Fact | None:
    who = _who(message, "OrigTransferer")
    return who and facts.AttendedTransferred(
        at,
        *who,
        second=text(message, "SecondTransfererUniqueid"),
        succeeded=message.get("Result") == "Success",
    )


def _destined(message: Message, at: float) -> Fact | None:
    """After a failure the channel is named by what was dialled (`PJSIP/138...@trunk-city`) only."""
    leg, name = text(message, "Uniqueid"), text(message, "Channel")
    exten = text(message, "Exten")
    return facts.Destined(at, leg, name, "", exten) if exten and not is_phantom(name) else None


def _conferred(message: Message, at: float) -> Fact | None:
    who = _who(message)
    return who and facts.Conferred(at, *who, room=text(message, "Conference"))


def _contact(message: Message, at: float) -> Fact | None:
    device, status = text(message, "EndpointName"), message.get("ContactStatus")
    known = _CONTACTS.get(status or "")
    return facts.Reachable(at, f"PJSIP/{device}", known) if device and known is not None else None


_CONTACTS = {"Reachable": True, "Created": True, "Unreachable": False, "Removed": False}
_GONE = frozenset({"4", "5"})  # invalid, unavailable: of a queue member's device


def _member(message: Message, at: float) -> Fact | None:
    device, status = text(message, "Interface"), message.get("Status")
    return facts.Reachable(at, device, status not in _GONE) if device and status else None


def _device(message: Message, at: float) -> Fact | None:
    device, state = text(message, "Device"), message.get("State")
    gone = state in ("UNAVAILABLE", "INVALID")
    return facts.Reachable(at, device, not gone) if device.startswith("PJSIP/") and state else None


def _booted(message: Message, at: float) -> Fact | None:
    uptime = message.get("Uptime") or ""
    return facts.Booted(at, float(uptime)) if uptime.isascii() and uptime.isdigit() else None


def _user_event(message: Message, at: float) -> Fact | None:
    reader = USER_EVENTS.get(message.get("UserEvent") or "")
    return reader(message, at) if reader else None


def _entered(message: Message, at: float) -> Fact | None:
    who = _who(message)
    return who and facts.Entered(
        at,
        *who,
        call=text(message, "CallId"),
        source=text(message, "Source"),
        number=text(message, "Caller"),
        caller=text(message, "CallerName"),
        did=_line(message.all("Did"), sole=True),
        case=_line(message.all("Order")),
    )


def _line(values: list[str], *, sole: bool = False) -> str:
    """The last of several values, or none of them.

    A caller's name with commas in it can add fields of his own behind CallerName, but not behind
    the last field.
    """
    return _clean(values[-1]) if len(values) == 1 or (values and not sole) else ""


def _outgoing(message: Message, at: float) -> Fact | None:
    who = _who(message)
    return who and facts.Outgoing(
        at, *who, call=text(message, "CallId"), number=text(message, "Number")
    )


def _about_call(kind: Callable[..., Fact], field: str) -> Reader:
    """A reader for one value that a call's dialplan reports."""

    def read(message: Message, at: float) -> Fact | None:
        who, value = _who(message), text(message, field)
        return kind(at, *who, text(message, "CallId"), value) if who and value else None

    return read


USER_EVENTS: dict[str, Reader] = {
    "HotlineInbound": _entered,
    "HotlineOutbound": _outgoing,
    "HotlineRecording": _about_call(facts.RecordingNamed, "RecordingId"),
    "HotlineSurvey": _about_call(facts.Surveyed, "Digit"),
    "HotlineCallback": _about_call(facts.CalledBack, "Number"),
    "FaxIn": _plain(facts.Machine),
}
"""What our dialplan reports by UserEvent."""

READERS: dict[str, Reader] = {
    "Newchannel": _born,
    "Newstate": _state,
    "DialBegin": _dialled,
    "DialState": _dial_state,
    "DialEnd": _dial_over,
    "AgentRingNoAnswer": _unanswered,
    "QueueCallerJoin": _plain(facts.Queued),
    "QueueCallerLeave": _plain(facts.Unqueued),
    "BridgeEnter": _joined,
    "BridgeLeave": _left,
    "Hold": _plain(facts.Held),
    "Unhold": _plain(facts.Resumed),
    "BlindTransfer": _blind,
    "AttendedTransfer": _attended,
    "ConfbridgeJoin": _conferred,
    "OriginateResponse": _destined,
    "MixMonitorStart": _plain(facts.Recorded),
    "MixMonitorStop": _plain(facts.RecordingOver),
    "ReceiveFAX": _plain(facts.Machine),
    "HangupRequest": _plain(facts.HungUp),
    "Hangup": _ended,
    "UserEvent": _user_event,
    "ContactStatus": _contact,
    "DeviceStateChange": _device,
    "QueueMemberStatus": _member,
    "FullyBooted": _booted,
}
"""Which events tell a fact, and how it is read."""

# Lists that are asked for, and the login that dates an undated FullyBooted in a capture.
LISTS = frozenset(
    {
        "CoreShowChannel", "CoreShowChannelsComplete", "BridgeListItem", "BridgeListComplete",
        "QueueParams", "QueueMember", "QueueEntry", "QueueStatusComplete",
        "DeviceStateListComplete", "SuccessfulAuth",
    }
)  # fmt: skip

WANTED = frozenset(READERS) | LISTS
"""Names to give to the decoder."""
