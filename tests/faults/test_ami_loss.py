"""The way to Asterisk breaks, or Asterisk does: what the desk is told, what is not done twice."""

import asyncio
import contextlib

import pytest

from routing.ports import SwitchUnavailable
from telephony.exchange import Exchange, Pace
from telephony.switch import AsteriskSwitch
from tests.faults.rig import Rig, Wire
from tests.telephony.diary import Diary, conversation
from tests.telephony.peer import until

pytestmark = pytest.mark.pbx

CALL = "0d8d7d5f-7c0d-4e6c-9a58-5f0c2a520a11"
QUICK = Pace(ping=0.5, answer=3, boot=10, retry=0.1, longest_retry=0.5)


def switch(exchange: Exchange) -> AsteriskSwitch:
    return AsteriskSwitch(
        exchange,
        trunks=["PJSIP/trunk-city"],
        outbound_trunk="trunk-city",
        devices=["PJSIP/8001", "PJSIP/8002"],
    )


def channels(diary: Diary) -> list[str]:
    """Devices of the channels that were made."""
    made = [message for message in diary.heard if message.name == "Newchannel"]
    return [(message.get("Channel") or "").rpartition("-")[0] for message in made]


async def up(exchange: Exchange, seconds: float = 15) -> None:
    await asyncio.wait_for(exchange.until_up(), seconds)


@pytest.mark.parametrize("mends_after", [0.3, 2.0])
async def test_a_call_whose_answer_got_lost_is_dialled_once_and_known_afterwards(
    pbx: Rig, mends_after: float
) -> None:
    agent = await pbx.agent("8001")
    watching = conversation(pbx.address(), diary=Diary("Newchannel"), pace=QUICK)
    async with (
        Wire(pbx.asterisk.plan.ami_port) as wire,
        watching as (watcher, seen),
        conversation(pbx.address(wire.port), pace=QUICK) as (exchange, _),
    ):
        await asyncio.gather(up(exchange), up(watcher))
        wire.mute_after = b"Action: Originate"
        dialling = asyncio.create_task(
            switch(exchange).click_to_call("PJSIP/8001", "13811110001", call_id=CALL)
        )
        rung = await agent.rung()
        wire.cut()
        await asyncio.sleep(mends_after)
        wire.mend()
        await asyncio.wait_for(dialling, 15)
        await asyncio.sleep(1)
        await rung.hang_up()
        assert await until(lambda: rung.state == "ended")
        assert channels(seen) == ["PJSIP/8001"]
        assert wire.sent.count(b"Action: Originate") == 1


async def test_a_call_asked_for_while_asterisk_is_away_is_refused_and_never_made_later(
    pbx: Rig,
) -> None:
    await pbx.agent("8001")
    seen = Diary("Newchannel")
    async with (
        Wire(pbx.asterisk.plan.ami_port) as wire,
        conversation(pbx.address(wire.port), diary=seen, pace=QUICK) as (exchange, _),
    ):
        await up(exchange)
        wire.cut()
        assert await until(lambda: not exchange.is_up)
        with pytest.raises(SwitchUnavailable):
            await asyncio.wait_for(switch(exchange).hang_up(CALL), 1)
        dialling = switch(exchange).click_to_call("PJSIP/8001", "13811110001", call_id=CALL)
        with pytest.raises(SwitchUnavailable, match="not dialled"):
            await asyncio.wait_for(dialling, 1)
        wire.mend()
        await up(exchange)
        await asyncio.sleep(1)
        assert channels(seen) == []
        assert wire.sent.count(b"Action: Originate") == 0


async def test_a_frozen_asterisk_is_noticed_within_two_pings_and_taken_up_again(pbx: Rig) -> None:
    async with conversation(pbx.address(), pace=QUICK) as (exchange, diary):
        await up(exchange)
        pbx.asterisk.freeze()
        loop = asyncio.get_running_loop()
        begun = loop.time()
        assert await until(lambda: not exchange.is_up, seconds=10)
        # One pause between pings, then two that nobody answers.
        assert loop.time() - begun < 3 * QUICK.ping + 1
        assert await until(lambda: "unanswered" in diary.lines[-1])
        await asyncio.sleep(2)
        assert not exchange.is_up
        pbx.asterisk.thaw()
        await up(exchange)
        assert diary.lines[-2:] == ["settled 4 lists", "up"]


async def restart_now(pbx: Rig) -> None:
    await asyncio.to_thread(pbx.asterisk.restart)


async def stop_and_start(pbx: Rig) -> None:
    await asyncio.to_thread(pbx.asterisk.stop)
    await asyncio.to_thread(pbx.asterisk.start)


async def kill_and_start(pbx: Rig) -> None:
    await asyncio.to_thread(pbx.asterisk.kill)
    await asyncio.to_thread(pbx.asterisk.start)


@pytest.mark.parametrize("end", [restart_now, stop_and_start, kill_and_start])
async def test_an_asterisk_that_ends_is_stale_at_once_and_true_when_it_is_back(
    pbx: Rig, end: object
) -> None:
    assert callable(end)
    async with conversation(pbx.address(), pace=QUICK) as (exchange, diary):
        await up(exchange)
        ending = asyncio.create_task(end(pbx))
        assert await until(lambda: not exchange.is_up, seconds=15)
        await ending
        await up(exchange)
        assert await until(lambda: diary.lines[-1] == "up")
        told = [line for line in diary.lines if line.startswith(("up", "down", "settled"))]
        assert told[-2:] == ["settled 4 lists", "up"]
        assert [line for line in told if line == "up"] == ["up", "up"]


async def test_a_name_cut_into_single_bytes_on_its_way_stays_whole(pbx: Rig) -> None:
    heard = Diary("UserEvent", "Newchannel")
    async with (
        Wire(pbx.asterisk.plan.ami_port, piece=1) as wire,
        conversation(pbx.address(wire.port), diary=heard, pace=QUICK) as (exchange, _),
    ):
        await up(exchange)
        citizen = await pbx.citizen("13800138000")
        call = await citizen.call("962200", shown="王小明")
        assert await until(lambda: any(m.get("CallerName") for m in heard.heard), seconds=10)
        await call.hang_up()
        names = {m.get("CallerName") for m in heard.heard if m.name == "UserEvent"} - {None}
        assert names == {"王小明"}


async def test_a_handler_that_raises_loses_one_event_of_a_call_and_nothing_else(
    pbx: Rig, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Diary):
        """An ear with a bug in it."""

        def hear(self, message: object) -> tuple[()]:
            super().hear(message)  # type: ignore[arg-type]
            if len(self.heard) == 1:
                raise LookupError("caller 13800138001")
            return ()

    broken = Broken("Newchannel")
    async with conversation(pbx.address(), diary=broken, pace=QUICK) as (exchange, _):
        await up(exchange)
        for number in ("13800138001", "13800138002"):
            citizen = await pbx.citizen(number)
            call = await citizen.call("962200")
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(call.up.wait(), 5)
            await call.hang_up()
        assert await until(lambda: len(broken.heard) == 2)
        assert exchange.is_up
        assert "lost event Newchannel" in caplog.text
        assert "13800138001" not in caplog.text
        assert [line for line in broken.lines if line.startswith("down")] == [
            "down: not connected yet"
        ]
