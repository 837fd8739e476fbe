"""The server is killed in mid-call and comes back: calls went on, and nothing of them is lost."""

import asyncio
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.faults.floor import answering
from tests.faults.rig import Rig
from tests.faults.server import ServerProcess, eventually, serving

pytestmark = [pytest.mark.pbx, pytest.mark.timeout(120)]

SMALL_DISK_KIB = 1_024


async def _until(server: ServerProcess, call_id: str, **facts: Any) -> dict[str, Any]:
    """The call once its facts are these."""

    async def found() -> dict[str, Any]:
        call = await server.call(call_id)
        return call if all(call.get(name) == value for name, value in facts.items()) else {}

    return await eventually(found)


async def _talking(server: ServerProcess) -> str:
    """The id of the one call in conversation."""

    async def found() -> str:
        return next(
            (c["id"] for c in await server.calls() if c["answered_at"] and not c["ended_at"]), ""
        )

    return await eventually(found)


async def _all(server: ServerProcess, count: int) -> list[dict[str, Any]]:
    """All calls, once there are so many."""
    known = await server.calls()
    return known if len(known) == count else []


async def _pop(server: ServerProcess) -> dict[str, Any]:
    """What rings at Li Na's desk."""
    pops = (await server.desk("li.na"))["pops"]
    return dict(pops[0]) if pops else {}


async def test_a_call_goes_on_while_the_server_is_dead_and_is_whole_afterwards(
    pbx: Rig, tmp_path: Path
) -> None:
    answering(await pbx.agent("8001"))
    citizen = await pbx.citizen("13800005550")
    async with serving(tmp_path, pbx) as server:
        leg = await citizen.call("962200")
        call_id = await _talking(server)
        saved = {"kind": "help", "content": "楼道扶手松动", "call": call_id}
        status, ticket = await server.ask("POST", "/tickets", "li.na", saved)
        assert status == 201, ticket
        await server.kill()
        await asyncio.sleep(2)
        assert leg.state == "up"

        await server.start()
        back = await _until(server, call_id, state="talking")
        desk = await server.desk("li.na")
        await leg.hang_up()
        ended = await _until(server, call_id, state="ended")

    assert [b["call"]["id"] for b in desk["bound"]] == [call_id]
    assert desk["presence"]["state"] == "talking"
    assert back["tickets"] == [ticket["number"]]
    assert [s["agent"] for s in ended["segments"]] == ["li.na"]
    assert ended["outcome"] == "answered"
    assert ended["talk_seconds"] > 2
    assert len(ended["recordings"]) == 1


async def test_calls_that_came_and_went_while_the_server_was_dead_are_known_afterwards(
    pbx: Rig, tmp_path: Path
) -> None:
    answering(await pbx.agent("8001"))
    answered, abandoned = await pbx.citizen("13800005551"), await pbx.citizen("13800005552")
    async with serving(tmp_path, pbx) as server:
        first = await (await pbx.citizen("13800005559")).call("962200")
        before = await _talking(server)
        await first.hang_up()
        await _until(server, before, state="ended")
        await server.kill()
        second = await answered.call("962200")
        await asyncio.wait_for(second.up.wait(), 20)
        await asyncio.sleep(4)
        third = await abandoned.call("962200")
        await asyncio.sleep(4)
        await third.hang_up()
        await second.hang_up()

        await server.start()
        known = await eventually(lambda: _all(server, 3))
        calls = {call["citizen_number"]: call for call in known}

    answered_call, abandoned_call = calls["13800005551"], calls["138****5552"]
    assert answered_call["outcome"] == "answered"
    assert answered_call["talk_seconds"] > 2
    assert [s["agent"] for s in answered_call["segments"]] == ["li.na"]
    assert abandoned_call["outcome"] in ("abandoned_queue", "abandoned_ringing")
    assert all(call["state"] == "ended" for call in calls.values())


async def test_a_call_queues_within_a_second_while_the_server_is_frozen(
    pbx: Rig, tmp_path: Path
) -> None:
    rung = asyncio.Event()
    phone = await pbx.agent("8001")
    citizen = await pbx.citizen("13800005553")
    async with serving(tmp_path, pbx) as server:
        phone.on_call = lambda leg: (leg.ring(), rung.set())[0]  # type: ignore[func-returns-value]
        server.freeze()
        leg = await citizen.call("962200")
        await asyncio.wait_for(leg.up.wait(), 10)
        await asyncio.wait_for(rung.wait(), 10)
        server.thaw()
        await leg.hang_up()


async def test_a_locked_database_delays_the_rows_and_never_the_pop(
    pbx: Rig, tmp_path: Path
) -> None:
    phone = await pbx.agent("8001")
    answering(phone, after=3)
    citizen = await pbx.citizen("13800005554")
    async with serving(tmp_path, pbx) as server:
        blocker = sqlite3.connect(server.database, isolation_level=None)
        blocker.execute("BEGIN IMMEDIATE")
        leg = await citizen.call("962200")
        pop = await eventually(lambda: _pop(server))
        call_id = pop["call"]["id"]
        status, refused = await server.ask(
            "POST", "/tickets", "li.na", {"kind": "help", "content": "锁住时登记"}
        )
        blocker.execute("ROLLBACK")
        blocker.close()
        await _until(server, call_id, state="talking")
        await leg.hang_up()
        ended = await _until(server, call_id, state="ended")

    assert (status, refused["code"]) == (503, "unavailable")
    assert pop["call"]["citizen_number"] == "13800005554"
    assert ended["outcome"] == "answered"


async def test_told_to_stop_the_server_writes_what_it_knows_and_ends_well(
    pbx: Rig, tmp_path: Path
) -> None:
    answering(await pbx.agent("8001"))
    citizen = await pbx.citizen("13800005555")
    async with serving(tmp_path, pbx) as server:
        leg = await citizen.call("962200")
        call_id = await _talking(server)

        assert await server.stop() == 0

        rows = sqlite3.connect(server.database)
        known = rows.execute("SELECT ended FROM calls WHERE id = ?", (call_id,)).fetchall()
        rows.close()
        await leg.hang_up()

    assert known == [(0,)]
    assert "Traceback" not in server.log()


async def test_a_full_disk_stops_tickets_with_a_clear_word_and_no_call(
    pbx: Rig, tmp_path: Path
) -> None:
    answering(await pbx.agent("8001"), after=2)
    citizen = await pbx.citizen("13800005556")
    ticket = {"kind": "consult", "content": "磁盘满时登记" * 300}
    async with ServerProcess(tmp_path, pbx) as server:
        await server.start(limits=f"ulimit -S -f {SMALL_DISK_KIB}")
        await server.sit("li.na", "PJSIP/8001")
        status, kept = 201, 0
        while status == 201:
            status, said = await server.ask("POST", "/tickets", "li.na", ticket)
            kept += status == 201
        leg = await citizen.call("962200")
        pop = await eventually(lambda: _pop(server))
        await asyncio.wait_for(leg.up.wait(), 10)
        server.free_disk()
        await _until(server, pop["call"]["id"], state="talking")
        again, _ = await server.ask("POST", "/tickets", "li.na", ticket)
        await leg.hang_up()
        ended = await _until(server, pop["call"]["id"], state="ended")

    assert (status, said["code"]) == (503, "unavailable")
    assert again == 201
    assert ended["outcome"] == "answered"
    rows = sqlite3.connect(server.database)
    assert rows.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert rows.execute("SELECT count(*) FROM tickets").fetchall() == [(kept + 1,)]
    rows.close()
