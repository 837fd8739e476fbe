"""How numbers, instants and durations are written for people."""

from datetime import UTC, datetime

import pytest

from web.pages import shown

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("carried", "written"),
    [
        ("13900005555", "139 0000 5555"),
        ("62345678", "6234 5678"),
        ("02162345678", "021 6234 5678"),
        ("12345", "12345"),
        ("+8613900005555", "+8613900005555"),
        ("138****8000", "138****8000"),
        ("13800138000&PJSIP/trunk", "13800138000&PJSIP/trunk"),
        ("<img src=x>", "<img src=x>"),
        ("1３９００００５５５５", "1３９００００５５５５"),
        ("", ""),
        (None, ""),
    ],
)
def test_a_number_is_grouped_only_when_it_is_one(carried: str | None, written: str) -> None:
    """Mobile, local and area numbers get spaces; what else was sent stays as it was sent."""
    assert shown.number(carried) == written


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 11, 22, 16, 0, tzinfo=UTC), "today"),
        (datetime(2026, 11, 22, 15, 59, tzinfo=UTC), "yesterday"),
        (datetime(2026, 11, 21, 15, 59, tzinfo=UTC), "11-21"),
        (datetime(2025, 12, 31, 16, 0, tzinfo=UTC), "01-01"),
        (datetime(2025, 12, 31, 15, 59, tzinfo=UTC), "2025-12-31"),
    ],
)
def test_days_change_at_midnight_in_shanghai(instant: datetime, day: str) -> None:
    """Also the year does."""
    assert shown.day(instant, NOON) == day


def test_a_duration_is_told_in_whole_seconds_passed() -> None:
    """59.99 seconds are not yet a minute; unknown is not zero."""
    assert [shown.split_seconds(s) for s in (0.0, 59.99, 60.0, 192.4, None)] == [
        (0, 0),
        (0, 59),
        (1, 0),
        (3, 12),
        None,
    ]
