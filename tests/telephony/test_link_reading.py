"""What panoramisk 1.4 makes of what it reads, and that our link does not."""

import asyncio
import logging
from typing import Any

import pytest

from telephony.failures import LinkDown
from telephony.wire import Message
from tests.telephony.links import bare, consumed, ours
from tests.telephony.peer import running, until


class TestAListenerThatRaises:
    """3. A bug of ours in the handling of one event."""

    EVENTS = "".join(f"Event: UserEvent\r\nN: {n}\r\n\r\n" for n in (1, 2, 3))

    async def test_kills_the_connection_of_bare_panoramisk_and_loses_what_follows(self) -> None:
        async with running() as peer, bare(peer) as manager:

            def broken(_manager: Any, event: Any) -> None:
                if event.n == "1":
                    raise ValueError("a bug")

            manager.register_event("UserEvent", broken)
            peer.write(self.EVENTS)
            assert await until(lambda: peer.connections == 2)
            assert [event.n for event in manager.seen if event.n] == ["1"]

    async def test_costs_our_link_one_event_logged_by_name_without_numbers(
        self, caplog: pytest.LogCaptureFixture
    ) -> None:
        async with running() as peer, ours(peer) as link:
            seen: list[str | None] = []

            def broken(message: Message) -> None:
                if message.get("N") == "1":
                    raise ValueError("cannot dial 13800138000")
                seen.append(message.get("N"))

            task = asyncio.create_task(link.inbox.consume(broken))
            peer.write(self.EVENTS)
            assert await until(lambda: seen == ["2", "3"])
            assert (peer.connections, link.lost.is_set(), link.inbox.lost) == (1, False, 1)
            assert "lost event UserEvent" in caplog.text
            assert "138****00" in caplog.text
            assert "13800138000" not in caplog.text
            task.cancel()

    async def test_coroutine_listeners_of_bare_panoramisk_overtake_one_another(self) -> None:
        async with running() as peer, bare(peer) as manager:
            finished: list[str] = []

            async def slow_first(_manager: Any, event: Any) -> None:
                await asyncio.sleep(0.1 if event.n == "1" else 0)
                finished.append(event.n)

            manager.register_event("UserEvent", slow_first)
            peer.write(self.EVENTS)
            assert await until(lambda: len(finished) == 3)
            assert finished == ["2", "3", "1"]

    async def test_our_link_gives_events_in_the_order_they_came(self) -> None:
        async with running() as peer, ours(peer) as link:
            peer.write(self.EVENTS)
            assert [event.get("N") for event in await consumed(link, 3)] == ["1", "2", "3"]


class TestACharacterCutByTheNetwork:
    """8. One chunk ends within a character."""

    EVENT = "Event: UserEvent\r\nCallerIDName: 王小明\r\n\r\n".encode()
    CUT = EVENT.index("小".encode()) + 1

    async def test_vanishes_in_bare_panoramisk(self) -> None:
        async with running() as peer, bare(peer) as manager:
            peer.write(self.EVENT[: self.CUT])
            await asyncio.sleep(0.05)
            peer.write(self.EVENT[self.CUT :])
            assert await until(lambda: any(e.event == "UserEvent" for e in manager.seen))
            assert manager.seen[-1].calleridname == "王明"

    async def test_is_whole_in_our_link_wherever_the_cut_is(self) -> None:
        async with running() as peer, ours(peer) as link:
            for cut in range(1, len(self.EVENT)):
                peer.write(self.EVENT[:cut])
                await asyncio.sleep(0.002)
                peer.write(self.EVENT[cut:])
            seen = await consumed(link, len(self.EVENT) - 1)
            assert {event.get("CallerIDName") for event in seen} == {"王小明"}
            assert len(seen) == len(self.EVENT) - 1


class TestFieldsOfUnusualForm:
    """9. Repeated, empty, percent-encoded, differently spelled fields."""

    EVENT = (
        "Event: UserEvent\r\nV: 1\r\nCase: a\r\ncase: b\r\n"
        "Result: 100%25\r\nTight:x\r\nLast: \r\n\r\n"
    )

    async def test_change_or_vanish_in_bare_panoramisk(self) -> None:
        async with running() as peer, bare(peer) as manager:
            peer.write(self.EVENT)
            assert await until(lambda: any(e.event == "UserEvent" for e in manager.seen))
            event = manager.seen[-1]
            assert (event.result, event.case) == ("100%", "b")
            assert ("Tight" in event, "Last" in event) == (False, False)
            with pytest.raises(TypeError):
                event.getdict("V")

    async def test_are_kept_by_our_link(self) -> None:
        async with running() as peer, ours(peer) as link:
            peer.write(self.EVENT)
            [event] = await consumed(link, 1)
            assert [event.get(key) for key in ("Result", "Tight", "Last")] == ["100%25", "x", ""]
            assert (event.all("V"), event.all("case")) == (["1"], ["a", "b"])


class TestAMessageWithBareLineFeeds:
    """13. A message whose lines end in LF only."""

    EVENTS = "Event: UserEvent\nN: 1\n\nEvent: UserEvent\r\nN: 2\r\n\r\n"

    async def test_is_glued_to_the_next_by_bare_panoramisk(self) -> None:
        async with running() as peer, bare(peer) as manager:
            peer.write(self.EVENTS + "Event: End\r\n\r\n")
            assert await until(lambda: manager.seen and manager.seen[-1].event == "End")
            assert len([event for event in manager.seen if event.event == "UserEvent"]) == 0

    async def test_is_a_message_of_its_own_in_our_link(self) -> None:
        async with running() as peer, ours(peer) as link:
            peer.write(self.EVENTS)
            assert [event.get("N") for event in await consumed(link, 2)] == ["1", "2"]


class TestAPeerThatIsNoAsterisk:
    """A stream without an end of message must not fill our memory."""

    async def test_is_left_after_a_mebibyte(self) -> None:
        async with running() as peer, ours(peer) as link:
            peer.write(b"Event: UserEvent\r\nData: ")
            for _ in range(20):
                peer.write(b"y" * 65536)
            assert await until(link.lost.is_set)
            assert link.reason.startswith("not AMI: ")
            with pytest.raises(LinkDown):
                await link.ask("Ping")


async def test_neither_login_nor_secret_is_ever_logged(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        async with running() as peer, ours(peer) as link:
            await link.ask("Ping")
            peer.hang_up()
            assert await until(link.lost.is_set)
    assert "s3cret" not in caplog.text
    assert "Action: Login" not in caplog.text
