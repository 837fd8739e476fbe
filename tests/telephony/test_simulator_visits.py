"""Who calls when: a believable mix, the same for the same seed, soon for whoever signs in."""

import random
from collections import Counter
from itertools import pairwise

from telephony.simulator import Simulator, Visit
from telephony.simulator.day import Day, fate


class Visits:
    """A day of which only the arrivals are looked at; `hold` keeps the phone at 8001 busy."""

    def __init__(self, seed: int) -> None:
        self.simulator = Simulator(username="hotline", secret="s", seed=seed, quiet=True)
        self.at: list[tuple[float, Visit]] = []
        self.day = Day(
            self.simulator._pbx,
            random.Random(seed),
            lambda visit: self.at.append((self.day.now, visit)),
            lambda: True,
        )

    def sign_in(self) -> None:
        queue = self.simulator.queue
        queue.add("PJSIP/8001", "agent1", penalty=0, paused=False, reason="")

    def pause(self, *, paused: bool) -> None:
        member = self.simulator.queue.member("PJSIP/8001")
        assert member is not None
        self.simulator.queue.pause(member, paused=paused, reason="")

    def pass_by(self, seconds: int) -> None:
        for _ in range(seconds):
            self.day.now += 1
            self.day.tick()


def test_the_first_call_comes_at_once_and_the_next_within_forty_seconds() -> None:
    visits = Visits(1)
    visits.pass_by(5)
    visits.sign_in()
    visits.pass_by(600)

    times = [at for at, _ in visits.at]
    gaps = [b - a for a, b in pairwise(times)]
    assert times[0] <= 7
    assert all(16 <= gap <= 37 for gap in gaps)
    assert len(gaps) > 15


def test_no_citizen_is_sent_to_somebody_who_pauses() -> None:
    """While a person pauses only the colleagues are called; then it is their turn again."""
    visits = Visits(1)
    visits.sign_in()
    visits.pass_by(2)
    visits.pause(paused=True)
    before = len(visits.at)
    visits.pass_by(300)
    meanwhile = visits.at[before:]
    visits.pause(paused=False)
    back_at = visits.day.now
    visits.pass_by(60)

    assert 4 <= len(meanwhile) <= 13
    after = [at for at, _ in visits.at if at > back_at]
    assert 16 <= after[0] - back_at <= 37


def test_a_day_has_all_ways_names_case_numbers_and_people_who_call_again() -> None:
    visits = Visits(2)
    visits.sign_in()
    visits.pass_by(20_000)

    who = [visit for _, visit in visits.at]
    ways = Counter(visit.way for visit in who)
    assert ways["962200"] > ways["12345"] > ways["110"] > 0
    assert all(bool(visit.case) == (visit.way != "962200") for visit in who)
    assert any(visit.name for visit in who)
    assert any(not visit.number for visit in who)
    assert max(Counter(visit.number for visit in who).values()) > 5
    assert len({visit.case for visit in who if visit.case}) == sum(1 for v in who if v.case)


def test_nobody_gives_up_on_a_newcomers_first_calls() -> None:
    for seed in range(30):
        visits = Visits(seed)
        visits.sign_in()
        visits.pass_by(90)

        assert {visit.leaves for _, visit in visits.at[:3]} == {None}


def test_the_same_seed_is_the_same_day() -> None:
    days = []
    for seed in (3, 3, 4):
        visits = Visits(seed)
        visits.sign_in()
        visits.pass_by(1_000)
        days.append([(at, v.number, v.way, v.talk) for at, v in visits.at])

    assert days[0] == days[1]
    assert days[0] != days[2]


def test_a_demo_left_alone_falls_asleep() -> None:
    """With nobody at a desk calls become ever rarer, so that recordings do not fill the disk."""
    visits = Visits(5)
    visits.pass_by(24 * 3600)

    assert len(visits.at) < 100


def test_the_end_of_a_number_decides_what_becomes_of_a_call_to_it() -> None:
    outcomes = {fate(f"137000000{end:02}").outcome for end in range(12)}

    assert outcomes == {
        *("answered", "busy", "rejected", "no_answer"),
        *("switched_off", "unallocated", "congested"),
    }
    assert fate("110").outcome == "answered"
