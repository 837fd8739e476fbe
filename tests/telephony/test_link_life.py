"""How connections of panoramisk 1.4 live and die, and how ours do."""

import asyncio
import gc
import ssl
import subprocess
from pathlib import Path

import pytest
from panoramisk import Manager

from telephony.failures import LinkDown, LoginRefused
from telephony.link import Link
from tests.telephony.links import address, bare, ours, silent_about
from tests.telephony.peer import Action, error, running, until


class TestAFrozenAsterisk:
    """6. The socket is open and nobody answers."""

    async def test_is_not_noticed_by_bare_panoramisk(self) -> None:
        async with running(silent_about("Ping")) as peer, bare(peer) as manager:
            lost: list[object] = []
            manager.on_disconnect = lambda *_: lost.append(1)
            assert await until(lambda: len(peer.named("Ping")) >= 3, seconds=5)
            assert lost == []
            assert len(manager.protocol.responses) >= 3

    async def test_is_noticed_by_our_link_at_the_second_ping(self) -> None:
        async with running(silent_about("Ping")) as peer, ours(peer) as link:
            await asyncio.wait_for(link.watch(every=0.05), 1)
            assert link.reason == "Asterisk left 2 pings unanswered"
            assert len(peer.named("Ping")) == 2

    async def test_one_that_answers_nothing_while_its_events_come_is_given_longer(self) -> None:
        async with running(silent_about("Ping")) as peer, ours(peer) as link:

            async def chatter() -> None:
                while not link.lost.is_set():
                    peer.write("Event: Newchannel\r\n\r\n")
                    await asyncio.sleep(0.01)

            chattering = asyncio.create_task(chatter())
            await asyncio.wait_for(link.watch(every=0.05), 2)
            await chattering
            assert link.reason == "Asterisk left 6 pings unanswered"

    async def test_our_own_slow_consumer_is_not_taken_for_it(self) -> None:
        async with running(silent_about("Ping")) as peer, ours(peer, full=2) as link:
            peer.write("Event: UserEvent\r\n\r\n" * 3)
            assert await until(lambda: link.inbox.is_paused)
            watching = asyncio.create_task(link.watch(every=0.02))
            await asyncio.sleep(0.2)
            assert not link.lost.is_set()
            watching.cancel()


class TestAWrongSecret:
    """10. An account that Asterisk refuses, and a certificate that cannot be believed."""

    @staticmethod
    def script(action: Action) -> str:
        return error(action, "Authentication failed")

    async def test_is_tried_for_ever_by_bare_panoramisk_without_an_error(self) -> None:
        async with running(self.script) as peer, bare(peer) as manager:
            assert await until(lambda: peer.connections >= 3)
            assert not manager.authenticated

    async def test_is_an_error_of_our_link_that_says_what_to_check(self) -> None:
        async with running(self.script) as peer:
            with pytest.raises(LoginRefused, match="check the AMI username and secret") as refused:
                await Link.open(address(peer, secret="wr0ng"))
            assert "wr0ng" not in repr(refused.value) + repr(address(peer, secret="wr0ng"))
            await asyncio.sleep(0.1)
            assert peer.connections == 1

    # It leaves the transports of its failed attempts open, too.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    async def test_a_certificate_of_nobody_is_retried_for_ever_by_bare_panoramisk(
        self, server_tls: tuple[ssl.SSLContext, Path]
    ) -> None:
        known = ssl.create_default_context()

        async def tries_again() -> bool:
            async with running(tls=server_tls[0]) as peer, bare(peer, ssl=known) as manager:
                return await until(lambda: len(manager.tries) >= 3)

        assert await tries_again()
        gc.collect()

    async def test_a_certificate_of_nobody_is_an_error_of_our_link(
        self, server_tls: tuple[ssl.SSLContext, Path]
    ) -> None:
        async with running(tls=server_tls[0]) as peer:
            with pytest.raises(LinkDown, match="CERTIFICATE_VERIFY_FAILED"):
                await Link.open(address(peer, tls=ssl.create_default_context()))

    async def test_our_link_is_encrypted_where_the_certificate_is_known(
        self, server_tls: tuple[ssl.SSLContext, Path]
    ) -> None:
        known = ssl.create_default_context(cafile=server_tls[1])
        async with running(tls=server_tls[0]) as peer:
            link = await Link.open(address(peer, tls=known))
            assert (await link.ask("Ping"))[0].get("Ping") == "Pong"
            await link.close()


class TestClosing:
    """11. What happens after close, and before connect."""

    async def test_bare_panoramisk_comes_back_after_close(self) -> None:
        async with running() as peer, bare(peer, reconnect_timeout=0) as manager:
            peer.hang_up()
            manager.on_disconnect = lambda *_: manager.close()
            assert await until(lambda: peer.connections == 2)

    async def test_bare_panoramisk_has_no_answer_before_it_is_connected(self) -> None:
        with pytest.raises(AttributeError):
            Manager(host="127.0.0.1", port=1).send_action({"Action": "Ping"})

    async def test_our_link_stays_closed(self) -> None:
        async with running() as peer, ours(peer) as link:
            await link.close("shift is over")
            with pytest.raises(LinkDown, match="shift is over"):
                await link.ask("Ping")
            await asyncio.sleep(0.1)
            assert peer.connections == 1

    async def test_an_attempt_given_up_leaves_nothing_behind(self) -> None:
        async with running(silent_about("Login")) as peer:
            with pytest.raises(LinkDown, match="no answer to the login"):
                await Link.open(address(peer), seconds=0.05)
            opening = asyncio.create_task(Link.open(address(peer)))
            await until(lambda: len(peer.named("Login")) == 2)
            opening.cancel()
            with pytest.raises(asyncio.CancelledError):
                await opening
        with pytest.raises(LinkDown, match="cannot connect"):
            await Link.open(address(peer))


class TestEventsOfTheGap:
    """12. A call that ends while the connection is down (our side: see the exchange's resync)."""

    async def test_leave_no_trace_in_bare_panoramisk(self) -> None:
        async with running() as peer, bare(peer) as manager:
            peer.hang_up()
            assert await until(lambda: peer.connections == 2 and manager.authenticated)
            assert {action["Action"] for action in peer.actions} == {"Login"}


@pytest.fixture(scope="module")
def server_tls(tmp_path_factory: pytest.TempPathFactory) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate of its own for 127.0.0.1, and that certificate."""
    folder = tmp_path_factory.mktemp("tls")
    certificate, key = folder / "ami.pem", folder / "ami.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context, certificate
