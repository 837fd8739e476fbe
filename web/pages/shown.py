"""How instants, durations and numbers are written for people; the scripts do the same."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")

_MOBILE = re.compile(r"1[0-9]{10}")
_LOCAL = re.compile(r"[2-9][0-9]{7}")
_WITH_AREA = re.compile(r"0(?:10|2[0-9])[2-9][0-9]{7}")


def number(carried: str | None) -> str:
    """Group a number's digits (`139 0000 5555`); what is no plain number stays as it was sent."""
    if not carried:
        return ""
    if _MOBILE.fullmatch(carried):
        return f"{carried[:3]} {carried[3:7]} {carried[7:]}"
    if _LOCAL.fullmatch(carried):
        return f"{carried[:4]} {carried[4:]}"
    if _WITH_AREA.fullmatch(carried):
        return f"{carried[:3]} {carried[3:7]} {carried[7:]}"
    return carried


def split_seconds(seconds: float | None) -> tuple[int, int] | None:
    """Minutes and seconds of a duration, rounded down to whole seconds; None when unknown."""
    return None if seconds is None else divmod(int(seconds), 60)


def day(instant: datetime, now: datetime) -> str:
    """`today`, `yesterday`, else the date in Shanghai, without the year when it is this one."""
    local, today = instant.astimezone(SHANGHAI).date(), now.astimezone(SHANGHAI).date()
    if local == today:
        return "today"
    if local == today - timedelta(days=1):
        return "yesterday"
    return local.strftime("%m-%d" if local.year == today.year else "%Y-%m-%d")


def clock(instant: datetime) -> str:
    """The time of day in Shanghai."""
    return instant.astimezone(SHANGHAI).strftime("%H:%M")


def second(instant: datetime) -> str:
    """The time of day in Shanghai, to the second."""
    return instant.astimezone(SHANGHAI).strftime("%H:%M:%S")


def exact(instant: datetime) -> str:
    """The whole instant in Shanghai, to the second."""
    return instant.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")


def iso(instant: datetime) -> str:
    """The instant for machines, in UTC."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
