"""One Asterisk through connection, loss and return, as the hotline is told of it."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from routing.happenings import DeviceChanged
from routing.seats import Member
from telephony.exchange import Exchange, Pace
from telephony.failures import LinkDown
from tests.telephony.diary import NOON, Diary, conversation
from tests.telephony.links import address, silent_about
from tests.telephony.peer import Action, error, obliging, running, success, until

FIRST = "Event: UserEvent\r\nTimestamp: 1795408442.5\r\nN: 1\r\n\r\n"
SECOND = "Event: UserEvent\r\nTimestamp: 1795408443.5\r\nN: 2\r\n\r\n"


async def test_telephone_data_is_true_only_when_everything_there_is_has_taken_effect() -> None:
    async with running() as peer, conversation(peer) as (exchange, diary):
        await asyncio.wait_for(exchange.until_up(), 2)
        assert diary.lines == ["down: not connected yet", "settled 4 lists", "up"]
        assert [action["Action"] for action in peer.actions][:7] == [
            "Login",
            "Ping",
            "Ping",
            "CoreShowChannels",
            "BridgeList",
            "QueueStatus",
            "DeviceStateList",
        ]


async def test_lists_are_dated_by_the_clock_of_asterisk() -> None:
    async with running() as peer, conversation(peer) as (exchange, diary):
        await exchange.until_up()
        assert diary.asked_at == [datetime.fromtimestamp(1795423284.484576, UTC)]


async def test_an_event_sent_before_a_list_is_heard_before_the_list_takes_effect() -> None:
    def script(action: Action) -> str | None:
        answer = obliging(action)
        return FIRST + (answer or "") if action["Action"] == "DeviceStateList" else answer

    async with running(script) as peer, conversation(peer) as (exchange, diary):
        await exchange.until_up()
        assert diary.lines[1:] == ["heard 1", "settled 4 lists", "up"]


async def test_after_a_loss_what_was_received_is_heard_then_the_gap_is_filled() -> None:
    async with running() as peer, conversation(peer) as (exchange, diary):
        await exchange.until_up()
        del diary.lines[:]
        peer.write(FIRST + SECOND)
        await asyncio.sleep(0.05)
        peer.hang_up()
        assert await until(lambda: diary.lines[-1:] == ["up"])
        assert diary.lines == [
            "heard 1",
            "heard 2",
            "cut 1795408443.5",
            "down: Asterisk closed the connection",
            "filled ['row']",
            "settled 4 lists",
            "up",
        ]
        assert diary.since == [datetime.fromtimestamp(1795408443.5, UTC)]


async def test_after_a_restart_of_ours_the_gap_begins_where_the_store_says() -> None:
    async with running() as peer, conversation(peer, seen_until=NOON) as (exchange, diary):
        await exchange.until_up()
        assert diary.since == [NOON]
        assert diary.lines[:3] == [
            f"cut {NOON.timestamp()}",
            "down: not connected yet",
            "filled ['row']",
        ]


async def test_a_refused_login_is_said_and_tried_again_slowly() -> None:
    def refuse(action: Action) -> str:
        return error(action, "Authentication failed")

    async with (
        running(refuse) as peer,
        conversation(address(peer, secret="wr0ng")) as (exchange, diary),
    ):
        assert await until(lambda: len(diary.lines) == 2)
        assert "login refused (Authentication failed): check the AMI username" in diary.lines[1]
        assert "wr0ng" not in diary.lines[1]
        await asyncio.sleep(0.15)
        assert peer.connections == 1
        peer.script = obliging
        await asyncio.wait_for(exchange.until_up(), 2)


async def test_a_frozen_asterisk_makes_data_stale_within_two_pings_until_it_answers_again() -> None:
    async with running() as peer, conversation(peer) as (exchange, diary):
        await exchange.until_up()
        peer.script = lambda _action: None
        answered = len(peer.named("Ping"))
        assert await until(lambda: diary.lines[-1] == "down: Asterisk left 2 pings unanswered")
        assert len(peer.named("Ping")) == answered + 2
        peer.script = obliging
        await asyncio.wait_for(exchange.until_up(), 3)
        assert exchange.reason == ""


async def test_an_asterisk_that_is_still_booting_is_not_asked_for_its_lists() -> None:
    def booting(action: Action) -> str | None:
        return success(action) if action["Action"] == "Login" else obliging(action)

    async with running(booting) as peer, conversation(peer) as (exchange, _):
        await until(lambda: peer.actions)
        await asyncio.sleep(0.05)
        assert not peer.named("CoreShowChannels")
        peer.write("Event: FullyBooted\r\n\r\n")
        assert await until(lambda: peer.named("CoreShowChannels"), seconds=0.2)
        await exchange.until_up()


async def test_an_account_that_may_not_list_channels_never_makes_data_true() -> None:
    def weak(action: Action) -> str | None:
        if action["Action"] == "CoreShowChannels":
            return error(action, "Permission denied")
        return obliging(action)

    async with running(weak) as peer, conversation(peer) as (exchange, diary):
        assert await until(lambda: peer.connections >= 2)
        assert (
            diary.lines
            == [
                "down: not connected yet",
                "cut 1795406400.0",
                "down: CoreShowChannels: Permission denied",
                "cut 1795406400.0",
            ][: len(diary.lines)]
        )
        assert not exchange.is_up


def queue_of(*members: str) -> Any:
    """An Asterisk whose queue has these members."""

    def script(action: Action) -> str | None:
        if action["Action"] != "QueueStatus":
            return obliging(action)
        action_id = action["ActionID"]
        events = "".join(
            f"Event: QueueMember\r\nQueue: hotline\r\n{member}\r\nActionID: {action_id}\r\n\r\n"
            for member in members
        )
        start, _, end = (obliging(action) or "").partition("\r\n\r\n")
        return f"{start}\r\n\r\n{events}{end}"

    return script


async def test_the_queue_is_made_to_hold_who_is_signed_in_and_nobody_else() -> None:
    in_queue = queue_of(
        "Location: PJSIP/8001\r\nName: 王小明\r\nMembership: dynamic\r\nPaused: 0",
        "Location: PJSIP/8003\r\nName: gone\r\nMembership: dynamic\r\nPaused: 0",
        "Location: PJSIP/8004\r\nName: 李\r\nMembership: dynamic\r\nPaused: 1",
        "Location: PJSIP/9001\r\nName: load\r\nMembership: static\r\nPaused: 0",
    )
    wanted = [
        Member("PJSIP/8001", "王小明", paused=True, reason="午餐"),
        Member("PJSIP/8002", "张三", paused=False),
        Member("PJSIP/8004", "李", paused=True),
    ]
    async with running(in_queue) as peer, conversation(peer, members=wanted) as (exchange, _):
        await exchange.until_up()
        changes = [
            {key: value for key, value in action.items() if key not in ("ActionID", "Queue")}
            for action in peer.actions
            if action["Action"] in ("QueueAdd", "QueueRemove", "QueuePause")
        ]
        assert changes == [
            {"Action": "QueueRemove", "Interface": "PJSIP/8003"},
            {
                "Action": "QueuePause",
                "Interface": "PJSIP/8001",
                "Paused": "true",
                "Reason": "午餐",
            },
            {
                "Action": "QueueAdd",
                "Interface": "PJSIP/8002",
                "MemberName": "张三",
                "Paused": "false",
            },
        ]


async def test_a_command_while_the_connection_is_down_fails_at_once_and_is_not_kept() -> None:
    async with running(silent_about("Login")) as peer, conversation(peer) as (exchange, _):
        with pytest.raises(LinkDown, match="not connected yet"):
            await exchange.ask("Hangup", {"Channel": "PJSIP/8001-1"})
        peer.script = obliging
        await asyncio.wait_for(exchange.until_up(), 3)
        assert not peer.named("Hangup")


async def test_a_stopped_exchange_leaves_no_connection_and_says_that_data_is_stale() -> None:
    async with running() as peer:
        async with conversation(peer) as (exchange, diary):
            await exchange.until_up()
        assert diary.lines[-1] == "down: the conversation with Asterisk has stopped"
        assert not exchange.is_up
        await asyncio.sleep(0.1)
        assert peer.connections == 1


async def test_two_exchanges_live_and_fail_apart() -> None:
    async with (
        running() as east,
        running() as west,
        conversation(east) as (one, _),
        conversation(west) as (other, diary),
    ):
        await asyncio.gather(one.until_up(), other.until_up())
        await west.stop()
        assert await until(lambda: diary.lines[-1].startswith("down: "))
        assert (one.is_up, other.is_up) == (True, False)
        await west.start(port=west.port)
        await asyncio.wait_for(other.until_up(), 3)


def test_pauses_between_attempts_grow_to_a_limit_and_differ() -> None:
    exchange = Exchange.__new__(Exchange)
    exchange._pace = Pace(retry=0.5, longest_retry=10.0)
    early = [exchange._pause(0) for _ in range(50)]
    late = [exchange._pause(40) for _ in range(50)]
    assert (min(early) >= 0.25, max(early) <= 0.5) == (True, True)
    assert (min(late) >= 5.0, max(late) <= 10.0) == (True, True)
    assert len(set(late)) > 10


async def test_an_asterisk_without_a_list_of_phones_is_taken_as_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def old(action: Action) -> str | None:
        if action["Action"] == "DeviceStateList":
            return error(action, "Invalid/unknown command")
        return obliging(action)

    async with running(old) as peer, conversation(peer) as (exchange, diary):
        await asyncio.wait_for(exchange.until_up(), 2)
        assert diary.lines[1:] == ["settled 3 lists", "up"]
        assert "phones are known when they move only" in caplog.text


async def test_an_event_log_that_cannot_be_read_is_told_and_keeps_nothing_from_going_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    diary = Diary()
    diary.unreadable = True
    async with running() as peer, conversation(peer, diary=diary, seen_until=NOON) as (exchange, _):
        await asyncio.wait_for(exchange.until_up(), 2)
        assert "stays open: Master.csv" in caplog.text
        assert diary.lines[-2:] == ["settled 4 lists", "up"]


async def test_a_listener_that_raises_loses_one_happening_and_nothing_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    diary = Diary()
    diary.happens = [DeviceChanged("PJSIP/8001", reachable=True, at=NOON)]
    async with running() as peer, conversation(peer, diary=diary, seen_until=NOON) as (exchange, _):
        await asyncio.wait_for(exchange.until_up(), 2)
        assert "lost happening DeviceChanged" in caplog.text
        assert "13800138000" not in caplog.text
