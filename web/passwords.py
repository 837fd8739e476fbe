"""Passwords: argon2 off the loop, and a growing wait after wrong ones."""

import asyncio
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from regulation.refusal import Refusal
from routing.ports import Clock

LONGEST = 256
ADDRESS_FACTOR = 10
LONGEST_WAIT = timedelta(hours=1)
FORGOTTEN_AFTER = timedelta(hours=2)
REMEMBERED = 20_000
BUSY = 64


class Passwords:
    """Compares in two threads of its own, so that neither the loop nor its executor waits.

    A comparison takes tens of milliseconds and 64 MiB by design; while `BUSY` of them wait, more
    are refused rather than queued.
    """

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")
        self._decoy = ""
        self._waiting = 0

    async def match(self, password: str, kept: str | None) -> bool:
        """Whether the password made the kept hash; takes as long when there is none.

        Raises Refusal `login.busy` (429) when too many people try at once.
        """
        if self._waiting >= BUSY:
            raise Refusal("login.busy", "many people sign in now; try again", status=429)
        self._waiting += 1
        try:
            right = await asyncio.get_running_loop().run_in_executor(
                self._threads, self._verify, password[:LONGEST], kept
            )
        finally:
            self._waiting -= 1
        return right and kept is not None and len(password) <= LONGEST

    def close(self) -> None:
        """Let the threads go."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _verify(self, password: str, kept: str | None) -> bool:
        # Made at the first login whoever that is, so that its making betrays nobody.
        self._decoy = self._decoy or self._hasher.hash("a password that nobody has")
        try:
            return self._hasher.verify(kept or self._decoy, password)
        except (VerificationError, InvalidHashError):
            return False


class LoginLimits(msgspec.Struct, frozen=True):
    """Wrong passwords before the first wait, and that wait; it doubles up to an hour.

    One address may be an office full of people: on its own it is given ten times as many tries.
    """

    failures: int = 5
    wait_seconds: int = 60


class _Tries(msgspec.Struct):
    count: int
    last: datetime


class Backoff:
    """Wrong passwords per account and address, and per address alone; each doubles the wait.

    A try is counted before its password is compared, so that tries side by side gain nothing. Other
    addresses are not locked out of the account: nobody can keep an agent from signing in.
    """

    def __init__(self, clock: Clock, limits: LoginLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._tries: OrderedDict[tuple[str, str], _Tries] = OrderedDict()

    def admit(self, account: str, address: str) -> None:
        """Count a try; Refusal `login.wait` (429) while the wait after the last one lasts."""
        now = self._clock()
        free = self._limits.failures
        kinds = (((account, address), free), (("", address), free * ADDRESS_FACTOR))
        left = max(self._left(key, free, now) for key, free in kinds)
        if left > timedelta(0):
            raise Refusal(
                "login.wait",
                f"too many wrong passwords; try again in {int(left.total_seconds()) + 1} seconds",
                status=429,
            )
        for key, _ in kinds:
            tries = self._tries.setdefault(key, _Tries(0, now))
            tries.count, tries.last = tries.count + 1, now
            self._tries.move_to_end(key)
        while len(self._tries) > REMEMBERED:
            self._tries.popitem(last=False)

    def forget(self, account: str, address: str) -> None:
        """The password was right."""
        self._tries.pop((account, address), None)
        if tries := self._tries.get(("", address)):
            tries.count -= 1

    def _left(self, key: tuple[str, str], free: int, now: datetime) -> timedelta:
        tries = self._tries.get(key)
        if tries is None or tries.count < free:
            return timedelta(0)
        if now - tries.last > FORGOTTEN_AFTER:
            del self._tries[key]
            return timedelta(0)
        wait = min(
            timedelta(seconds=self._limits.wait_seconds) * (1 << min(tries.count - free, 16)),
            LONGEST_WAIT,
        )
        return tries.last + wait - now
