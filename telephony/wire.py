"""AMI bytes to messages: incremental, no I/O, and nothing is read of a message that nobody wants.

Asterisk ends a message by an empty line and sends its fields as `Key: value` lines in UTF-8. A
chunk of bytes may end anywhere, inside a character too, so everything here stays bytes until a
field is asked for. The banner (`Asterisk Call Manager/11.0.0`) is one line without an empty line
behind it; where it appears in the middle of a stream, the connection was cut there and what came
before it is half a message; such a banner gets the Timestamp of the last event before the cut.
"""

import re
from collections.abc import Iterator
from functools import cache

LARGEST = 1 << 20  # bytes; no message of Asterisk comes near it
_END = b"\r\n\r\n"
_BANNER_WORDS = b"Asterisk Call Manager/"
# A caller may bear the banner as his name, but no field of a call is followed by such a line.
_BANNER = re.compile(rb"Asterisk Call Manager/([\w.]+)\r?\n(?=Response:|Event:)")
_FIRST_BANNER = re.compile(rb"Asterisk Call Manager/([\w.]+)\r?\n")


class BadMessage(Exception):  # noqa: N818 - it says what the other side sent
    """The peer sends no message's end within `LARGEST` bytes: not AMI, or a broken stream."""


class Message:
    """One AMI message; a field is looked up in its bytes when asked for.

    Fields are found in any case; of several the first wins, an exact spelling before another one.
    `name` is the event's name, empty for a response and for the banner.
    """

    __slots__ = ("name", "raw")

    def __init__(self, raw: bytes, name: str = "") -> None:
        self.raw = raw
        self.name = name

    def __repr__(self) -> str:
        return f"Message({self.raw!r})"

    @property
    def is_banner(self) -> bool:
        """The line by which Asterisk greets: a connection begins here."""
        return self.raw.startswith(_BANNER_WORDS)

    @property
    def is_response(self) -> bool:
        """An answer to an action, as opposed to an event."""
        return not self.name and self.get("Response") is not None

    @property
    def action_id(self) -> str | None:
        """The ActionID of the action that this message answers, None where it answers none."""
        return self.get("ActionID")

    def get(self, key: str) -> str | None:
        """The value of a field without the blank behind the colon; None where it is absent."""
        raw, needle = self.raw, _needle(key)
        start = raw.find(needle)
        if start < 0:  # absent, the very first line, or spelled in another case
            start = (b"\r\n" + raw.lower()).find(needle.lower())
            if start < 0:
                return None
            start -= 2
        start += len(needle)
        if raw[start : start + 1] == b" ":
            start += 1
        end = raw.find(b"\r\n", start)
        return _text(raw[start:end] if end >= 0 else raw[start:])

    def variable(self, name: str, field: str = "ChanVariable") -> str:
        """A channel variable that comes with every event (`channelvars`); empty where unset."""
        raw, needle = self.raw, _variable_needle(name, field)
        start = raw.find(needle)
        if start < 0:
            return ""
        start += len(needle)
        end = raw.find(b"\r\n", start)
        return _text(raw[start:end] if end >= 0 else raw[start:])

    def all(self, key: str) -> list[str]:
        """Every value of a field that may stand several times (`ChanVariable`, `Output`)."""
        wanted = key.lower()
        return [value for name, value in self.items() if name.lower() == wanted]

    def items(self) -> Iterator[tuple[str, str]]:
        """Fields in the order sent; a line without a colon is no field."""
        for line in self.raw.split(b"\r\n"):
            key, colon, value = line.partition(b":")
            if colon:
                yield _text(key), _text(value.removeprefix(b" "))


class Decoder:
    """Turns the chunks of one connection into messages.

    Args:
        wanted: names of the events to deliver, None for all. Responses and banners always are.
    """

    def __init__(self, wanted: frozenset[str] | None = None) -> None:
        self._wanted = None if wanted is None else {name.encode(): name for name in wanted}
        self._rest = b""
        self._fresh = True
        self._dated = b""  # the last frame that bears a time, delivered or dropped

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes.

        Raises:
            BadMessage: the peer sent more than `LARGEST` bytes without ending a message.
        """
        data = self._rest + data
        messages: list[Message] = []
        if self._fresh and b"\n" in data:
            self._fresh = False
            data = _greet(data, messages)
        frames = _split_mixed(data) if b"\n\n" in data else data.split(_END)
        self._rest = frames.pop()
        if _BANNER_WORDS in data:
            frames = self._cut_at_banners(frames)
        for frame in frames:
            self._deliver(frame, messages)
        self._dated = _last_dated(frames) or self._dated
        if len(self._rest) > LARGEST:
            size, self._rest = len(self._rest), b""
            raise BadMessage(f"{size} bytes without the end of a message")
        return messages

    def _cut_at_banners(self, frames: list[bytes]) -> list[bytes]:
        """The half message before a banner is dropped, the banner is dated by what came before."""
        parts: list[bytes] = []
        for frame in frames:
            banners = list(_BANNER.finditer(frame))
            if banners:
                dated = Message(_last_dated(parts) or self._dated).get("Timestamp") or ""
                parts.append(banners[-1][0].rstrip() + b"\r\nTimestamp: " + dated.encode())
                frame = frame[banners[-1].end() :]  # noqa: PLW2901
            parts.append(frame)
        return parts

    def _deliver(self, frame: bytes, messages: list[Message]) -> None:
        if frame.startswith(b"Event: "):
            end = frame.find(b"\r\n", 7)
            name = frame[7:end] if end >= 0 else frame[7:]
            if self._wanted is None:
                messages.append(Message(frame, _text(name)))
            elif name in self._wanted:
                messages.append(Message(frame, self._wanted[name]))
        else:
            self._deliver_odd(frame, messages)

    def _deliver_odd(self, frame: bytes, messages: list[Message]) -> None:
        """A response, a banner, an event whose name is not in front; anything else is dropped."""
        message = Message(frame)
        message.name = message.get("Event") or ""
        if message.name:
            if self._wanted is None or message.name.encode() in self._wanted:
                messages.append(message)
        elif message.is_response or message.is_banner:
            messages.append(message)


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace")


@cache
def _needle(key: str) -> bytes:
    return b"\r\n" + key.encode() + b":"


@cache
def _variable_needle(name: str, field: str) -> bytes:
    return f"\r\n{field}: {name}=".encode()


def _greet(data: bytes, messages: list[Message]) -> bytes:
    """The banner that opens a connection is delivered before any message follows it."""
    match = _FIRST_BANNER.match(data)
    if not match:
        return data
    messages.append(Message(match[0].rstrip()))
    return data[match.end() :]


def _last_dated(frames: list[bytes]) -> bytes | None:
    return next((each for each in reversed(frames) if b"\r\nTimestamp: " in each), None)


def _split_mixed(data: bytes) -> list[bytes]:
    """Frames, the unfinished one last, where some messages end their lines by a bare LF.

    An empty line of bare LFs ends a message that has no CR; elsewhere it is part of a value.
    """
    frames, start = [], 0
    while True:
        end = data.find(_END, start)
        bare = data.find(b"\n\n", start, end if end >= 0 else len(data))
        if bare >= 0 and b"\r" not in data[start:bare]:
            frames.append(data[start:bare].replace(b"\n", b"\r\n"))
            start = bare + 2
        elif end >= 0:
            frames.append(data[start:end])
            start = end + len(_END)
        else:
            return [*frames, data[start:]]
