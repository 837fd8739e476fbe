"""AMI over TCP: banner, login, event masks, and one answer to every action, in Asterisk's words."""

import asyncio
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from telephony.simulator import frames
from telephony.simulator.frames import Headers

_LONGEST_LINE = 1024  # bytes; Asterisk throws longer action lines away without a word
_LARGEST_BACKLOG = 8 << 20  # bytes a reader may lag behind before it is cut off
_ALL = frozenset(
    (
        *("system", "call", "log", "verbose", "command", "agent", "user", "config", "dtmf"),
        *("reporting", "cdr", "dialplan", "originate", "agi", "cc", "aoc", "test", "security"),
        "message",
    )
)


@dataclass(frozen=True)
class Account:
    """A manager account: its secret and the classes it may read and write."""

    secret: str
    read: frozenset[str]
    write: frozenset[str]


@dataclass(frozen=True)
class Action:
    """One request; header names are looked up in any case, the last of a repeated one wins."""

    headers: tuple[tuple[str, str], ...]

    def get(self, name: str) -> str:
        """A header's value, empty where it is absent."""
        wanted = name.casefold()
        values = [v for k, v in self.headers if k.casefold() == wanted]
        return values[-1] if values else ""

    def all(self, name: str) -> list[str]:
        """Every value of a repeated header."""
        return [v for k, v in self.headers if k.casefold() == name.casefold()]

    @property
    def id(self) -> str:
        """The ActionID."""
        return self.get("ActionID")


@dataclass(eq=False)
class Session:
    """One connected manager."""

    writer: asyncio.StreamWriter
    account: Account | None = None
    mask: frozenset[str] = field(default_factory=frozenset)
    challenge: str = ""

    def send(self, frame: bytes) -> None:
        """Write, or cut off a reader that lags too far behind."""
        transport = self.writer.transport
        if transport.is_closing():
            return
        if transport.get_write_buffer_size() > _LARGEST_BACKLOG:
            transport.abort()
            return
        self.writer.write(frame)

    def offer(self, event_class: str, frame: bytes) -> None:
        """Write an event if the session wants its class and may read it."""
        if self.account and event_class in self.mask and event_class in self.account.read:
            self.send(frame)

    def succeed(self, action: Action, message: str = "", *more: tuple[str, str]) -> None:
        """Response: Success."""
        self.respond("Success", action, message, *more)

    def fail(self, action: Action, message: str) -> None:
        """Response: Error."""
        self.respond("Error", action, message)

    def respond(self, kind: str, action: Action, message: str, *more: tuple[str, str]) -> None:
        """A response; where there is a message it comes last."""
        body = [*more, ("Message", message)] if message else list(more)
        self.send(frames.response(kind, body, action_id=action.id))

    def list(
        self, action: Action, message: str, rows: list[bytes], end: str, body: Headers | None = None
    ) -> None:
        """A response, its rows and their end."""
        self.succeed(action, message, ("EventList", "start"))
        for row in rows:
            self.send(row)
        self.send(frames.complete(end, items=len(rows), action_id=action.id, body=body))


Perform = Callable[[Session, Action], None]


class Sessions:
    """Every manager that is connected.

    Args:
        accounts: by user name.
        actions: by name in lower case: the classes one of which it needs, and what is done.
        greet: headers of FullyBooted.
        challenge: a fresh challenge for the MD5 login.
    """

    def __init__(
        self,
        *,
        accounts: Mapping[str, Account],
        actions: Mapping[str, tuple[str, Perform]],
        greet: Callable[[], Headers],
        challenge: Callable[[], str],
    ) -> None:
        self._accounts = dict(accounts)
        self._actions = dict(actions)
        self._greet = greet
        self._challenge = challenge
        self._open: set[Session] = set()

    def publish(self, event_class: str, frame: bytes) -> None:
        """Give an event to everybody who wants it."""
        for session in tuple(self._open):
            session.offer(event_class, frame)

    @property
    def logged_in(self) -> int:
        """How many managers are logged in."""
        return sum(1 for s in self._open if s.account)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection from banner to end."""
        session = Session(writer)
        self._open.add(session)
        session.send(frames.BANNER)
        try:
            while (action := await _read(reader)) is not None:
                if not self._perform(session, action):
                    break
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            self._open.discard(session)
            writer.close()

    def close(self) -> None:
        """Cut every connection."""
        for session in tuple(self._open):
            session.writer.transport.abort()

    def _perform(self, session: Session, action: Action) -> bool:
        """Answer one action; False ends the connection."""
        name = action.get("Action").casefold()
        if not name:
            session.fail(action, "Missing action in request")
        elif name == "logoff":
            session.respond("Goodbye", action, "Thanks for all the fish.")
            return False
        elif name == "challenge":
            self._send_challenge(session, action)
        elif name == "login":
            return self._log_in(session, action)
        elif session.account is None:
            session.fail(action, "Permission denied")
        else:
            self._do(session, action, name, session.account)
        return True

    def _do(self, session: Session, action: Action, name: str, account: Account) -> None:
        needed, perform = self._actions.get(name, ("", None))
        if name == "events":
            self._set_mask(session, action)
        elif perform is None:
            session.fail(
                action,
                f"Invalid/unknown command: {action.get('Action')}. "
                "Use Action: ListCommands to show available commands.",
            )
        elif needed and not account.write.intersection(needed.split(",")):
            session.fail(action, "Permission denied")
        else:
            perform(session, action)

    def _send_challenge(self, session: Session, action: Action) -> None:
        if action.get("AuthType").casefold() != "md5":
            session.fail(action, "Must specify AuthType")
            return
        session.challenge = session.challenge or self._challenge()
        session.succeed(action, "", ("Challenge", session.challenge))

    def _log_in(self, session: Session, action: Action) -> bool:
        account = self._accounts.get(action.get("Username"))
        if account is None or not _proves(action, account.secret, session.challenge):
            session.fail(action, "Authentication failed")
            return False
        session.account = account
        session.mask = _mask(action.get("Events"))
        session.succeed(action, "Authentication accepted")
        booted = [("Event", "FullyBooted"), ("Privilege", "system,all"), *self._greet()]
        session.offer("system", frames.frame(booted))
        return True

    def _set_mask(self, session: Session, action: Action) -> None:
        session.mask = _mask(action.get("EventMask"))
        session.succeed(action, "", ("Events", "On" if session.mask else "Off"))


def _proves(action: Action, secret: str, challenge: str) -> bool:
    if action.get("AuthType").casefold() == "md5":
        wanted = hashlib.md5((challenge + secret).encode(), usedforsecurity=False).hexdigest()
        return bool(challenge) and hmac.compare_digest(wanted, action.get("Key").casefold())
    return hmac.compare_digest(secret.encode(), action.get("Secret").encode())


def _mask(text: str) -> frozenset[str]:
    word = text.strip().casefold()
    if word in ("", "on", "all", "yes", "1", "true"):
        return _ALL
    if word in ("off", "no", "0", "false", "none"):
        return frozenset()
    return _ALL.intersection(part.strip() for part in word.split(","))


async def _read(reader: asyncio.StreamReader) -> Action | None:
    """The next action, or None at the end of the stream."""
    headers: list[tuple[str, str]] = []
    while True:
        try:
            line = await reader.readline()
        except ValueError:  # longer than the reader's limit: dropped, as every long line is
            continue
        if not line.endswith(b"\n"):
            return None
        text = line.rstrip(b"\r\n")
        if not text:
            if headers:
                return Action(tuple(headers))
            continue
        if len(text) > _LONGEST_LINE:
            continue
        key, _, value = text.decode("utf-8", "replace").partition(":")
        headers.append((key.strip(), value.strip()))
