"""An agent's presence: what they chose, what their phone does, and the one state that both make."""

from datetime import datetime
from typing import Literal

import msgspec

from regulation.refusal import Refusal

Choice = Literal["ready", "paused", "signed_out"]
State = Literal[
    "ready", "ringing", "talking", "holding", "wrap_up", "paused", "unreachable", "signed_out"
]
Event = Literal["sign_in", "ready", "pause", "wrap_up", "wrapped_up", "sign_out"]

NEXT: dict[State, dict[Event, State]] = {
    "signed_out": {"sign_in": "paused"},
    "paused": {"sign_in": "paused", "ready": "ready", "pause": "paused", "sign_out": "signed_out"},
    "ready": {
        "sign_in": "ready",
        "ready": "ready",
        "pause": "paused",
        "wrap_up": "wrap_up",
        "sign_out": "signed_out",
    },
    "wrap_up": {
        "sign_in": "wrap_up",
        "ready": "ready",
        "pause": "paused",
        "wrap_up": "wrap_up",
        "wrapped_up": "ready",
        "sign_out": "signed_out",
    },
}
"""What an agent chose, moved by what they do; an absent key is a refused move."""


class Presence(msgspec.Struct, frozen=True):
    """One agent at one device; `choice` is theirs, `state` what the floor sees since `since`."""

    person: str
    name: str
    device: str | None
    choice: State
    state: State
    since: datetime
    reason: str = ""
    call: str | None = None


def move(choice: State, event: Event) -> State:
    """The choice after an event; refuses a move that the table does not know."""
    try:
        return NEXT[choice][event]
    except KeyError:
        raise Refusal(
            "presence.not_now", f"cannot {event.replace('_', ' ')} while {choice}", status=409
        ) from None


def shown(choice: State, *, reachable: bool, call_state: str | None) -> State:
    """The state the floor sees: the call first, then the phone, then the choice."""
    if choice == "signed_out":
        return "signed_out"
    if call_state in ("ringing", "talking"):
        return call_state  # type: ignore[return-value]
    if call_state == "held":
        return "holding"
    return choice if reachable else "unreachable"
