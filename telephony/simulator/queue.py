"""The hotline's queue: who is a member, who waits, and whom a call rings next."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from telephony.simulator.channels import Channel, describe
from telephony.simulator.frames import Headers
from telephony.simulator.switchboard import Switchboard

FREE, BUSY, UNAVAILABLE = 1, 3, 5


@dataclass(eq=False)
class Member:
    """A device that takes the queue's calls."""

    interface: str
    name: str
    login: datetime
    penalty: int = 0
    paused: bool = False
    reason: str = ""
    last_pause: datetime | None = None
    calls_taken: int = 0
    last_call: datetime | None = None
    in_call: bool = False
    status: int = FREE
    static: bool = False

    @property
    def available(self) -> bool:
        """Whether a call may ring it now."""
        return not self.paused and self.status == FREE


@dataclass(eq=False)
class Caller:
    """A citizen who waits.

    `round_began` is when the members' phones began to ring in turn: app_queue's RingTime counts
    from there, over those who pressed reject.
    """

    channel: Channel
    joined: datetime
    original_position: int
    ringing: bool = False
    round_began: datetime | None = None
    tried: set[str] = field(default_factory=set)


class Queue:
    """One queue of app_queue, strategies `linear` and `rrmemory`, with penalties and autofill."""

    def __init__(
        self,
        name: str,
        *,
        board: Switchboard,
        strategy: str,
        status_of: Callable[[str], int],
    ) -> None:
        if strategy not in ("linear", "rrmemory"):
            raise ValueError(f"strategy is {strategy!r}; use 'linear' or 'rrmemory'")
        self.name = name
        self.strategy = strategy
        self.members: list[Member] = []
        self.callers: list[Caller] = []
        self.completed = 0
        self.abandoned = 0
        self._board = board
        self._status_of = status_of
        self._last_rung = ""
        self._had_available = False

    # --- members

    def member(self, interface: str) -> Member | None:
        """The member at a device."""
        wanted = interface.casefold()
        return next((m for m in self.members if m.interface.casefold() == wanted), None)

    def write_in(self, interface: str, name: str, *, penalty: int) -> None:
        """A member of queues.conf, whom no command removes."""
        status = self._status_of(interface)
        now = self._board.clock()
        self.members.append(Member(interface, name, now, penalty, status=status, static=True))

    def add(self, interface: str, name: str, *, penalty: int, paused: bool, reason: str) -> Member:
        """A device joins."""
        now = self._board.clock()
        member = Member(interface, name or interface, now, penalty, paused, reason)
        member.last_pause = now if paused else None
        member.status = self._status_of(interface)
        self.members.append(member)
        self._board.tell("QueueMemberAdded", self.headers(member))
        self._watch_available()
        return member

    def remove(self, member: Member) -> None:
        """A device leaves."""
        self.members.remove(member)
        self._board.tell("QueueMemberRemoved", self.headers(member))
        self._watch_available()

    def pause(self, member: Member, *, paused: bool, reason: str) -> None:
        """A member takes a break or comes back."""
        if paused and not member.paused:
            member.last_pause = self._board.clock()
        member.paused = paused
        member.reason = reason if paused else ""
        state = "INUSE" if paused else "NOT_INUSE"
        self._board.device(f"Queue:{self.name}_pause_{member.interface}", state)
        self._board.tell("QueueMemberPause", self.headers(member))
        self._watch_available()

    def set_penalty(self, member: Member, penalty: int) -> None:
        """Lower penalties are rung first."""
        member.penalty = penalty
        self._board.tell("QueueMemberPenalty", self.headers(member))

    def device_changed(self, device: str) -> None:
        """A device became busy, free or unreachable."""
        member = self.member(device)
        if member is None:
            return
        member.status = self._status_of(device)
        self._board.tell("QueueMemberStatus", self.headers(member))
        self._watch_available()

    def took(self, member: Member) -> None:
        """The member's call ended."""
        member.in_call = False
        member.calls_taken += 1
        member.last_call = self._board.clock()

    def headers(self, member: Member) -> Headers:
        """A member as events describe it."""
        return [
            ("Queue", self.name),
            ("MemberName", member.name),
            ("Interface", member.interface),
            *_standing(member),
            ("Ringinuse", "0"),
            ("Wrapuptime", "0"),
        ]

    def listed(self, member: Member) -> Headers:
        """A member as QueueStatus lists it."""
        return [
            ("Queue", self.name),
            ("Name", member.name),
            ("Location", member.interface),
            *_standing(member),
            ("Wrapuptime", "0"),
        ]

    def _watch_available(self) -> None:
        has_available = any(m.available for m in self.members)
        if has_available != self._had_available:
            self._had_available = has_available
            state = "NOT_INUSE" if has_available else "INUSE"
            self._board.device(f"Queue:{self.name}_avail", state)

    @property
    def staffed(self) -> bool:
        """Whether any member's phone is connected, paused or not (`joinempty=unavailable`)."""
        return any(m.status != UNAVAILABLE for m in self.members)

    # --- callers

    def join(self, channel: Channel) -> Caller:
        """A citizen begins to wait."""
        caller = Caller(channel, self._board.clock(), len(self.callers) + 1)
        self.callers.append(caller)
        if len(self.callers) == 1:
            self._board.device(f"Queue:{self.name}", "RINGING")
        self.tell("QueueCallerJoin", channel, ("Position", str(len(self.callers))), self._count())
        return caller

    def abandon(self, caller: Caller) -> None:
        """The citizen gave up."""
        self.abandoned += 1
        self.tell(
            "QueueCallerAbandon",
            caller.channel,
            ("Position", str(self.position(caller))),
            ("OriginalPosition", str(caller.original_position)),
            ("HoldTime", str(self.waited(caller))),
        )
        self.leave(caller)

    def leave(self, caller: Caller) -> None:
        """The citizen waits no more."""
        position = str(self.position(caller))
        self.callers.remove(caller)
        if not self.callers:
            self._board.device(f"Queue:{self.name}", "NOT_INUSE")
        self.tell("QueueCallerLeave", caller.channel, ("Position", position), self._count())

    def position(self, caller: Caller) -> int:
        """From 1."""
        return self.callers.index(caller) + 1

    def waited(self, caller: Caller) -> int:
        """Whole seconds of the clock."""
        return int(self._board.clock().timestamp()) - int(caller.joined.timestamp())

    def next_for(self, caller: Caller) -> Member | None:
        """The member this citizen rings now; None while those ahead need every free one."""
        ahead = [each for each in self.callers if not each.ringing].index(caller)
        free = self._free(caller)
        if not free and caller.tried:
            caller.tried.clear()
            free = self._free(caller)
        if ahead >= len(free):
            return None
        self._last_rung = free[ahead].interface
        caller.tried.add(free[ahead].interface)
        return free[ahead]

    def _free(self, caller: Caller) -> list[Member]:
        turn = self._turn()
        free = [m for m in turn if m.available and m.interface not in caller.tried]
        return sorted(free, key=lambda m: m.penalty)

    def _turn(self) -> list[Member]:
        names = [m.interface for m in self.members]
        if self.strategy == "linear" or self._last_rung not in names:
            return self.members
        after = names.index(self._last_rung) + 1
        return self.members[after:] + self.members[:after]

    def tell(self, name: str, channel: Channel, *extra: tuple[str, str]) -> None:
        """An event about a waiting citizen."""
        self._board.tell(name, describe(channel), [("Queue", self.name), *extra])

    def _count(self) -> tuple[str, str]:
        return ("Count", str(len(self.callers)))


def _standing(member: Member) -> Headers:
    return [
        ("StateInterface", member.interface),
        ("Membership", "static" if member.static else "dynamic"),
        ("Penalty", str(member.penalty)),
        ("CallsTaken", str(member.calls_taken)),
        ("LastCall", _seconds(member.last_call)),
        ("LastPause", _seconds(member.last_pause)),
        ("LoginTime", _seconds(member.login)),
        ("InCall", str(int(member.in_call))),
        ("Status", str(member.status)),
        ("Paused", str(int(member.paused))),
        ("PausedReason", member.reason),
    ]


def _seconds(at: datetime | None) -> str:
    return str(int(at.timestamp())) if at else "0"
