"""The other side of the pop measurement, a process of its own: Asterisk's AMI and a thousand desks.

Speaks on its standard input and output in JSON lines: first it tells its AMI port; told where the
server is and how fast, it connects the desks, says so, sends the traffic and tells every pop's
latency.
"""

import asyncio
import contextlib
import json
import re
import sys
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp

from bench.traffic import BANNER, Pattern

TICK = 0.001
_NUMBER = re.compile(rb'"citizen_number":"138(\d{8})"|"n":(\d+)')
_FILE = re.compile(rb"RecordingId: ([0-9a-f-]{36})")
_LISTED = {
    "CoreShowChannels": "CoreShowChannelsComplete",
    "BridgeList": "BridgeListComplete",
    "QueueStatus": "QueueStatusComplete",
    "DeviceStateList": "DeviceStateListComplete",
}


def _now() -> float:
    return time.perf_counter()


class FarEnd:
    """Asterisk as far as the measurement needs it, and the desks' browsers."""

    def __init__(self) -> None:
        self._writer: asyncio.StreamWriter | None = None
        self._sent: dict[int, float] = {}
        self._latencies: list[float] = []

    async def serve(self) -> int:
        """Listen for the server's AMI connection; gives the port."""
        server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def measure(self, order: dict[str, Any]) -> dict[str, Any]:
        """Connect the desks, play the traffic, and give the latencies in milliseconds."""
        self._sent, self._latencies = {}, []
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            desks = [
                asyncio.create_task(self._desk(session, order["url"], headers))
                for headers in order["desks"]
            ]
            await asyncio.sleep(order["settle"])
            print(json.dumps({"desks": len(desks)}), flush=True)
            play = self._bare if order["bare"] else self._calls
            began = _now()
            events = await play(order)
            took = _now() - began
            await asyncio.sleep(1.0)
            for desk in desks:
                desk.cancel()
            await asyncio.gather(*desks, return_exceptions=True)
        return {
            "pops": len(self._latencies),
            "expected": len(self._sent),
            "ms": [1000 * each for each in self._latencies],
            "events_per_second": events / took,
            "seconds": took,
        }

    async def _calls(self, order: dict[str, Any]) -> int:
        pattern = Pattern(stretch=order["stretch"])
        stream = pattern.stream(
            order["calls"], per_second=order["rate"], start=time.time(), agents=order["agents"]
        )
        first = None
        zero = _now()
        waiting: list[bytes] = []
        called: list[int] = []
        count = 0
        due = zero
        for at, event in stream:
            first = at if first is None else first
            if zero + at - first > due:
                self._send(waiting, called)
                due = max(zero + at - first, _now() + TICK)
                await asyncio.sleep(max(0.0, due - _now()))
            waiting.append(event)
            count += 1
            if match := _FILE.search(event):
                _record(Path(order["recordings"]), match[1].decode())
            if event.startswith(b"Event: AgentCalled"):
                match = re.search(rb"CallerIDNum: 138(\d{8})", event)
                called.append(int(match[1]) if match else -1)
        self._send(waiting, called)
        return count

    def _send(self, waiting: list[bytes], called: list[int]) -> None:
        assert self._writer is not None
        now = _now()
        for n in called:
            self._sent[n] = now
        self._writer.write(b"".join(waiting))
        waiting.clear()
        called.clear()

    async def _bare(self, order: dict[str, Any]) -> int:
        """Ask a bare server for a frame per call over one socket, at the same rate."""
        _, writer = await asyncio.open_connection("127.0.0.1", order["bare"])
        zero = _now()
        for n in range(order["calls"]):
            wait = zero + n / order["rate"] - _now()
            if wait > 0:
                await asyncio.sleep(wait)
            self._sent[n] = _now()
            writer.write(b"%d\n" % n)
        await writer.drain()
        await asyncio.sleep(0.5)
        writer.close()
        return int(order["calls"])

    async def _desk(
        self, session: aiohttp.ClientSession, url: str, headers: dict[str, str]
    ) -> None:
        async with session.ws_connect(url, headers=headers, autoping=True) as socket:
            async for message in socket:
                now = _now()
                text = message.data.encode()
                if b'"type":"pop"' in text and (match := _NUMBER.search(text)):
                    sent = self._sent.get(int(match[1] or match[2]))
                    if sent is not None:
                        self._latencies.append(now - sent)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        writer.write(BANNER)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                asked = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in asked.split("\r\n") if ": " in line)
                writer.write(_answer(fields.get("Action", ""), fields.get("ActionID", "")))


def _record(folder: Path, recording_id: str) -> None:
    """A second of silence, closed."""
    with wave.open(str(folder / f"{recording_id}.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(16_000))


def _answer(action: str, action_id: str) -> bytes:
    lines = ["Response: Success", f"ActionID: {action_id}"]
    if action == "Ping":
        lines += ["Ping: Pong", f"Timestamp: {time.time():.6f}"]
    text = "\r\n".join(lines)
    if action == "Login":
        booted = "Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"
        return f"{text}\r\nMessage: Authentication accepted\r\n\r\n{booted}".encode()
    if complete := _LISTED.get(action):
        end = f"Event: {complete}\r\nActionID: {action_id}\r\nEventList: Complete\r\nListItems: 0"
        return f"{text}\r\nEventList: start\r\n\r\n{end}\r\n\r\n".encode()
    return f"{text}\r\n\r\n".encode()


async def main() -> None:
    """Serve until the input ends."""
    far, loop = FarEnd(), asyncio.get_running_loop()
    print(json.dumps({"ami": await far.serve()}), flush=True)
    read: Callable[[], str] = sys.stdin.readline
    while line := await loop.run_in_executor(None, read):
        print(json.dumps(await far.measure(json.loads(line))), flush=True)


if __name__ == "__main__":
    asyncio.run(main())
