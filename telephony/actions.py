"""What may be asked of Asterisk, as bytes: the one place where text becomes an AMI action.

AMI is lines of `Key: value` ended by an empty line, so a value with a line break would be a second
action. An action or a field that the table does not name is refused before the socket, as is a
value that would break its line or that Asterisk would drop.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from regulation.refusal import Refusal

Fields = Mapping[str, str | Sequence[str]]
"""Values by field name; a sequence repeats the field (`Variable`)."""

ACTIONS: dict[str, frozenset[str]] = {
    "Login": frozenset({"Username", "Secret", "Events"}),
    "Logoff": frozenset(),
    "Ping": frozenset(),
    "ListCommands": frozenset(),
    "CoreSettings": frozenset(),
    "CoreStatus": frozenset(),
    "CoreShowChannels": frozenset(),
    "BridgeList": frozenset({"BridgeType"}),
    "BridgeInfo": frozenset({"BridgeUniqueid"}),
    "DeviceStateList": frozenset(),
    "QueueStatus": frozenset({"Queue", "Member"}),
    "QueueAdd": frozenset({"Queue", "Interface", "MemberName", "Paused", "Penalty"}),
    "QueuePause": frozenset({"Queue", "Interface", "Paused", "Reason"}),
    "QueueRemove": frozenset({"Queue", "Interface"}),
    # Only into the dialplan: Application would let a value choose a program to run.
    "Originate": frozenset(
        {
            "Channel",
            "Context",
            "Exten",
            "Priority",
            "CallerID",
            "Timeout",
            "Async",
            "ChannelId",
            "OtherChannelId",
            "Variable",
        }
    ),
    "Hangup": frozenset({"Channel", "Cause"}),
    "Redirect": frozenset(
        {
            "Channel",
            "Context",
            "Exten",
            "Priority",
            "ExtraChannel",
            "ExtraContext",
            "ExtraExten",
            "ExtraPriority",
        }
    ),
    "Bridge": frozenset({"Channel1", "Channel2", "Tone"}),
    "BlindTransfer": frozenset({"Channel", "Context", "Exten"}),
    "Atxfer": frozenset({"Channel", "Context", "Exten"}),
    "CancelAtxfer": frozenset({"Channel"}),
    "Setvar": frozenset({"Channel", "Variable", "Value"}),
    "MixMonitorMute": frozenset({"Channel", "Direction", "State"}),
}
"""The actions of this product and the fields each may carry."""

# Asterisk 22 drops an action with a line above 1024 bytes, its end counted, or above 128 lines.
LONGEST_LINE = 1022
MOST_LINES = 128

_BREAKS = re.compile(r"[\r\n\0]")


def encode(name: str, action_id: str, fields: Fields) -> bytes:
    """One action as it goes to the socket.

    Raises:
        Refusal: `switch.action_unknown`, `switch.field_unknown`, `switch.value_broken`,
            `switch.value_long` or `switch.fields_many`; names the field, never its value.
    """
    known = ACTIONS.get(name)
    if known is None:
        raise Refusal("switch.action_unknown", "Action is not one of ours", field="Action")
    lines = [_line("Action", name), _line("ActionID", action_id)]
    for key, value in _flat(fields):
        if key not in known:
            raise Refusal(
                "switch.field_unknown", f"{name} is never sent with this field", field=_shown(key)
            )
        lines.append(_line(key, value))
    if len(lines) > MOST_LINES:
        raise Refusal("switch.fields_many", f"{name}: at most {MOST_LINES} lines", field="Variable")
    return b"".join(lines) + b"\r\n"


def _flat(fields: Fields) -> Iterator[tuple[str, str]]:
    for key, value in fields.items():
        if isinstance(value, str):
            yield key, value
        else:
            yield from ((key, one) for one in value)


def _line(key: str, value: str) -> bytes:
    if _BREAKS.search(value):
        raise Refusal(
            "switch.value_broken", f"{key}: remove the line break or NUL character", field=key
        )
    try:
        line = f"{key}: {value}".encode()
    except UnicodeEncodeError:
        raise Refusal(
            "switch.value_broken", f"{key}: remove the character that is no Unicode text", field=key
        ) from None
    if len(line) > LONGEST_LINE:
        raise Refusal(
            "switch.value_long",
            f"{key}: shorten it to {LONGEST_LINE - len(key) - 2} bytes",
            field=key,
        )
    return line + b"\r\n"


def _shown(key: str) -> str:
    """A field name that did not come from the table may carry anything."""
    return _BREAKS.sub(" ", key)[:40]
