"""A believable day: who calls when, and how each colleague behaves; everything random is seeded."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from telephony.simulator.calls import Pbx
from telephony.simulator.citizens import CITIZENS, Citizen
from telephony.simulator.people import Conduct, Fate, How, Leaves, Visit, Way
from telephony.simulator.queue import Member

_Option = TypeVar("_Option")

_TICK = 1.0
_FIRST_AFTER = 1.0
_FREE_AT_LEAST, _FREE_AT_MOST = 16.0, 36.0  # the greeting comes on top
_RAREST = 32.0  # times as rare: a demo left alone overnight does not fill the disk
_WAYS: tuple[tuple[Way, float], ...] = (("962200", 0.6), ("12345", 0.3), ("110", 0.1))
_LEAVES: tuple[tuple[Leaves | None, float], ...] = (
    (None, 0.8),
    ("greeting", 0.06),
    ("queue", 0.06),
    ("ringing", 0.08),
)
_HABITS = (
    ("plain", 0.52),
    ("holds", 0.24),
    ("blind", 0.06),
    ("attended", 0.06),
    ("misses", 0.08),
    ("rejects", 0.04),
)
_LEAVES_NEWCOMER: tuple[tuple[Leaves | None, float], ...] = ((None, 0.93), ("ringing", 0.07))
_NEWCOMERS_FIRST = 3  # calls in which nobody gives up
_DIGITS: tuple[tuple[str | None, float], ...] = (
    ("1", 0.3),
    ("2", 0.15),
    ("3", 0.08),
    ("4", 0.04),
    ("5", 0.03),
    (None, 0.4),
)
_LONGEST_SHORT = 6
_ENDINGS: dict[str, Fate] = {
    "06": Fate("busy", 1.0),
    "07": Fate("rejected", 4.0),
    "08": Fate("no_answer"),
    "09": Fate("switched_off", 1.0),
    "10": Fate("unallocated", 0.5),
    "11": Fate("congested", 0.5),
}


def fate(number: str) -> Fate:
    """What becomes of a call to an outside number: its last two digits decide, most answer.

    Short numbers (110, 120) always answer.
    """
    ending = number[-2:] if len(number) > _LONGEST_SHORT else ""
    return _ENDINGS.get(ending, Fate("answered", 4.0, talk=45.0))


def colleague(numbers: tuple[str, ...]) -> Callable[[random.Random], Conduct]:
    """How a colleague behaves; sometimes the call is passed to one of `numbers`."""

    def behave(chance: random.Random) -> Conduct:
        habit = _pick(chance, _HABITS)
        if habit == "misses":
            return Conduct(answers=None)
        if habit == "rejects":
            return Conduct(answers=None, rejects=2.0)
        conduct = Conduct(answers=chance.uniform(2, 5), hangs_up=chance.uniform(25, 60))
        if habit == "holds":
            return replace(conduct, holds=(chance.uniform(6, 12), chance.uniform(5, 10)))
        if habit in ("blind", "attended") and numbers:
            when, number = chance.uniform(8, 15), chance.choice(numbers)
            how: How = "blind" if habit == "blind" else "attended"
            return replace(conduct, passes=(when, number, how))
        return conduct

    return behave


@dataclass
class Day:
    """Starts visits: to a free newcomer soon, to the rest of the floor now and then.

    Args:
        pbx: where calls are played.
        chance: the day's own source of chance.
        start: begins a visit.
        awake: whether anybody listens; the day waits while not.
    """

    pbx: Pbx
    chance: random.Random
    start: Callable[[Visit], None]
    awake: Callable[[], bool]
    serial: int = 0
    due_at: dict[str, float] = field(default_factory=dict)
    floor_due_at: float = 8.0
    deserted: float = 1.0
    now: float = 0.0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self.pbx.board.pause(_TICK)
            if self.awake():
                self.now += _TICK
                self.tick()

    def tick(self) -> None:
        """Look once whether somebody should call."""
        persons = [m for m in self.pbx.queue.members if not self._is_colleague(m)]
        free = [m.interface for m in persons if m.available]
        self._plan(free)
        due = [device for device in free if self.due_at[device] <= self.now]
        if due and not self._on_the_way():
            for device in due:
                self._rest(device)
            self.start(self._visit(talk=(90, 240), leaves=self._leaves_newcomer()))
        elif not free and self.floor_due_at <= self.now:
            self.floor_due_at = self.now + self._floor_rest(deserted=not persons)
            self.start(self._visit(talk=(20, 80), leaves=_pick(self.chance, _LEAVES)))

    def _floor_rest(self, *, deserted: bool) -> float:
        """Calls to colleagues go on beside a busy person; before nobody they become ever rarer."""
        self.deserted = min(2 * self.deserted, _RAREST) if deserted else 1.0
        return self.deserted * self.chance.uniform(25, 50)

    def _plan(self, free: list[str]) -> None:
        """A device that became free waits its turn; the very first call comes at once."""
        known = {m.interface for m in self.pbx.queue.members}
        self.due_at = {d: at for d, at in self.due_at.items() if d in known}
        for member in self.pbx.queue.members:
            if member.interface in free:
                self.due_at.setdefault(member.interface, self.now + _FIRST_AFTER)
            elif member.interface in self.due_at:
                self._rest(member.interface)

    def _rest(self, device: str) -> None:
        self.due_at[device] = self.now + self.chance.uniform(_FREE_AT_LEAST, _FREE_AT_MOST)

    def _leaves_newcomer(self) -> Leaves | None:
        """Now and then a citizen gives up early; never the first ones a newcomer sees."""
        if self.serial < _NEWCOMERS_FIRST:
            return None
        return _pick(self.chance, _LEAVES_NEWCOMER)

    def _on_the_way(self) -> bool:
        """Whether a citizen is in the greeting or the queue already."""
        ways = [c for c in self.pbx.owners if "/trunk-" in c.device and c.bridge is None]
        return bool(ways) and any(c.context.startswith("hotline-") for c in ways)

    def _is_colleague(self, member: Member) -> bool:
        return self.pbx.phones.is_colleague(member.interface)

    def _visit(self, *, talk: tuple[float, float], leaves: Leaves | None) -> Visit:
        chance = self.chance
        citizen: Citizen = chance.choice(CITIZENS)
        way = _pick(chance, _WAYS)
        self.serial += 1
        day = f"{self.pbx.board.clock():%Y%m%d}"
        patience = {"greeting": (1, 3), "queue": (3, 12), "ringing": (4, 9)}.get(
            leaves or "", (0, 0)
        )
        return Visit(
            number=citizen.number,
            way=way,
            name=citizen.name if citizen.shows_name else "",
            case=f"{way}-{day}-{self.serial:06}" if way != "962200" else "",
            leaves=leaves,
            patience=chance.uniform(*patience),
            talk=chance.uniform(*talk),
            digit=_pick(chance, _DIGITS),
        )


def _pick(chance: random.Random, options: Sequence[tuple[_Option, float]]) -> _Option:
    return chance.choices([o for o, _ in options], [w for _, w in options])[0]
