"""What every simulated call has: its channels, its one inbox, the parts of the PBX it plays on."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from telephony.simulator.channels import Channel, describe
from telephony.simulator.frames import Headers
from telephony.simulator.people import Conduct, Fate
from telephony.simulator.phones import Phones
from telephony.simulator.queue import Member, Queue
from telephony.simulator.recorder import Heard, Track
from telephony.simulator.switchboard import Switchboard

_COLLEAGUE_STAYS_SECONDS = 30.0

What = Literal[
    "bye",  # the far end hung up
    "dropped",  # a command hung up
    "picked",
    "declined",
    "hold",
    "unhold",
    "blind",
    "consult",
    "cancel",
    "moved",  # redirected by command, `extra` with it
    "joined",  # bridged by command with `extra`
]


@dataclass(frozen=True)
class Signal:
    """Something happened at one end of a call, or was commanded."""

    what: What
    channel: Channel
    context: str = ""
    exten: str = ""
    cause: int = 16
    extra: Channel | None = None
    extra_context: str = ""
    extra_exten: str = ""

    def places(self) -> list[tuple[Channel, str, str]]:
        """Who is redirected whither."""
        first = [(self.channel, self.context, self.exten)]
        if self.extra is None:
            return first
        there = self.extra_context or self.context, self.extra_exten or self.exten
        return [*first, (self.extra, *there)]


@dataclass(frozen=True)
class Pbx:
    """The parts that calls share."""

    board: Switchboard
    queue: Queue
    phones: Phones
    fate: Callable[[str], Fate]
    record: Callable[[str], Track | None]
    owners: "dict[Channel, Call]"
    ring_seconds: float = 20.0
    retry_seconds: float = 1.0
    greeting_seconds: float = 4.0
    longest_wait: float = 120.0
    trunk: str = "PJSIP/trunk-city"

    def post(self, signal: Signal) -> bool:
        """Hand a signal to the call that owns the channel; one about two calls goes to each."""
        call = self.owners.get(signal.channel)
        if call is None:
            return False
        if signal.extra is None or self.owners.get(signal.extra) is call:
            call.inbox.put_nowait(signal)
        elif signal.what == "moved":
            for channel, context, exten in signal.places():
                self.post(Signal("moved", channel, context=context, exten=exten))
        return True


@dataclass(eq=False)
class Call:
    """One call.

    `caller` is the citizen's channel (while a command's call is dialling: the first party's),
    `agent` the one that talks to it; `runs` is the one whose dialplan runs. `talk` is how many
    seconds the citizen stays on when connected.
    """

    pbx: Pbx
    id: str
    caller: Channel
    inbox: asyncio.Queue[Signal] = field(default_factory=asyncio.Queue)
    track: Track | None = None
    recording_id: str = ""
    agent: Channel | None = None
    runs: Channel | None = None
    talk: float | None = None
    member: Member | None = None
    hold_time: int = 0
    connected_at: float = 0.0
    timers: list[asyncio.TimerHandle] = field(default_factory=list)

    @property
    def board(self) -> Switchboard:
        """Where it is played."""
        return self.pbx.board

    def own(self, channel: Channel) -> Channel:
        """Take signals of the channel from now on."""
        self.pbx.owners[channel] = self
        return channel

    async def next(self, seconds: float | None = None) -> Signal | None:
        """The next signal of a live channel, or None after `seconds` of the day."""
        limit = None if seconds is None else max(0.0, seconds) / self.board.speed
        try:
            async with asyncio.timeout(limit):
                while True:
                    signal = await self.inbox.get()
                    if signal.channel.name in self.board.channels:
                        return signal
        except TimeoutError:
            return None

    def later(self, seconds: float | None, what: What, channel: Channel, **more: str) -> None:
        """Post a signal after some seconds of the day, unless the phase ends before."""
        if seconds is not None:
            post = partial(self.inbox.put_nowait, Signal(what, channel, **more))  # type: ignore[arg-type]
            self.timers.append(self.board.later(seconds, post))

    def linger(self) -> None:
        """Citizen and agent are together again: plan anew how long either stays."""
        self.forget_timers()
        self.later(self.talk, "bye", self.caller)
        if self.agent is not None and self.pbx.phones.is_colleague(self.agent.device):
            self.later(_COLLEAGUE_STAYS_SECONDS, "bye", self.agent)

    def forget_timers(self) -> None:
        """The phase ended: what was planned for it does not happen."""
        while self.timers:
            self.timers.pop().cancel()

    def record(self, channel: Channel) -> None:
        """Start MixMonitor on a channel and say under which name."""
        self.recording_id = recording_id = self.board.identity()
        self.track = self.pbx.record(recording_id)
        self.board.about("MixMonitorStart", channel)
        named = ("CallId", self.id), ("RecordingId", recording_id)
        self.board.about("UserEvent", channel, ("UserEvent", "HotlineRecording"), *named)

    def hear(self, heard: Heard) -> None:
        """What the recording hears from now on."""
        if self.track:
            self.track.hear(heard)

    def refresh(self, channel: Channel) -> None:
        """Tell about the state of the channel's device."""
        self.pbx.phones.refresh(channel.device, self.pbx.queue)

    def close(self, channel: Channel, cause: int, *extra: tuple[str, str]) -> None:
        """The channel is gone and its device free."""
        self.pbx.owners.pop(channel, None)
        self.board.hang_up(channel, cause, *extra)
        self.refresh(channel)

    def finish(self) -> None:
        """The call is over: whatever it still has is gone, and the recording is closed."""
        self.forget_timers()
        for channel in [c for c, call in self.pbx.owners.items() if call is self]:
            if channel is self.runs:
                self.board.told_to_hang_up(channel)
            self.close(channel, 16)
        if self.track:
            self.track.stop()

    def queue_event(
        self, name: str, agent: Channel, member: Member, *extra: tuple[str, str]
    ) -> None:
        """An event of app_queue about the citizen and one member."""
        headers: Headers = [
            ("Queue", self.pbx.queue.name),
            ("Interface", member.interface),
            ("MemberName", member.name),
            *extra,
        ]
        self.board.tell(name, describe(self.caller), describe(agent, "Dest"), headers)

    def plan(self, agent: Channel, conduct: Conduct | None) -> None:
        """Plan what a colleague does after the answer."""
        if conduct is None:
            return
        if conduct.holds:
            at, length = conduct.holds
            self.later(at, "hold", agent)
            self.later(at + length, "unhold", agent)
        if conduct.passes:
            at, number, how = conduct.passes
            what: What = "blind" if how == "blind" else "consult"
            self.later(at, what, agent, context="internal", exten=number)
        self.later(conduct.hangs_up, "bye", agent)
