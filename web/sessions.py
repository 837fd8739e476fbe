"""Sessions kept by the server: the browser holds an opaque secret, storage only its SHA-256.

Every login makes a new secret, so one that was planted or seen before is worth nothing. A session
ends by signing out, by time, or when the person is locked; its open screens are cut with it.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Collection
from datetime import datetime, timedelta

import msgspec
from aiohttp import web

from regulation.refusal import Refusal
from routing.people import Actor, Session, Token
from routing.ports import Clock, People
from web.keys import ADDRESS
from web.metrics import Metrics
from web.passwords import Backoff, LoginLimits, Passwords

TOUCH_EVERY = timedelta(minutes=1)
SECRET_LIMIT = 64
LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.ASCII)


class Lifetimes(msgspec.Struct, frozen=True):
    """How long a session lasts: unused, and at most. An open desk counts as use."""

    idle: timedelta = timedelta(minutes=30)
    absolute: timedelta = timedelta(hours=13)


class Sessions:
    """Who is signed in.

    Args:
        people: accounts and sessions.
        clock: the present instant.
        passwords: compares them.
        counted: counts refused logins.
        secure: whether browsers come by https.
        lifetimes: time-outs.
        login_limits: when wrong passwords have to wait.
        ended: told the digest of every session ended here, at once.
    """

    def __init__(
        self,
        *,
        people: People,
        clock: Clock,
        passwords: Passwords,
        counted: Metrics,
        secure: bool,
        lifetimes: Lifetimes,
        login_limits: LoginLimits,
        ended: Callable[[str], None],
    ) -> None:
        self._people = people
        self._clock = clock
        self._passwords = passwords
        self._counted = counted
        self._secure = secure
        self._lifetimes = lifetimes
        self._ended = ended
        self._backoff = Backoff(clock, login_limits)
        self._used: dict[str, datetime] = {}
        self._noted_screens = clock()
        self.cookie = "__Host-hotline" if secure else "hotline"

    async def log_in(
        self, request: web.Request, response: web.StreamResponse, person_id: str, password: str
    ) -> Session:
        """Check the password, open a session and give the browser its secret.

        Raises Refusal: `login.refused` (401) for unknown, locked and wrong alike, `login.wait` or
        `login.busy` (429).
        """
        address = request[ADDRESS]
        person_id = person_id.strip().lower()
        person_id = person_id if LOGIN_NAME.fullmatch(person_id) else ""
        self._backoff.admit(person_id, address)
        kept = await self._people.password_hash(person_id)
        person = await self._people.get(person_id)
        right = await self._passwords.match(password, kept)
        by = Actor(person=person_id, address=address, via="page")
        if person is None or person.locked or not right:
            self._counted.refused_logins.inc()
            await self._people.journal_refused_login(person_id, by=by, at=self._clock())
            raise Refusal("login.refused", "name or password is wrong; type both again", status=401)
        self._backoff.forget(person_id, address)
        if (old := await self.of(request)) is not None:
            await self._end(old, by=by)
        secret, now = secrets.token_urlsafe(32), self._clock()
        session = Session(
            digest=digest_of(secret),
            person=person,
            csrf=secrets.token_urlsafe(32),
            opened_at=now,
            seen_at=now,
        )
        await self._people.open_session(session, by=by)
        response.set_cookie(
            self.cookie, secret, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )
        return session

    async def log_out(
        self, request: web.Request, response: web.StreamResponse, session: Session
    ) -> None:
        """End the session and take the secret back from the browser."""
        by = Actor(person=session.person.id, address=request[ADDRESS], via="page")
        await self._end(session, by=by)
        response.del_cookie(
            self.cookie, httponly=True, samesite="Strict", secure=self._secure, path="/"
        )

    async def of(self, request: web.Request) -> Session | None:
        """The request's session by its cookie, unless it has ended or run out; notes its use."""
        secret = request.cookies.get(self.cookie)
        if not secret or len(secret) > SECRET_LIMIT:
            return None
        session = await self._people.session(digest_of(secret))
        if session is None:
            return None
        now = self._clock()
        if self._over(session, now):
            await self._end(session, by=Actor(person=session.person.id, address="", via="system"))
            return None
        if now - session.seen_at >= TOUCH_EVERY:
            self._used[session.digest] = now
        return session

    async def bearer(self, secret: str) -> Token | None:
        """The REST token of this secret, unless it is revoked or has run out."""
        token = await self._people.token(digest_of(secret))
        if token is None or token.revoked_at is not None:
            return None
        if token.expires_at is not None and token.expires_at <= self._clock():
            return None
        return token

    async def in_force(self, open_screens: Collection[Session]) -> frozenset[str]:
        """Which of the sessions with an open screen are still good; their use is noted."""
        now = self._clock()
        young = [s for s in open_screens if now - s.opened_at < self._lifetimes.absolute]
        good = await self._people.sessions_in_force([session.digest for session in young])
        if now - self._noted_screens >= TOUCH_EVERY:
            self._noted_screens = now
            self._used.update(dict.fromkeys(good, now))
        return good

    async def write_use(self) -> None:
        """Write which sessions were used since the last time; no request waits for that."""
        if used := tuple(self._used):
            await self._people.touch_sessions(used, at=self._clock())
            for digest in used:
                del self._used[digest]

    async def _end(self, session: Session, *, by: Actor) -> None:
        await self._people.end_session(session.digest, by=by, at=self._clock())
        self._ended(session.digest)

    def _over(self, session: Session, now: datetime) -> bool:
        seen_at = max(session.seen_at, self._used.get(session.digest, session.seen_at))
        return (
            now - session.opened_at >= self._lifetimes.absolute
            or now - seen_at >= self._lifetimes.idle
        )


def digest_of(secret: str) -> str:
    """What storage keeps of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()
