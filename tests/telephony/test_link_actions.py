"""What panoramisk 1.4 does with actions when left alone, and that our link does not."""

import asyncio
from typing import Any

import pytest

from regulation.refusal import Refusal
from telephony.failures import Declined, LinkDown, NoAnswer
from tests.telephony.links import bare, consumed, ours, silent_about
from tests.telephony.peer import Action, error, obliging, running, success, until


def queued(action: Action) -> str | None:
    """An originate is taken, everything else is answered as by an idle Asterisk."""
    if action["Action"] == "Originate":
        return success(action, "Message: Originate successfully queued\r\n")
    return obliging(action)


async def is_pending(future: "asyncio.Future[Any]", seconds: float = 0.2) -> bool:
    done, _ = await asyncio.wait([future], timeout=seconds)
    return not done


class TestAnOriginateWithoutAsync:
    """1. The answer to an Originate that has no Async field."""

    async def test_tears_bare_panoramisk_down(self, caplog: pytest.LogCaptureFixture) -> None:
        async with running(queued) as peer, bare(peer) as manager:
            answer = manager.send_action({"Action": "Originate", "Channel": "Local/1"})
            assert await until(lambda: peer.connections == 2)
            assert not answer.done()
            assert "KeyError: 'async'" in caplog.text

    async def test_is_answered_by_our_link(self) -> None:
        async with running(queued) as peer, ours(peer) as link:
            answer = await link.ask("Originate", {"Channel": "Local/1"})
            assert answer[0].get("Message") == "Originate successfully queued"
            assert (peer.connections, link.lost.is_set()) == (1, False)


class TestAnEventWithAPendingActionId:
    """2. OriginateResponse bears the ActionID of the action that it reports on."""

    @staticmethod
    def script(action: Action) -> str | None:
        if action["Action"] != "Originate":
            return obliging(action)
        event = f"Event: OriginateResponse\r\nActionID: {action['ActionID']}\r\nReason: 4\r\n\r\n"
        return event + success(action, "Message: Originate successfully queued\r\n")

    async def test_is_hidden_from_the_listeners_of_bare_panoramisk(self) -> None:
        async with running(self.script) as peer, bare(peer) as manager:
            await manager.send_action({"Action": "Originate", "Async": "true"})
            peer.write("Event: UserEvent\r\nUserEvent: Later\r\n\r\n")
            assert await until(lambda: any(event.event == "UserEvent" for event in manager.seen))
            assert not [event for event in manager.seen if event.event == "OriginateResponse"]

    async def test_reaches_the_consumer_of_our_link(self) -> None:
        async with running(self.script) as peer, ours(peer) as link:
            await link.ask("Originate", {"Async": "true"})
            assert [event.name for event in await consumed(link, 1)] == ["OriginateResponse"]


class TestAnActionThatIsNeverAnswered:
    """4. Actions that wait: unanswered, half answered, or answered by an error, not a list."""

    @staticmethod
    def half(action: Action) -> str | None:
        if action["Action"] == "QueueStatus":
            return success(action, "EventList: start\r\nMessage: will follow\r\n")
        return obliging(action)

    async def test_hangs_for_ever_in_bare_panoramisk(self) -> None:
        async with running(self.half) as peer, bare(peer) as manager:
            peer.script = lambda a: error(a, "no") if a["Action"] == "CoreStatus" else self.half(a)
            listed = manager.send_action({"Action": "QueueStatus"})
            refused = manager.send_action({"Action": "CoreStatus"}, as_list=True)
            assert await until(lambda: peer.named("CoreStatus"))
            peer.hang_up()
            assert await is_pending(listed)
            assert await is_pending(refused)

    async def test_ends_in_our_link_by_its_own_deadline(self) -> None:
        async with running(silent_about("QueueStatus")) as peer, ours(peer) as link:
            with pytest.raises(NoAnswer, match=r"QueueStatus: no answer within 0\.05 s"):
                await link.ask("QueueStatus", seconds=0.05)
            assert len(link._replies) == 0

    async def test_ends_in_our_link_when_the_connection_does(self) -> None:
        async with running(self.half) as peer, ours(peer) as link:
            listed = asyncio.create_task(link.ask("QueueStatus"))
            await until(lambda: peer.named("QueueStatus"))
            peer.hang_up()
            with pytest.raises(LinkDown):
                await listed

    async def test_an_error_instead_of_a_list_is_said_so_by_our_link(self) -> None:
        async with running(obliging) as peer, ours(peer) as link:
            peer.script = lambda a: error(a, "Permission denied")
            with pytest.raises(Declined, match="CoreShowChannels: Permission denied"):
                await link.ask("CoreShowChannels")


class TestAConnectionLostBeforeTheAnswer:
    """5. An Originate whose answer never came: the liaison's telephone may be ringing already."""

    async def test_is_dialled_twice_by_bare_panoramisk(self) -> None:
        async with running(silent_about("Originate")) as peer, bare(peer) as manager:
            manager.send_action({"Action": "Originate", "Channel": "Local/1", "Async": "true"})
            await until(lambda: peer.named("Originate"))
            peer.hang_up()
            assert await until(lambda: len(peer.named("Originate")) == 2)

    async def test_is_dialled_once_by_our_link_and_reported(self) -> None:
        async with running(silent_about("Originate")) as peer, ours(peer) as link:
            dialling = asyncio.create_task(link.ask("Originate", {"Channel": "Local/1"}))
            await until(lambda: peer.named("Originate"))
            peer.hang_up()
            with pytest.raises(LinkDown):
                await dialling
            async with ours(peer):
                await asyncio.sleep(0.1)
            assert len(peer.named("Originate")) == 1


class TestALineBreakInAValue:
    """7. A value that would be a second action."""

    EVIL = "1\r\n\r\nAction: UserEvent\r\nUserEvent: INJECTED"

    async def test_is_a_second_action_by_bare_panoramisk(self) -> None:
        async with running() as peer, bare(peer) as manager:
            manager.send_action({"Action": "Hangup", "Channel": self.EVIL})
            assert await until(lambda: peer.named("UserEvent"))

    @pytest.mark.parametrize("evil", [EVIL, "a\rb", "a\nb", "a\0b", "\ud800"])
    async def test_is_refused_by_our_link_naming_the_field(self, evil: str) -> None:
        async with running() as peer, ours(peer) as link:
            with pytest.raises(Refusal) as refused:
                await link.ask("Hangup", {"Channel": evil})
            assert (refused.value.code, refused.value.field) == ("switch.value_broken", "Channel")
            await link.ask("Ping")
            assert [action["Action"] for action in peer.actions] == ["Login", "Ping"]
