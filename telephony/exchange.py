"""The supervised conversation with one Asterisk: connected, resynchronised, heard, and again.

A session connects and logs in, fills the gap since the last event from CEL, and then consumes
events in order. Lists of channels, bridges, queues and devices are asked for meanwhile and take
effect at their place in the same order, so that nothing younger is undone by them. Only then
telephone data is said to be true. When the connection is lost the rest of what was received is
consumed, telephone data is said to be stale, and the next session begins after a pause that grows
with every failure.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Protocol

import msgspec

from routing.happenings import Happening, LinkChanged
from routing.ports import Clock
from routing.seats import Member
from telephony.actions import Fields
from telephony.failures import Declined, LinkDown, LoginRefused, NoAnswer, NotSent
from telephony.inbox import masked
from telephony.link import ACTION_SECONDS, Address, Link
from telephony.members import corrections
from telephony.wire import Message

LISTS = ("CoreShowChannels", "BridgeList", "QueueStatus")
PHONES = "DeviceStateList"  # only an Asterisk with res_manager_devicestate has it

log = logging.getLogger(__name__)


class Pace(msgspec.Struct, frozen=True):
    """How patient an exchange is, in seconds."""

    ping: float = 5.0
    answer: float = ACTION_SECONDS
    boot: float = 30.0
    retry: float = 0.5  # doubled after every failure
    longest_retry: float = 10.0
    refused: float = 30.0  # after a refused login: somebody has to change a setting


Written = Any
"""A fact that was written down; the ear knows its form."""


class Ear(Protocol):
    """Makes happenings of what one Asterisk says."""

    @property
    def wanted(self) -> frozenset[str]:
        """Names of the events to listen to."""
        ...

    def hear(self, message: Message) -> Iterable[Happening]:
        """One event."""
        ...

    def cut(self, at: datetime) -> Iterable[Happening]:
        """The connection is lost; `at` is the instant of the last event."""
        ...

    def written(self, since: datetime) -> Sequence[Written]:
        """What Asterisk wrote down since then. Blocking and without effect: called in a thread."""
        ...

    def fill(self, written: Sequence[Written]) -> Iterable[Happening]:
        """Take in what was written down."""
        ...

    def settle(self, lists: Sequence[Message], *, asked_at: datetime) -> Iterable[Happening]:
        """What there was at that instant; what is not in it has vanished before."""
        ...

    def knows(self, call_id: str) -> bool:
        """Whether the call has been heard of."""
        ...

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        """From now on this person sits at the device, or nobody."""
        ...


class Exchange:
    """One Asterisk, for as long as `run` runs.

    Args:
        address: its AMI.
        ear: what understands its events.
        tell: told every happening, in order; must not block.
        clock: the present instant.
        queue: the queue whose members are the agents signed in.
        members_wanted: who they are; asked after every (re)connect.
        seen_until: the last instant known before this start, None where nothing is known.
        pace: how patient to be.
    """

    def __init__(
        self,
        address: Address,
        *,
        ear: Ear,
        tell: Callable[[Happening], None],
        clock: Clock,
        members_wanted: Callable[[], Iterable[Member]],
        queue: str = "hotline",
        seen_until: datetime | None = None,
        pace: Pace = Pace(),  # noqa: B008 - a frozen value
    ) -> None:
        self._address = address
        self._ear = ear
        self._tell = tell
        self._clock = clock
        self._members_wanted = members_wanted
        self._queue = queue
        self._pace = pace
        self._seen_until = seen_until
        self._last: Message | None = None
        self._link: Link | None = None
        self._up = asyncio.Event()
        self._reason: str | None = None
        self._was_up = False

    @property
    def is_up(self) -> bool:
        """Whether telephone data is true."""
        return self._up.is_set() and self._link is not None and not self._link.lost.is_set()

    @property
    def reason(self) -> str:
        """Why telephone data is stale; empty while it is true."""
        return self._reason or ""

    async def until_up(self) -> None:
        """Return when telephone data is true."""
        while not self.is_up:
            self._up.clear()  # a loss that the session has not noticed yet
            await self._up.wait()

    async def ask(self, action: str, fields: Fields | None = None) -> list[Message]:
        """Ask Asterisk once; errors as `Link.ask`."""
        if self._link is None:
            raise NotSent(self.reason or "not connected yet")
        return await self._link.ask(action, fields, seconds=self._pace.answer)

    def knows(self, call_id: str) -> bool:
        """Whether the call has been heard of."""
        return self._ear.knows(call_id)

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        """From now on this person sits at the device, or nobody."""
        self._ear.seat(device, agent, at=at)

    async def run(self) -> None:
        """Hold the conversation until cancelled."""
        if self._seen_until:
            self._announce(self._ear.cut(self._seen_until))
        try:
            await self._sessions()
        finally:
            self._down("the conversation with Asterisk has stopped")

    async def _sessions(self) -> None:
        failures = 0
        while True:
            self._down(self._reason or "not connected yet")
            try:
                await self._session()
            except LoginRefused as why:
                log.error("%s", why)  # noqa: TRY400 - our own words; a traceback adds nothing
                self._down(str(why))
                await asyncio.sleep(self._pace.refused)
            except (LinkDown, NoAnswer, Declined) as why:
                failures = 0 if self._was_up else failures + 1
                self._was_up = False
                self._down(str(why))
                log.warning("%s: %s", self._address, why)
                await asyncio.sleep(self._pause(failures))

    async def _session(self) -> None:
        """From connecting to the loss of the connection, which it raises."""
        link = await Link.open(self._address, wanted=self._ear.wanted, seconds=self._pace.answer)
        watching = asyncio.create_task(link.watch(every=self._pace.ping))
        consuming: asyncio.Task[None] | None = None
        self._link = link
        try:
            await self._booted(link)
            await self._fill_gap()
            consuming = asyncio.create_task(link.inbox.consume(self._hear))
            await self._settle(link)
            self._rise()
            await link.lost.wait()
        finally:
            self._link = None
            await link.close("the session is over")
            await watching
            if consuming:
                await consuming
                self._announce(self._ear.cut(self._last_seen()))
        raise LinkDown(link.reason)

    async def _booted(self, link: Link) -> None:
        """Wait until Asterisk has loaded its modules: before that its lists are empty."""
        try:
            # Not wait_for: before Python 3.12 it may swallow a cancellation.
            async with asyncio.timeout(self._pace.boot):
                await link.booted.wait()
        except TimeoutError:
            log.warning(
                "%s: no FullyBooted within %g s; its account needs read=system",
                self._address,
                self._pace.boot,
            )
        if link.lost.is_set():
            raise LinkDown(link.reason)

    async def _fill_gap(self) -> None:
        """Take in what happened while nobody listened; on the very first start there is no gap."""
        if not (self._last or self._seen_until):
            return
        since = self._last_seen()
        try:
            written = await asyncio.to_thread(self._ear.written, since)
        except OSError as error:
            # What is lived through now matters more than what is missing.
            log.error("%s: the gap since %s stays open: %s", self._address, since, error)  # noqa: TRY400
        else:
            self._announce(self._ear.fill(written))

    async def _settle(self, link: Link) -> None:
        """Ask for everything there is, and let it take effect at its place among the events."""
        asked_at = instant((await link.ask("Ping", seconds=self._pace.answer))[0])
        lists: list[Message] = []
        for name in LISTS:
            lists += await link.ask(name, seconds=self._pace.answer)
        try:
            lists += await link.ask(PHONES, seconds=self._pace.answer)
        except Declined as refusal:
            log.warning("%s: phones are known when they move only: %s", self._address, refusal)
        effect = asyncio.get_running_loop().create_future()

        def take_effect() -> None:
            try:
                self._announce(self._ear.settle(lists, asked_at=asked_at or self._clock()))
            except Exception as error:  # noqa: BLE001 - raised again where it is awaited
                effect.set_exception(error)
            else:
                effect.set_result(None)

        link.inbox.put(take_effect)
        await effect
        for action, fields in corrections(self._queue, lists, self._members_wanted()):
            try:
                await link.ask(action, fields, seconds=self._pace.answer)
            except Declined as refusal:
                log.warning("%s: queue member not set right: %s", self._address, refusal)

    def _hear(self, message: Message) -> None:
        self._last = message
        self._announce(self._ear.hear(message))

    def _announce(self, happenings: Iterable[Happening]) -> None:
        for happening in happenings:
            try:
                self._tell(happening)
            except Exception as error:  # noqa: BLE001 - one happening is lost, no other
                kind = type(happening).__name__
                log.error("lost happening %s: %s", kind, masked(error))  # noqa: TRY400

    def _last_seen(self) -> datetime:
        """The instant of the last event, by Asterisk's own clock where it said so."""
        heard = instant(self._last) if self._last else None
        return heard or self._seen_until or self._clock()

    def _rise(self) -> None:
        self._reason, self._was_up = "", True
        self._up.set()
        self._announce([LinkChanged(up=True, at=self._clock())])
        log.info("%s: telephone data is true", self._address)

    def _down(self, reason: str) -> None:
        self._up.clear()
        if reason != self._reason:
            self._reason = reason
            self._announce([LinkChanged(up=False, at=self._clock(), reason=reason)])

    def _pause(self, failures: int) -> float:
        """Seconds until the next attempt, spread so that many servers do not return at once."""
        longest = min(self._pace.retry * float(1 << min(failures, 16)), self._pace.longest_retry)
        return longest * (0.5 + secrets.randbelow(1000) / 2000)


def instant(message: Message) -> datetime | None:
    """The `Timestamp` of an event or of a Ping's answer."""
    try:
        return datetime.fromtimestamp(float(message.get("Timestamp") or ""), UTC)
    except (ValueError, OverflowError, OSError):
        return None
