"""How the flow reaches the world; adapters implement these, `config.wiring` joins them.

Every method of `Store` that changes something writes the change, its journal entry and its outbox
rows in one transaction and returns after the commit. It raises `StoreUnavailable` when the
database cannot take it now (locked, full, gone): nothing was written, the caller may try again.
A command given a `key` a second time changes nothing and returns its first answer.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from routing.calls import Call, Recording
from routing.frames import Frame
from routing.happenings import Step
from routing.history import History
from routing.lists import CallFilter, TicketFilter
from routing.people import Actor, Language, Person, Role, Session, Token
from routing.presence import Presence
from routing.tickets import NewTicket, Ticket

Clock = Callable[[], datetime]
"""Gives the present instant, timezone-aware UTC."""


class StoreUnavailable(Exception):  # noqa: N818 - says what is the case
    """The database cannot take or give anything now; try again."""


class SwitchUnavailable(Exception):  # noqa: N818
    """Asterisk did not take the command: link down, no answer in time, or refused."""


class OutboxRow(msgspec.Struct, frozen=True):
    """One thing to tell the world; rows of one `stream` (`call:<id>`, `ticket:<number>`) in order.

    `key` is the idempotency key that receivers may use; `body` is JSON.
    """

    id: int
    stream: str
    topic: str
    key: str
    body: bytes
    at: datetime


class Calls(Protocol):
    """Calls, kept as they become known."""

    async def record(self, call: Call, step: Step, *, at: datetime) -> None:
        """Write the call as it is after `step`; an earlier step never overwrites a later one."""
        ...

    async def get(self, call_id: str) -> Call | None:
        """The call with its recordings' present states and its tickets' numbers."""
        ...

    async def page(self, which: CallFilter) -> Sequence[Call]:
        """Calls newest first."""
        ...

    async def unfinished(self) -> Sequence[Call]:
        """Calls that have not ended as far as we know."""
        ...

    async def seen_until(self) -> datetime | None:
        """The latest instant at which a call is known to have stepped, None without any call."""
        ...

    async def history(self, citizen_e164: str, *, before: datetime) -> History:
        """What is known of the number; the hot path of the pop."""
        ...


class Recordings(Protocol):
    """Rows of sound files; the files themselves belong to telephony."""

    async def get(self, recording_id: str) -> tuple[str, Recording] | None:
        """The call's id and the recording."""
        ...

    async def settle(self, recording: Recording, *, size: int, sha256: str, at: datetime) -> None:
        """Note what verification found (state verified, repaired or missing)."""
        ...

    async def unsettled(self) -> Sequence[tuple[str, Recording]]:
        """Recordings of ended calls not verified yet, with their call's id."""
        ...

    async def played(self, recording_id: str, *, by: Actor, at: datetime) -> None:
        """Journal that somebody listened."""
        ...


class Tickets(Protocol):
    """Tickets, numbered without gaps per Shanghai day."""

    async def save(
        self, new: NewTicket, *, by: Actor, at: datetime, key: str | None = None
    ) -> Ticket:
        """Number and keep a checked ticket, linked to its call when one is named.

        Raises Refusal `ticket.call_unknown` when that call does not exist.
        """
        ...

    async def get(self, number: str) -> Ticket | None:
        """One ticket."""
        ...

    async def page(self, which: TicketFilter) -> Sequence[Ticket]:
        """Tickets newest first."""
        ...


class People(Protocol):
    """Accounts, sessions and tokens."""

    async def add(
        self,
        person: Person,
        *,
        password_hash: str,
        by: Actor,
        at: datetime,
    ) -> None:
        """Create an account; Refusal `person.exists` when the id is taken."""
        ...

    async def get(self, person_id: str) -> Person | None:
        """One account."""
        ...

    async def all(self) -> Sequence[Person]:
        """Every account, by id."""
        ...

    async def password_hash(self, person_id: str) -> str | None:
        """The argon2 hash to check a password against."""
        ...

    async def set_password(
        self, person_id: str, password_hash: str, *, by: Actor, at: datetime
    ) -> None:
        """Replace the password and end every session of the person."""
        ...

    async def set_locked(self, person_id: str, locked: bool, *, by: Actor, at: datetime) -> None:
        """Lock or unlock; locking ends every session and token use at once."""
        ...

    async def set_language(self, person_id: str, language: Language, *, at: datetime) -> None:
        """The language of the person's screens."""
        ...

    async def set_roles(
        self, person_id: str, roles: tuple[Role, ...], *, by: Actor, at: datetime
    ) -> None:
        """Replace the person's posts."""
        ...

    async def open_session(self, session: Session, *, by: Actor) -> None:
        """Keep a new session."""
        ...

    async def session(self, digest: str) -> Session | None:
        """The session, or None when unknown, ended, or its person is locked."""
        ...

    async def touch_session(self, digest: str, *, at: datetime) -> None:
        """Note that the session is in use (at most once a minute per session)."""
        ...

    async def touch_sessions(self, digests: Collection[str], *, at: datetime) -> None:
        """Note that many sessions are in use, in one statement."""
        ...

    async def sessions_in_force(self, digests: Collection[str]) -> frozenset[str]:
        """Which of these sessions have neither ended nor a locked person; asked every 1.5 s."""
        ...

    async def end_session(self, digest: str, *, by: Actor, at: datetime) -> None:
        """Sign the browser out."""
        ...

    async def add_token(self, token: Token, *, by: Actor, at: datetime) -> None:
        """Keep a new token; Refusal `token.exists` when the name is taken."""
        ...

    async def token(self, digest: str) -> Token | None:
        """The token, even revoked or expired; None when unknown or its person is locked."""
        ...

    async def revoke_token(self, name: str, *, by: Actor, at: datetime) -> None:
        """End a token; Refusal `token.unknown`."""
        ...

    async def journal_refused_login(self, person_id: str, *, by: Actor, at: datetime) -> None:
        """Journal a wrong password."""
        ...


class Ledger(Protocol):
    """Who sat where in which state: every change kept."""

    async def record(self, presence: Presence, *, by: Actor) -> None:
        """Write a change of presence."""
        ...

    async def present(self) -> Sequence[Presence]:
        """The last presence of everybody not signed out."""
        ...


class Outbox(Protocol):
    """What still has to be told outside; rows are written by the other ports' commands."""

    async def pending(self, *, after: int, limit: int) -> Sequence[OutboxRow]:
        """Untold rows with an id above `after`, oldest first."""
        ...

    async def told(self, ids: Iterable[int], *, at: datetime) -> None:
        """Forget rows that have been told."""
        ...

    def subscribe(self, wake: Callable[[], None]) -> None:
        """Call `wake` (on the loop, cheaply) after every commit that wrote rows."""
        ...


class Store(Protocol):
    """The database."""

    @property
    def calls(self) -> Calls:
        """Calls."""
        ...

    @property
    def recordings(self) -> Recordings:
        """Sound files' rows."""
        ...

    @property
    def tickets(self) -> Tickets:
        """Tickets."""
        ...

    @property
    def people(self) -> People:
        """Accounts, sessions, tokens."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Presence."""
        ...

    @property
    def outbox(self) -> Outbox:
        """What to tell the world."""
        ...

    async def ping(self) -> None:
        """Prove that the database answers and can be written; raises StoreUnavailable."""
        ...


class Switch(Protocol):
    """Commands to Asterisk; each raises SwitchUnavailable, or Refusal for what may not reach it."""

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        """From now on this person (or nobody) sits at the device; its calls carry the name."""
        ...

    async def queue_add(self, device: str, name: str, *, paused: bool) -> None:
        """Make the device a member of the hotline's queue; being one already is no error."""
        ...

    async def queue_pause(self, device: str, *, paused: bool, reason: str) -> None:
        """Pause or unpause the member."""
        ...

    async def queue_remove(self, device: str) -> None:
        """Take the device out of the queue (not being in it is no error)."""
        ...

    async def click_to_call(self, device: str, number: str, *, call_id: str) -> None:
        """Ring the agent's device, then dial `number` (digits only) on the outbound trunk."""
        ...

    async def answer(self, device: str) -> None:
        """Pick up the ringing device: only the demo can; real telephones are lifted by hand."""
        ...

    async def hang_up(self, call_id: str) -> None:
        """End the citizen's channel of the call."""
        ...

    async def hold(self, call_id: str) -> None:
        """Park citizen and agent apart, with music for the citizen."""
        ...

    async def resume(self, call_id: str) -> None:
        """Bring the two of a held call together again."""
        ...

    async def transfer(self, call_id: str, *, device: str, to: str) -> None:
        """Blind transfer by `device` to `to` (digits)."""
        ...

    async def consult(self, call_id: str, *, device: str, to: str) -> None:
        """Begin an attended transfer; `device` hanging up completes it."""
        ...

    async def cancel_consult(self, call_id: str, *, device: str) -> None:
        """Give up an attended transfer; the citizen is back with `device`."""
        ...

    async def conference(self, call_id: str, *, device: str, third: str) -> None:
        """Bring citizen, agent and a third number together."""
        ...

    async def mute_recording(self, call_id: str, *, muted: bool) -> None:
        """Silence the recording while personal secrets are read."""
        ...


class Screens(Protocol):
    """Browsers of people who are at their desks; never waits, never raises."""

    def send(self, person_id: str, frame: Frame) -> None:
        """To every desk of one person."""
        ...

    def broadcast(self, frame: Frame) -> None:
        """To every desk."""
        ...
