"""What there is now, from the lists Asterisk gives when asked, as facts to mark and sweep by."""

import re
from collections.abc import Iterable, Iterator

from telephony import facts
from telephony.facts import Fact
from telephony.messages import LONGEST, is_phantom, text, translate
from telephony.wire import Message

_DURATION = re.compile(r"(\d{1,6}):(\d\d):(\d\d)")
_DIALLED = ("AppDial", "AppQueue")  # the application of a channel that we called


def settle(lists: Iterable[Message], *, at: float, since: float) -> list[Fact]:
    """The facts in the answers to CoreShowChannels, QueueStatus and DeviceStateList.

    Args:
        lists: the answers' events; others are passed over.
        at: when they were given, seconds since 1970.
        since: until when everything is known already; a channel last heard of before then and not
            listed is gone.
    """
    found = list(lists)
    channels = [m for m in found if m.name == "CoreShowChannel" and _is_real(m)]
    told: list[Fact] = [_present(message, at) for message in channels]
    told += _waiting(found, at)
    told += _phones(found, at)
    bridges = {_uid(m): text(m, "BridgeId") for m in channels}
    return [*told, facts.Listed(at, since, frozenset(bridges), bridges)]


def _is_real(message: Message) -> bool:
    return bool(_uid(message)) and not is_phantom(message.get("Channel") or "")


def _uid(message: Message) -> str:
    return text(message, "Uniqueid")


def _present(message: Message, at: float) -> Fact:
    uid = _uid(message)
    return facts.Present(
        at,
        uid,
        text(message, "Channel"),
        text(message, "Linkedid") or uid,
        began=at - _seconds(message.get("Duration") or ""),
        up=message.get("ChannelState") == "6",
        dials=not (message.get("Application") or "").startswith(_DIALLED),
        number=text(message, "CallerIDNum"),
        caller=text(message, "CallerIDName"),
        call=message.variable("HL_CALLID")[:LONGEST],
    )


def _seconds(duration: str) -> float:
    match = _DURATION.fullmatch(duration)
    return 3600.0 * int(match[1]) + 60.0 * int(match[2]) + int(match[3]) if match else 0.0


def _waiting(lists: Iterable[Message], at: float) -> Iterator[Fact]:
    for message in lists:
        uid, wait = _uid(message), message.get("Wait") or ""
        if message.name == "QueueEntry" and uid and wait.isascii() and wait.isdigit():
            since = at - float(wait[:9])
            yield facts.Waiting(at, uid, text(message, "Channel"), uid, since)


def _phones(lists: Iterable[Message], at: float) -> Iterator[Fact]:
    for message in lists:
        if message.name == "QueueMember":
            device, status = text(message, "Location"), message.get("Status")
            if device and status:
                yield facts.Reachable(at, device, status not in ("4", "5"))
        elif message.name == "DeviceStateChange":
            fact = translate(message, at)
            if fact:
                yield fact
