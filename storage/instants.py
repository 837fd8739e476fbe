"""Instants as every database keeps them: whole microseconds since 1970 in UTC."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")
_MICROSECOND = timedelta(microseconds=1)


def micros(at: datetime) -> int:
    """The instant as stored; a naive datetime raises TypeError."""
    return (at - EPOCH) // _MICROSECOND


def micros_or_none(at: datetime | None) -> int | None:
    """As `micros`, None staying None."""
    return None if at is None else micros(at)


def instant(stored: int) -> datetime:
    """The stored instant, timezone-aware UTC."""
    return EPOCH + timedelta(microseconds=stored)


def instant_or_none(stored: int | None) -> datetime | None:
    """As `instant`, None staying None."""
    return None if stored is None else instant(stored)


def shanghai_day(at: datetime) -> int:
    """The calendar day in Shanghai as a number to be read: 20261123."""
    local = at.astimezone(SHANGHAI)
    return local.year * 10_000 + local.month * 100 + local.day
