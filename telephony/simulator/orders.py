"""The Originate action: its checks in Asterisk's order and words, and what it asks for."""

import re

from telephony.simulator.outbound import Order
from telephony.simulator.sessions import Action

_CALLER = re.compile(r'^\s*"?([^"<]*?)"?\s*(?:<([^>]*)>)?\s*$')
_BLACKLISTED = ("system", "exec", "agi", "mixmonitor", "originate", "externalivr", "shell", "curl")


class Unacceptable(Exception):  # noqa: N818 - the words that go back
    """What Asterisk answers instead."""


def originate_of(action: Action) -> Order:
    """Read an Originate; raises Unacceptable with the message to send."""
    device, number = _destination(action.get("Channel"))
    application = action.get("Application").casefold()
    if application and any(word in application for word in _BLACKLISTED):
        raise Unacceptable("Originate Access Forbidden: app or data blacklisted")
    if not application and not (action.get("Context") and action.get("Exten")):
        raise Unacceptable("Originate failed")
    caller_number, caller_name = _caller(action.get("CallerID"))
    return Order(
        device=device,
        number=number,
        context=action.get("Context"),
        exten=action.get("Exten"),
        priority=_whole(action.get("Priority") or "1", "Invalid priority"),
        timeout=_whole(action.get("Timeout") or "30000", "Invalid timeout") / 1000,
        action_id=action.id,
        channel_id=action.get("ChannelId"),
        caller_number=caller_number,
        caller_name=caller_name,
        variables=dict(map(_variable, action.all("Variable"))),
    )


def _destination(channel: str) -> tuple[str, str]:
    """Device and, where a trunk is to dial one, the number."""
    if not channel:
        raise Unacceptable("Channel not specified")
    technology, slash, address = channel.partition("/")
    if not slash or not address:
        raise Unacceptable("Invalid channel")
    number, at, trunk = address.partition("@")
    return (f"{technology}/{trunk}", number) if at else (channel, "")


def _caller(text: str) -> tuple[str, str]:
    match = _CALLER.match(text)
    if match is None:
        return text, ""
    name, number = match.groups()
    return (name, "") if number is None else (number, name)


def _whole(text: str, complaint: str) -> int:
    if not text.isdigit():
        raise Unacceptable(complaint)
    return int(text)


def _variable(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name.lstrip("_"), value
