"""What has to be said to a queue so that its members are the agents who are signed in."""

from collections.abc import Iterable, Iterator

from routing.seats import Member
from telephony.wire import Message

Command = tuple[str, dict[str, str]]


def corrections(queue: str, listed: Iterable[Message], wanted: Iterable[Member]) -> list[Command]:
    """The actions that make the queue as wanted; none where it is so already.

    Args:
        queue: the queue's name.
        listed: the answer to QueueStatus.
        wanted: everybody signed in. Members written into `queues.conf` are not ours to remove.
    """
    now = {m.get("Location") or "": m for m in listed if _is_ours(m, queue)}
    wish = {member.device: member for member in wanted}
    gone = [("QueueRemove", at(queue, device)) for device in now if device not in wish]
    return [*gone, *(each for member in wish.values() for each in _changes(queue, member, now))]


def at(queue: str, device: str) -> dict[str, str]:
    """The fields that name a member."""
    return {"Queue": queue, "Interface": device}


def joining(queue: str, member: Member) -> Command:
    """The action that signs a member in."""
    paused = "true" if member.paused else "false"
    return "QueueAdd", {**at(queue, member.device), "MemberName": member.name, "Paused": paused}


def pausing(queue: str, device: str, *, paused: bool, reason: str) -> Command:
    """The action that pauses a member, or ends the pause."""
    fields = {**at(queue, device), "Paused": "true" if paused else "false"}
    return "QueuePause", {**fields, "Reason": reason} if paused and reason else fields


def _is_ours(message: Message, queue: str) -> bool:
    return (
        message.name == "QueueMember"
        and message.get("Queue") == queue
        and message.get("Membership") != "static"
    )


def _changes(queue: str, member: Member, now: dict[str, Message]) -> Iterator[Command]:
    present = now.get(member.device)
    pause = pausing(queue, member.device, paused=member.paused, reason=member.reason)
    if present is None:
        yield joining(queue, member)
        if member.paused and member.reason:
            yield pause
    elif present.get("Name") != member.name:
        yield "QueueRemove", at(queue, member.device)
        yield from _changes(queue, member, {})
    elif (present.get("Paused") == "1") != member.paused:
        yield pause
