"""What one Asterisk says, understood: messages to facts to happenings, live and in replay alike."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo

from routing.happenings import Happening
from telephony.calls import Tracker
from telephony.cel import facts_since
from telephony.facts import Cut, Fact, SignedIn
from telephony.messages import LISTS, WANTED, instant, translate
from telephony.resync import settle
from telephony.wire import Message

_LISTED = frozenset({"CoreShowChannel", "QueueMember", "QueueEntry"})
_LAST_LIST = "CoreShowChannelsComplete"
_MINUTE = 60.0  # seconds; a capture's gap that nothing dates is taken to be no longer
_SHANGHAI = ZoneInfo("Asia/Shanghai")


class Hearing:
    """Feeds a tracker with what one Asterisk says.

    Args:
        tracker: keeps the calls.
        clock: dates what Asterisk does not; without one (in replay) the next dated message does.
        cel: Asterisk's channel event log, None where it cannot be read.
        zone: the switch's time zone, for a log that gives dates.
    """

    def __init__(
        self,
        tracker: Tracker,
        *,
        clock: Callable[[], datetime] | None = None,
        cel: Path | None = None,
        zone: tzinfo = _SHANGHAI,
    ) -> None:
        self.tracker = tracker
        self._clock = clock
        self._cel = cel
        self._zone = zone
        self._last = 0.0
        self._since: float | None = None
        self._undated: list[Message] = []
        self._listed: list[Message] = []

    @property
    def wanted(self) -> frozenset[str]:
        """Names of the events to listen to; lists come by `settle`."""
        return WANTED - LISTS

    def hear(self, message: Message) -> Iterable[Happening]:
        """One message; a banner in mid-stream is a reconnect, lists in the stream are believed."""
        if message.is_banner:
            return self._banner(message)
        if message.name in _LISTED:
            self._listed.append(message)
            return ()
        if message.name == _LAST_LIST:
            lists, self._listed = self._listed, []
            return self._settle(lists, self._last)
        if not message.name:
            return ()
        if message.get("Timestamp") is None and self._clock is None:
            self._undated.append(message)
            return ()
        return self._dated(message)

    def cut(self, at: datetime) -> Iterable[Happening]:
        """The connection is lost; `at` is the instant of the last event."""
        self._since = at.timestamp()
        return self.tracker.apply(Cut(self._since))

    def written(self, since: datetime) -> Sequence[Fact]:
        """What Asterisk wrote into its log since then. Blocking, without effect: for a thread.

        Raises:
            OSError: the log is there and cannot be read.
        """
        if self._cel is None:
            return ()
        return facts_since(self._cel, since.timestamp(), zone=self._zone)

    def fill(self, written: Sequence[Fact]) -> Iterable[Happening]:
        """Take in what was written; up to its last row everything is known then."""
        if self._since is not None:
            self._since = max((self._since, *(fact.at for fact in written)))
        return self._apply(written)

    def knows(self, call_id: str) -> bool:
        """Whether the call has been heard of."""
        return self.tracker.get(call_id) is not None

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        """From now on this person sits at the device, or nobody."""
        self.tracker.apply(SignedIn(at.timestamp(), device, agent))

    def settle(self, lists: Sequence[Message], *, asked_at: datetime) -> Iterable[Happening]:
        """What there is now; what is not in it has vanished."""
        return self._settle(lists, asked_at.timestamp())

    def finish(self) -> Iterable[Happening]:
        """Nothing more will come (in replay); what could not be dated is taken as it is."""
        return self._apply(self._date(self._last + _MINUTE))

    def _dated(self, message: Message) -> list[Happening]:
        received = self._clock().timestamp() if self._clock else self._last
        fact = translate(message, received)
        at = fact.at if fact else instant(message, received)
        early = self._date(at) if at > self._last else []
        self._last = max(self._last, at)
        return self._apply([*early, fact] if fact else early)

    def _date(self, at: float) -> list[Fact]:
        """The facts of the messages that waited for a date."""
        waiting, self._undated = self._undated, []
        return [fact for message in waiting if (fact := translate(message, at))]

    def _banner(self, message: Message) -> Iterable[Happening]:
        before = message.get("Timestamp")
        if before:
            self._since = float(before)
            self.tracker.apply(Cut(self._since))
        return ()

    def _settle(self, lists: Sequence[Message], at: float) -> list[Happening]:
        """Before the cut everything is known; without one, before the asking, to the second."""
        self.finish()
        since, self._since = self._since, None
        known = at - 1.0 if since is None else min(since, at)
        return self._apply(settle(lists, at=at, since=known))

    def _apply(self, told: Iterable[Fact]) -> list[Happening]:
        return [happening for fact in told for happening in self.tracker.apply(fact)]
