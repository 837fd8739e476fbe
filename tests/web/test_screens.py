"""Screens get every frame at once, after a snapshot, and nobody waits for a browser."""

import asyncio
import gc
import json
import socket
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType, WSServerHandshakeError

from routing.frames import Telephone, Ticketed
from routing.people import SYSTEM, Person, Session
from tests.web.house import NOON, House, cookie_of, open_house
from web.metrics import Metrics
from web.screens import OUTBOX_BYTES, SLICE, TABS, Hub, text_frame


async def frame_of(screen: ClientWebSocketResponse) -> dict[str, Any]:
    """The next frame as JSON."""
    decoded: dict[str, Any] = json.loads(await asyncio.wait_for(screen.receive_str(), 5))
    return decoded


async def test_a_desk_begins_with_a_snapshot_and_then_gets_what_concerns_it(house: House) -> None:
    wang, li = await house.browser("wang"), await house.browser("li")
    async with (
        wang.ws_connect("/ws") as first,
        wang.ws_connect("/ws") as second,
        li.ws_connect("/ws") as other,
    ):
        snapshots = [await frame_of(screen) for screen in (first, second, other)]
        house.hub.send("wang", Ticketed("20261123-0001", None))
        house.hub.broadcast(Telephone(up=False, since=NOON, reason="link down"))

        told = [
            (await frame_of(screen))["type"] for screen in (first, first, second, second, other)
        ]

    assert [snapshot["type"] for snapshot in snapshots] == ["snapshot"] * 3
    assert [snapshot["presence"]["person"] for snapshot in snapshots] == ["wang", "wang", "li"]
    assert told == ["ticketed", "telephone", "ticketed", "telephone", "telephone"]


async def test_signing_in_at_a_device_shows_on_every_tab_of_the_person(house: House) -> None:
    browser, program = await house.browser("wang"), await house.program("wang")
    async with browser.ws_connect("/ws") as screen:
        await frame_of(screen)
        await program.post("/api/v1/desk/sign-in", json={"device": "PJSIP/8001"})

        shown = await frame_of(screen)

    assert (shown["type"], shown["presence"]["state"]) == ("mine", "paused")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", None])
async def test_a_page_of_another_site_cannot_open_a_screen(
    house: House, origin: str | None
) -> None:
    signed_in = await house.browser("wang")
    foreign = await house.client(
        Cookie=f"hotline={cookie_of(signed_in)}", **({"Origin": origin} if origin else {})
    )
    with pytest.raises(WSServerHandshakeError) as refused:
        await foreign.ws_connect("/ws")

    assert refused.value.status == 403


async def test_a_browser_that_is_not_signed_in_gets_no_screen(house: House) -> None:
    with pytest.raises(WSServerHandshakeError) as refused:
        await (await house.client(Origin=house.url)).ws_connect("/ws")

    assert refused.value.status == 401


async def test_a_bearer_token_opens_no_screen(house: House) -> None:
    program = await house.program("wang")
    with pytest.raises(WSServerHandshakeError) as refused:
        await program.ws_connect("/ws", headers={"Origin": house.url})

    assert refused.value.status == 401


async def test_locking_a_person_elsewhere_cuts_their_screens_within_5_s(house: House) -> None:
    wang, li = await house.browser("wang"), await house.browser("li")
    async with wang.ws_connect("/ws") as cut, li.ws_connect("/ws") as kept:
        await frame_of(cut)
        await frame_of(kept)
        await house.store.people.set_locked("wang", locked=True, by=SYSTEM, at=house.clock())

        ending = await asyncio.wait_for(cut.receive(), 5)

        assert (ending.type, cut.close_code) == (WSMsgType.CLOSE, 4401)
        assert not kept.closed
        assert house.hub.count() == 1


async def test_signing_out_cuts_the_tabs_of_that_browser_at_once(house: House) -> None:
    one, other = await house.browser("wang"), await house.browser("wang")
    async with one.ws_connect("/ws") as cut, other.ws_connect("/ws") as kept:
        await frame_of(cut)
        await frame_of(kept)
        await one.post("/logout", data={"csrf": await house.csrf(one)}, allow_redirects=False)

        ending = await asyncio.wait_for(cut.receive(), 1)

        assert ending.type == WSMsgType.CLOSE
        assert not kept.closed


async def test_an_open_screen_keeps_the_session_in_use_but_not_for_ever(house: House) -> None:
    browser = await house.browser("wang")
    async with browser.ws_connect("/ws") as screen:
        await frame_of(screen)
        house.clock.forward(minutes=29)
        await _swept()
        house.clock.forward(minutes=29)

        assert (await browser.get("/api/v1/desk")).status == 200

        house.clock.forward(hours=13)
        ending = await asyncio.wait_for(screen.receive(), 5)

    assert ending.type == WSMsgType.CLOSE


async def _swept() -> None:
    """Two of the hub's cycles."""
    await asyncio.sleep(3.2)


async def test_a_browser_that_does_not_read_is_cut_and_nobody_waits_for_it(house: House) -> None:
    frame = Telephone(up=False, since=NOON, reason="x" * 4000)
    deaf = await _deaf_screen(house, await house.browser("wang"))
    li = await house.browser("li")
    async with li.ws_connect("/ws", max_msg_size=0) as quick:
        await frame_of(quick)
        slowest, heard = timedelta(0), 0
        loop = asyncio.get_running_loop()
        while house.hub.count() == 2 and heard < 2000:
            began = loop.time()
            house.hub.broadcast(frame)
            slowest = max(slowest, timedelta(seconds=loop.time() - began))
            await frame_of(quick)
            heard += 1

    deaf.close()

    assert heard * len(text_frame(b"x" * 4000)) >= OUTBOX_BYTES
    assert heard < 2000
    assert slowest < timedelta(seconds=1)


async def _deaf_screen(house: House, browser: ClientSession) -> socket.socket:
    """A websocket whose browser never reads."""
    deaf = await _connected(house, cookie_of(browser))
    await _until(lambda: house.hub.count() == 1)
    return deaf


async def _connected(house: House, cookie: str) -> socket.socket:
    """A bare socket on which a browser's handshake has been sent."""
    bare = socket.socket()
    bare.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    bare.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(bare, ("127.0.0.1", int(house.url.rpartition(":")[2])))
    handshake = (
        f"GET /ws HTTP/1.1\r\nHost: x\r\nOrigin: {house.url}\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
        f"Cookie: hotline={cookie}\r\n\r\n"
    )
    await loop.sock_sendall(bare, handshake.encode())
    return bare


async def _until(true: Callable[[], bool]) -> None:
    for _ in range(1000):
        if true():
            return
        await asyncio.sleep(0.02)
    raise TimeoutError


async def test_a_broadcast_to_many_lets_a_pop_pass_between_and_keeps_each_desks_order(
    house: House,
) -> None:
    """The transports stand for desks here: what is written to each, and in which order."""
    written: list[tuple[int, bytes]] = []
    session = Session("d", Person("many", "Many", ("agent",)), "", NOON, NOON)
    hub = Hub(clock=house.clock, counted=Metrics(), tabs=1000)
    for desk in range(300):
        hub.join(session, Wire(desk, written), Ticketed("first", None))
    last = Session("e", Person("last", "Last", ("agent",)), "", NOON, NOON)
    hub.join(last, Wire(300, written), Ticketed("first", None))
    written.clear()

    hub.broadcast(Telephone(up=False, since=NOON))
    hub.broadcast(Telephone(up=True, since=NOON))
    await asyncio.sleep(0)
    hub.send("last", Ticketed("urgent", None))
    before_it = [desk for desk, _ in written].index(300)
    await _until(lambda: len(written) == 301)

    assert before_it <= 2 * SLICE
    assert all(data.count(b"telephone") == 2 for _, data in written)
    assert [data.find(b"false") < data.find(b"true") for _, data in written] == [True] * 301
    assert dict(written)[300].endswith(
        text_frame(b'{"type":"ticketed","number":"urgent","call_id":null}')
    )


class Wire(asyncio.Transport):
    """Notes what is written to one desk."""

    def __init__(self, desk: int, written: list[tuple[int, bytes]]) -> None:
        super().__init__()
        self._desk = desk
        self._written = written

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._written.append((self._desk, bytes(data)))


async def test_a_browser_that_talks_over_its_screen_is_cut(house: House) -> None:
    browser = await house.browser("wang")
    async with browser.ws_connect("/ws") as screen:
        await frame_of(screen)
        await screen.send_str("hello")

        ending = await asyncio.wait_for(screen.receive(), 5)

    assert ending.type == WSMsgType.CLOSE
    assert house.hub.count() == 0


async def test_the_oldest_of_too_many_tabs_gives_way(house: House) -> None:
    browser = await house.browser("wang")
    screens = [await browser.ws_connect("/ws") for _ in range(TABS + 1)]
    await frame_of(screens[0])

    ending = await asyncio.wait_for(screens[0].receive(), 5)

    assert (ending.type, screens[0].close_code) == (WSMsgType.CLOSE, 4409)
    assert house.hub.count() == TABS
    for screen in screens:
        await screen.close()


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536, 200_000])
async def test_frames_of_every_length_arrive_whole(house: House, size: int) -> None:
    browser = await house.browser("wang")
    async with browser.ws_connect("/ws", max_msg_size=0) as screen:
        await frame_of(screen)
        house.hub.broadcast(Telephone(up=True, since=NOON, reason="x" * size))

        frame = await frame_of(screen)

    assert frame["reason"] == "x" * size


async def test_a_screen_costs_at_most_64_kib(tmp_path: Path) -> None:
    """The browsers' ends are bare sockets here, so that what grows is the server."""
    browsers, process = 300, psutil.Process()
    async with open_house(tmp_path, tabs=1000) as house:
        cookie = cookie_of(await house.browser("wang"))
        sockets = [await _connected(house, cookie) for _ in range(30)]
        await _until(lambda: house.hub.count() == 30)
        gc.collect()
        before = process.memory_info().rss
        sockets += [await _connected(house, cookie) for _ in range(browsers)]
        await _until(lambda: house.hub.count() == 30 + browsers)

        each = (process.memory_info().rss - before) / browsers

        for browser in sockets:
            browser.close()
        await _until(lambda: house.hub.count() == 0)

    assert each <= 64 * 1024
