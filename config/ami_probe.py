"""A short AMI conversation that may say what the server never says: `hotline doctor`'s own.

The server's link refuses to send an Application; here one is sent in the hope of a refusal.
"""

import asyncio
import itertools
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from telephony.wire import BadMessage, Decoder, Message

SECONDS = 5.0


class Silent(Exception):  # noqa: N818 - says what is the case
    """Asterisk could not be reached, or did not answer in time; the text says which."""


class Probe:
    """One connection; answers and events are read as they are wanted, never by themselves."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._decoder = Decoder(None)
        self._waiting: list[Message] = []
        self._serial = itertools.count(1)

    async def ask(self, action: str, fields: Mapping[str, str]) -> Message:
        """Send one action of fixed words and give its response."""
        name = f"doctor-{next(self._serial)}"
        lines = {"Action": action, "ActionID": name, **fields}
        self._writer.write("".join(f"{k}: {v}\r\n" for k, v in lines.items()).encode() + b"\r\n")
        return await self.find(lambda m: m.is_response and m.action_id == name, action)

    async def find(self, wanted: Callable[[Message], bool], what: str) -> Message:
        """The next message that is wanted; others are dropped. Raises Silent after 5 s."""
        try:
            async with asyncio.timeout(SECONDS):
                while True:
                    while self._waiting:
                        message = self._waiting.pop(0)
                        if wanted(message):
                            return message
                    self._waiting = await self._read()
        except TimeoutError:
            raise Silent(f"no answer to {what} within {SECONDS:g} s") from None

    async def _read(self) -> list[Message]:
        try:
            data = await self._reader.read(65536)
            if not data:
                raise Silent("the connection was closed; does `permit` name this server's address?")
            return self._decoder.feed(data)
        except (OSError, BadMessage) as error:
            raise Silent(f"not an AMI conversation: {error}") from None


@asynccontextmanager
async def probing(host: str, port: int, *, tls: bool) -> AsyncIterator[Probe]:
    """Connect and hang up afterwards; raises Silent when nobody is there."""
    context = ssl.create_default_context() if tls else None
    try:
        async with asyncio.timeout(SECONDS):
            reader, writer = await asyncio.open_connection(host, port, ssl=context)
    except TimeoutError:
        raise Silent(f"{host}:{port}: no connection within {SECONDS:g} s") from None
    except OSError as error:
        raise Silent(f"{host}:{port}: {error.strerror or error}") from None
    try:
        yield Probe(reader, writer)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
