"""The events that Asterisk wrote down since an instant, found from the end of its file."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from telephony.tail import BLOCK, tail


def rows(first: int, last: int) -> list[str]:
    return [f"{number:08d},HANGUP,王小明,{'x' * 60}" for number in range(first, last)]


def write(path: Path, lines: list[str], rest: str = "") -> None:
    path.write_text("".join(f"{line}\n" for line in lines) + rest, encoding="utf-8")


def before(number: int) -> Callable[[str], bool]:
    return lambda line: int(line[:8]) < number


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 5000), st.booleans())
def test_the_lines_since_an_instant_are_read_and_no_older_ones(
    tmp_path_factory: pytest.TempPathFactory, since: int, half: bool
) -> None:
    path = tmp_path_factory.getbasetemp() / "Master.csv"
    write(path, rows(0, 5000), "00005000,HAN" if half else "")
    assert tail(path, before(since)) == rows(since, 5000)


def test_a_file_turned_over_in_the_gap_goes_on_in_the_one_before(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    write(tmp_path / "Master.csv.1", rows(0, 2000))
    write(path, rows(2000, 2010))
    assert tail(path, before(1990)) == rows(1990, 2010)
    assert tail(path, before(2005)) == rows(2005, 2010)


def test_a_file_that_is_not_there_or_empty_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    assert tail(path, before(0)) == []
    path.touch()
    assert tail(path, before(0)) == []


def test_no_more_than_the_utmost_is_read_and_never_half_a_line(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    write(path, rows(0, 5000))
    kept = tail(path, before(0), most=BLOCK)
    assert kept == rows(5000 - len(kept), 5000)
    assert 0 < len(kept) <= BLOCK // len(rows(0, 1)[0])
