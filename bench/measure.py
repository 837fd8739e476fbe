"""Baseline and ours in turn, in one process and one run; what counts is the ratio."""

import statistics
import time
from collections.abc import Callable

import msgspec


class Ratio(msgspec.Struct, frozen=True):
    """One figure beside its baseline: units a second of each (medians), and how many times more."""

    name: str
    unit: str
    baseline: float
    ours: float
    target: float

    @property
    def times(self) -> float:
        """Ours over the baseline."""
        return self.ours / self.baseline

    def __str__(self) -> str:
        verdict = "reached" if self.times >= self.target else "MISSED"
        return (
            f"{self.name}: {self.ours:,.0f} {self.unit}/s beside {self.baseline:,.0f}"
            f" = {self.times:.1f} x (target {self.target:g} x, {verdict})"
        )


class Figure(msgspec.Struct, frozen=True):
    """One measured value beside the limit set for it."""

    name: str
    value: float
    unit: str
    at_least: float | None = None
    at_most: float | None = None

    def __str__(self) -> str:
        low = self.at_least is None or self.value >= self.at_least
        high = self.at_most is None or self.value <= self.at_most
        limit = f">= {self.at_least:g}" if self.at_least is not None else f"<= {self.at_most:g}"
        verdict = "reached" if low and high else "MISSED"
        return f"{self.name}: {self.value:,.2f} {self.unit} (target {limit}, {verdict})"


def rate(work: Callable[[], int]) -> float:
    """Units a second of one go; `work` returns how many units it did."""
    start = time.perf_counter()
    units = work()
    return units / (time.perf_counter() - start)


def in_turn(
    name: str,
    *,
    baseline: Callable[[], int],
    ours: Callable[[], int],
    unit: str,
    target: float,
    rounds: int = 5,
) -> Ratio:
    """Run both in turn and compare their medians."""
    theirs_at, ours_at = [], []
    for _ in range(rounds):
        theirs_at.append(rate(baseline))
        ours_at.append(rate(ours))
    return Ratio(name, unit, statistics.median(theirs_at), statistics.median(ours_at), target)


def quantile(values: list[float], share: float) -> float:
    """The value below which `share` of all lie."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
