"""AMI frames as Asterisk 22 writes them: names, classes and the order of headers."""

from collections.abc import Iterable
from datetime import datetime

Headers = list[tuple[str, str]]

BANNER = b"Asterisk Call Manager/11.0.0\r\n"

CLASS_OF: dict[str, str] = {
    **dict.fromkeys(
        (
            "AgentCalled",
            "AgentComplete",
            "AgentConnect",
            "AgentRingNoAnswer",
            "QueueCallerAbandon",
            "QueueCallerJoin",
            "QueueCallerLeave",
            "QueueMemberAdded",
            "QueueMemberPause",
            "QueueMemberPenalty",
            "QueueMemberRemoved",
            "QueueMemberStatus",
        ),
        "agent",
    ),
    **dict.fromkeys(("ContactStatus", "FullyBooted", "PeerStatus", "Shutdown"), "system"),
    **dict.fromkeys(("DTMFBegin", "DTMFEnd"), "dtmf"),
    "UserEvent": "user",
}
"""The class an event is read by; every event that is not named here is of class `call`."""

CAUSES: dict[int, str] = {
    0: "Unknown",
    1: "Unallocated (unassigned) number",
    16: "Normal Clearing",
    17: "User busy",
    18: "No user responding",
    19: "User alerting, no answer",
    21: "Call Rejected",
    26: "Answered elsewhere",
    34: "Circuit/channel congestion",
}
"""Q.850 causes in Asterisk's words."""


def class_of(event: str) -> str:
    """The authorisation class of an event."""
    return CLASS_OF.get(event, "call")


def frame(headers: Iterable[tuple[str, str]]) -> bytes:
    """One frame; a value keeps to its line, as Asterisk's own filters make sure."""
    lines = [f"{key}: {_one_line(value)}\r\n" for key, value in headers]
    return ("".join(lines) + "\r\n").encode()


def event(name: str, body: Headers, *, at: datetime, system: str) -> bytes:
    """An event that belongs to no action."""
    head = [
        ("Event", name),
        ("Privilege", f"{class_of(name)},all"),
        ("Timestamp", f"{at.timestamp():.6f}"),
        ("SystemName", system),
    ]
    return frame(head + body)


def listed(name: str, body: Headers, *, action_id: str) -> bytes:
    """One row of a list that answers an action."""
    return frame([("Event", name), *_action(action_id), *body])


def complete(name: str, *, items: int, action_id: str, body: Headers | None = None) -> bytes:
    """The end of a list."""
    tail = [("EventList", "Complete"), ("ListItems", str(items)), *(body or [])]
    return frame([("Event", name), *_action(action_id), *tail])


def response(kind: str, body: Headers, *, action_id: str) -> bytes:
    """The answer to an action."""
    return frame([("Response", kind), *_action(action_id), *body])


def _action(action_id: str) -> Headers:
    return [("ActionID", action_id)] if action_id else []


def _one_line(value: str) -> str:
    return value.replace("\r", " ").replace("\n", " ").replace("\0", " ")
