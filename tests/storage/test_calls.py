"""Calls are kept as they step, and found again by everything that is asked of them."""

from datetime import timedelta

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from regulation.refusal import Refusal
from routing.calls import Recording, RecordingState
from routing.history import History, PastTicket
from routing.lists import CallFilter
from storage import history, open_store
from storage.address import parse, sqlite_path
from storage.sqlite import SqliteDatabase
from storage.store import Store
from tests.storage.values import LI, NOW, ZHANG, after, call, clock, matter, talked


async def test_a_call_is_read_back_as_it_was_recorded(store: Store) -> None:
    """Every fact survives, the outside party's name with its odd characters too."""
    whole = talked(
        call(citizen_name="张\0伟\u2028<b>", hangup_cause=16, survey="5", sender_case="A-1")
    )
    await store.calls.record(call(), "offered", at=after(2))
    await store.calls.record(whole, "ended", at=after(60))
    assert await store.calls.get("c1") == whole
    assert await store.calls.get("nobody") is None


async def test_an_earlier_step_does_not_overwrite_a_later_one(store: Store) -> None:
    """A step that comes late is dropped and told to nobody."""
    await store.calls.record(talked(call()), "ended", at=after(60))
    await store.calls.record(call(), "offered", at=after(70))
    await store.calls.record(call(outcome="lost", state="ended"), "ended", at=after(50))
    assert await store.calls.get("c1") == talked(call())
    assert [row.topic for row in await store.outbox.pending(after=0, limit=9)] == [
        "hotline/v1/calls/c1/ended"
    ]


async def test_the_same_step_twice_is_told_once(store: Store) -> None:
    """A recorder that did not hear the answer writes again."""
    for _ in range(2):
        await store.calls.record(call(), "offered", at=after(2))
    assert len(await store.outbox.pending(after=0, limit=9)) == 1


async def test_an_amendment_of_an_ended_call_may_concern_an_earlier_moment(store: Store) -> None:
    """A gap filled from CEL belongs to the past and is kept all the same."""
    known = talked(call())
    await store.calls.record(known, "ended", at=after(60))
    await store.calls.record(msgspec.structs.replace(known, survey="4"), "amended", at=after(30))
    kept = await store.calls.get("c1")
    assert kept is not None
    assert kept.survey == "4"


async def test_steps_within_the_disorder_of_events_are_all_kept(store: Store) -> None:
    """Neighbouring events change places on their way; their order of arrival counts."""
    await store.calls.record(call(), "offered", at=after(2))
    await store.calls.record(call(state="talking"), "answered", at=after(1.95))
    kept = await store.calls.get("c1")
    assert kept is not None
    assert kept.state == "talking"


async def test_unfinished_calls_are_those_that_have_not_ended(store: Store) -> None:
    """After a restart the tracker is given them."""
    await store.calls.record(call("over"), "offered", at=after(2))
    await store.calls.record(call("live", state="held"), "held", at=after(3))
    await store.calls.record(talked(call("over")), "ended", at=after(60))
    assert list(await store.calls.unfinished()) == [call("live", state="held")]
    assert await store.calls.seen_until() == after(60)


async def test_pages_are_stable_while_calls_arrive(store: Store) -> None:
    """Turning pages shows every call once, though some began in the same instant."""
    for number in range(7):
        await store.calls.record(
            call(f"c{number}", started_at=after(number // 3)), "arrived", at=NOW
        )
    first = await store.calls.page(CallFilter(limit=3))
    await store.calls.record(call("new", started_at=after(99)), "arrived", at=NOW)
    second = await store.calls.page(CallFilter(limit=3, before=first[-1].id))
    third = await store.calls.page(CallFilter(limit=3, before=second[-1].id))
    assert [each.id for each in (*first, *second, *third)] == [f"c{n}" for n in range(6, -1, -1)]


async def test_a_page_of_an_unknown_cursor_is_refused(store: Store) -> None:
    """The field at fault is named."""
    with pytest.raises(Refusal) as refused:
        await store.calls.page(CallFilter(before="' OR 1=1 --"))
    assert (refused.value.code, refused.value.field) == ("calls.cursor", "before")


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (CallFilter(), ["out", "mine", "his"]),
        (CallFilter(way="outbound"), ["out"]),
        (CallFilter(outcome="busy"), ["out"]),
        (CallFilter(agent="li"), ["mine"]),
        (CallFilter(agent="wang", number="0086 138-0013-8000"), ["his"]),
        (CallFilter(number="13800138000"), ["mine", "his"]),
        (CallFilter(number="95511"), ["out"]),
        (CallFilter(since=after(10), until=after(20)), ["mine"]),
        (CallFilter(way="' OR '1'='1"), []),
        (CallFilter(limit=1), ["out"]),
        (CallFilter(limit=-1), ["out"]),
    ],
)
async def test_calls_are_found_by_what_is_known_of_them(
    store: Store, wanted: CallFilter, found: list[str]
) -> None:
    """Way, outcome, agent, number in any writing, and time; a value is never read as SQL."""
    outbound = call(
        "out", way="outbound", outcome="busy", state="ended", started_at=after(20), offers=(),
        citizen_number="95511", citizen_e164=None,
    )  # fmt: skip
    await store.calls.record(outbound, "ended", at=after(30))
    await store.calls.record(call("mine", started_at=after(10)), "offered", at=after(30))
    his = talked(call("his", offers=()), agent="wang")
    await store.calls.record(his, "ended", at=after(60))
    assert [each.id for each in await store.calls.page(wanted)] == found


async def test_a_call_shows_its_tickets_and_its_recordings_as_they_are_now(store: Store) -> None:
    """Verification of a recording is not undone by a later record of the call."""
    await store.calls.record(talked(call()), "ended", at=after(60))
    ticket = await store.tickets.save(matter(call="c1"), by=LI, at=after(70))
    verified = Recording("c1-sound", NOW, seconds=59.5, state="verified", bridged=((5.0, 59.5),))
    await store.recordings.settle(verified, size=952_044, sha256="ab", at=after(80))
    again = msgspec.structs.replace(talked(call()), survey="5")
    await store.calls.record(again, "amended", at=after(90))
    kept = await store.calls.get("c1")
    assert kept is not None
    assert (kept.tickets, kept.recordings) == ((ticket.number,), (verified,))


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.permutations(["recording", "closed", "verified", "closed", "recording"]))
async def test_a_recording_is_never_set_back(sqlite_url: str, states: list[RecordingState]) -> None:
    """Whatever the order of what is said of it, the most that was known is known."""
    async with open_store(sqlite_url, clock=clock) as store:
        call_id = "-".join(states)
        for number, state in enumerate(states):
            sound = Recording(f"{call_id}-sound", NOW, state=state)
            recorded = call(call_id, recordings=(sound,), survey=str(number))
            await store.calls.record(recorded, "amended", at=after(number))
        found = await store.recordings.get(f"{call_id}-sound")
        assert found is not None
        assert found[1].state == "verified"


async def test_history_tells_how_often_a_number_called_and_about_what(store: Store) -> None:
    """Inbound calls are counted; open tickets come first, newest first, ten at most."""
    await store.calls.record(talked(call("old", started_at=after(-500))), "ended", at=after(-400))
    await store.calls.record(call("older", started_at=after(-900), way="12345"), "arrived", at=NOW)
    await store.calls.record(call("ours", started_at=after(-50), way="outbound"), "arrived", at=NOW)
    await store.calls.record(call("now"), "arrived", at=NOW)
    for number in range(11):
        await store.tickets.save(matter("灯" * 100), by=LI, at=after(number - 100))
    assert await store.calls.history(ZHANG, before=NOW) == History(
        calls_before=2,
        last_call_at=after(-500),
        last_agent="li",
        tickets=tuple(
            PastTicket(f"20261123-{number + 1:04}", "help", "open", after(number - 100), "灯" * 80)
            for number in range(10, 0, -1)
        ),
    )
    assert await store.calls.history("+862162200000", before=NOW) == History()


async def test_the_hot_path_reads_indexes_alone(sqlite_url: str) -> None:
    """Nothing that a pop asks scans or sorts a table."""
    path = sqlite_path(parse(sqlite_url))
    assert path is not None
    database = await SqliteDatabase.open(path)
    plans = await database._hot.run(
        lambda connection: [
            step[3]
            for statement in (history._CALLS, history._LAST_AGENT, history._TICKETS)
            for step in connection.execute(
                f"EXPLAIN QUERY PLAN {statement.sqlite.sql}",
                [1] * len(statement.sqlite.names),
            )
        ]
    )
    await database.close()
    calls = "SEARCH calls USING COVERING INDEX ix_calls_citizen_e164_started_at_way_last_agent"
    assert plans == [
        f"{calls} (citizen_e164=? AND started_at<?)",
        f"{calls} (citizen_e164=? AND started_at<?)",
        "SEARCH tickets USING INDEX ix_tickets_caller_e164_is_open_created_at (caller_e164=?)",
    ]


async def test_a_number_that_no_database_could_hold_is_kept_all_the_same(store: Store) -> None:
    """A hostile trunk's NUL stands in the value, not in the column that is searched."""
    strange = call(citizen_number="138\0001", citizen_e164=None, linkedid="1.1", citizen_name="'\0")
    await store.calls.record(strange, "arrived", at=NOW)
    assert list(await store.calls.page(CallFilter(number="1381"))) == [strange]
    assert list(await store.calls.page(CallFilter(agent="li\0", way="\0", before=None))) == []


async def test_a_call_of_a_thousand_days_ago_is_still_in_utc(store: Store) -> None:
    """Instants come back as the very instants, to the microsecond."""
    long_ago = NOW - timedelta(days=1_000, microseconds=1)
    await store.calls.record(call(started_at=long_ago), "arrived", at=long_ago)
    kept = await store.calls.get("c1")
    assert kept is not None
    assert kept.started_at == long_ago
