"""Seconds since 1970, as the switch tells them, to the values of a call."""

from datetime import UTC, datetime

from telephony.calls.leg import EVER
from telephony.calls.together import Spans


def utc(at: float) -> datetime:
    """An instant."""
    return datetime.fromtimestamp(at, UTC)


def utc_or_none(at: float | None) -> datetime | None:
    """An instant that may not have come."""
    return None if at is None or at == EVER else datetime.fromtimestamp(at, UTC)


def seconds(spans: Spans) -> float:
    """The length of all that is over, to the microsecond."""
    return round(sum((until - since for since, until in spans if until != EVER), 0.0), 6)
