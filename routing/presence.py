"""An agent's presence: what they chose, what their phone does, and the one state that both make."""

from datetime import datetime
from typing import Literal

import msgspec

from regulation.refusal import Refusal
from routing.calls import Call

State = Literal["ready", "ringing", "talking", "holding", "paused", "unreachable", "signed_out"]
Choice = Literal["ready", "paused", "signed_out"]
Event = Literal["sign_in", "ready", "pause", "sign_out"]

NEXT: dict[Choice, dict[Event, Choice]] = {
    "signed_out": {"sign_in": "paused"},
    "paused": {"sign_in": "paused", "ready": "ready", "pause": "paused", "sign_out": "signed_out"},
    "ready": {"sign_in": "ready", "ready": "ready", "pause": "paused", "sign_out": "signed_out"},
}
"""What an agent chose, moved by what they do; an absent key is a refused move."""


class Presence(msgspec.Struct, frozen=True):
    """One agent at one device; `choice` is theirs, `state` what the floor sees since `since`."""

    person: str
    name: str
    device: str | None
    choice: Choice
    state: State
    since: datetime
    reason: str = ""
    call: str | None = None


def move(choice: Choice, event: Event) -> Choice:
    """The choice after an event; refuses a move that the table does not know."""
    try:
        return NEXT[choice][event]
    except KeyError:
        raise Refusal(
            "presence.not_now", f"cannot {event.replace('_', ' ')} while {choice}", status=409
        ) from None


def on_call(device: str | None, call: Call | None) -> State | None:
    """What the call makes of the device: ringing, talking, holding, or nothing."""
    if call is None or call.state == "ended":
        return None
    if any(s.device == device and s.until is None for s in call.segments):
        return "holding" if call.state == "held" else "talking"
    if any(o.device == device and o.outcome is None for o in call.offers):
        return "ringing"
    return None


def shown(choice: Choice, *, reachable: bool, on_call: State | None) -> State:
    """The state the floor sees: the call first, then the phone, then the choice."""
    if choice == "signed_out":
        return "signed_out"
    if on_call is not None:
        return on_call
    return choice if reachable else "unreachable"
