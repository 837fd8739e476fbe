"""A scripted AMI peer on loopback: it misbehaves the way real ones were seen to."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Callable

BANNER = b"Asterisk Call Manager/11.0.0\r\n"
BOOTED = "Event: FullyBooted\r\nPrivilege: system,all\r\nStatus: Fully Booted\r\n\r\n"

Action = dict[str, str]
Script = Callable[[Action], str | bytes | None]


def success(action: Action, extra: str = "") -> str:
    return f"Response: Success\r\nActionID: {action['ActionID']}\r\n{extra}\r\n"


def error(action: Action, message: str) -> str:
    return f"Response: Error\r\nActionID: {action['ActionID']}\r\nMessage: {message}\r\n\r\n"


def empty_list(action: Action) -> str:
    """The answer of an idle Asterisk to an action that lists something."""
    name, action_id = action["Action"], action["ActionID"]
    return (
        success(action, "EventList: start\r\nMessage: will follow\r\n")
        + f"Event: {name}Complete\r\nActionID: {action_id}\r\n"
        + "EventList: Complete\r\nListItems: 0\r\n\r\n"
    )


def obliging(action: Action) -> str | None:
    """How an idle Asterisk answers."""
    if action["Action"] == "Login":
        return success(action, "Message: Authentication accepted\r\n") + BOOTED
    if action["Action"] == "Ping":
        return success(action, "Ping: Pong\r\nTimestamp: 1795423284.484576\r\n")
    if action["Action"] in ("CoreShowChannels", "BridgeList", "QueueStatus", "DeviceStateList"):
        return empty_list(action)
    return success(action)


class Peer:
    """Accepts, keeps every action it reads, answers by its script, writes what it is told."""

    def __init__(self, script: Script = obliging) -> None:
        self.script = script
        self.actions: list[Action] = []
        self.connections = 0
        self.port = 0
        self._writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def named(self, name: str) -> list[Action]:
        return [action for action in self.actions if action.get("Action") == name]

    async def start(self, *, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, ssl=tls)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Listen no more and drop everybody; `start(port=...)` makes it come back."""
        if self._server:
            self._server.close()
        self.hang_up()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._server:
            await self._server.wait_closed()

    def write(self, data: bytes | str) -> None:
        """To the newest connection."""
        self._writers[-1].write(data.encode() if isinstance(data, str) else data)

    def hang_up(self) -> None:
        """Drop every connection, as a killed Asterisk does."""
        for writer in self._writers:
            if writer.transport:
                writer.transport.abort()
        self._writers.clear()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self.connections += 1
        self._writers.append(writer)
        writer.write(BANNER)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                text = (await reader.readuntil(b"\r\n\r\n")).decode()
                self._answer(text, writer)
        writer.transport.abort()

    def _answer(self, text: str, writer: asyncio.StreamWriter) -> None:
        pairs = (line.partition(": ") for line in text.split("\r\n") if line)
        action = {key: value for key, _, value in pairs}
        self.actions.append(action)
        answer = self.script(action)
        if answer is None:
            return
        answer = answer.encode() if isinstance(answer, str) else answer
        writer.write(answer)
        if action["Action"] == "Login" and answer.startswith(b"Response: Error"):
            writer.close()  # as Asterisk does


@contextlib.asynccontextmanager
async def running(
    script: Script = obliging, *, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Peer]:
    peer = Peer(script)
    await peer.start(tls=tls)
    try:
        yield peer
    finally:
        await peer.stop()


async def until(claim: Callable[[], object], *, seconds: float = 3.0) -> bool:
    """Whether the claim became true in time."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not claim():
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(0.005)
    return True
