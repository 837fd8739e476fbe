"""The list of calls with every fact of each."""

from datetime import UTC, date, datetime, time, timedelta

import msgspec
from aiohttp import web

from regulation.refusal import Refusal
from routing.calls import Call
from routing.lists import CallFilter
from routing.sight import may_hear, seen
from web.keys import STORE
from web.pages.layout import draw, signed_in
from web.pages.people import names
from web.pages.shown import SHANGHAI
from web.pages.vocabulary import OUTCOMES, WAYS

PAGE = 50
TEXT_LIMIT = 40


async def show(request: web.Request) -> web.StreamResponse:
    """Calls newest first, as the filter in the address asks."""
    person = signed_in(request)
    store, asked = request.app[STORE], _asked(request)
    which = _filter(asked)
    calls = list(await store.calls.page(msgspec.structs.replace(which, limit=PAGE + 1)))
    more = _more(asked, calls) if len(calls) > PAGE else None
    return draw(
        request,
        "calls.html",
        here="calls",
        calls=[seen(person, call) for call in calls[:PAGE]],
        hears={call.id: may_hear(person, call) for call in calls},
        asked=asked,
        more=more,
        ways=tuple(WAYS),
        outcomes=tuple(OUTCOMES),
        names=await names(store.people),
    )


def _asked(request: web.Request) -> dict[str, str]:
    """What the address asks for, trimmed; empty fields are not asked."""
    wanted = ("way", "outcome", "number", "agent", "since", "until", "before")
    given = {name: request.query.get(name, "").strip()[:TEXT_LIMIT] for name in wanted}
    return {name: value for name, value in given.items() if value}


def _filter(asked: dict[str, str]) -> CallFilter:
    return CallFilter(
        way=_known(asked, "way", WAYS),
        outcome=_known(asked, "outcome", OUTCOMES),
        number=asked.get("number"),
        agent=asked.get("agent"),
        since=_day(asked, "since"),
        until=_day(asked, "until", days=1),
        before=asked.get("before"),
    )


def _known(asked: dict[str, str], name: str, table: dict[str, str]) -> str | None:
    value = asked.get(name)
    if value is not None and value not in table:
        raise Refusal(f"filter.{name}", f"{name}: one of {', '.join(table)}", field=name)
    return value


def _day(asked: dict[str, str], name: str, *, days: int = 0) -> datetime | None:
    """The instant at which that Shanghai day begins, `days` later."""
    if name not in asked:
        return None
    try:
        day = date.fromisoformat(asked[name])
        return datetime.combine(day + timedelta(days=days), time(), SHANGHAI).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refusal(f"filter.{name}", f"{name}: a day as 2026-11-23", field=name) from None


def _more(asked: dict[str, str], calls: list[Call]) -> dict[str, str]:
    return {**asked, "before": calls[PAGE - 1].id}
