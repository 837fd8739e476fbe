"""The demo PBX: real AMI over TCP, telephones that ring, and a day of citizens' calls."""

import asyncio
import random
import time
from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog

from telephony.simulator import day as days
from telephony.simulator.actions import table
from telephony.simulator.calls import Pbx, Signal
from telephony.simulator.inbound import visit
from telephony.simulator.outbound import Order, originate
from telephony.simulator.people import Fate, Phone, Visit
from telephony.simulator.phones import Behaviour, Phones
from telephony.simulator.queue import Queue
from telephony.simulator.recorder import Track
from telephony.simulator.sessions import Account, Sessions
from telephony.simulator.sound import Sounds
from telephony.simulator.spoken import conversation
from telephony.simulator.switchboard import Switchboard

log = structlog.get_logger()

READ = frozenset({"system", "call", "agent", "user", "reporting"})
WRITE = frozenset({"call", "agent", "originate", "reporting"})
"""What the hotline's own AMI account may do, and no more."""

DESKS = (
    Phone("PJSIP/8000", "8000", "Supervisor"),
    Phone("PJSIP/8001", "8001", "Agent One"),
    Phone("PJSIP/8002", "8002", "Agent Two"),
    Phone("PJSIP/8003", "8003", "Agent Three"),
)


class Simulator:
    """A PBX for the demo and for tests.

    Args:
        username: the AMI account.
        secret: its secret.
        recordings: the folder recordings are written to; None records nothing.
        voice: path of the program espeak-ng, which then speaks in the recordings.
        host: the address to listen on.
        port: the port to listen on; 0 takes a free one.
        phones: the phones at the desks.
        colleagues: devices that are static members, answer and hang up by themselves;
            they are rung after everybody else (penalty 1).
        queue: the queue's name.
        strategy: `linear` or `rrmemory`.
        speed: seconds of the day per real second, for everything citizens and colleagues do.
        seed: repeats the same day.
        quiet: nobody calls by themselves; `place` still works.
        clock: the present instant, UTC.
        system: Asterisk's system name.
        greeting_seconds: how long the recording notice is.
        ring_seconds: how long the queue rings one member.
        longest_wait: seconds in the queue before the call-back offer.
        behaviour: what a colleague does with a call; by default a mix of everything.
        fate: what becomes of a call to an outside number.
    """

    def __init__(
        self,
        *,
        username: str,
        secret: str,
        recordings: Path | None = None,
        voice: str | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        phones: Sequence[Phone] = DESKS,
        colleagues: Sequence[str] = ("PJSIP/8002", "PJSIP/8003"),
        queue: str = "hotline",
        strategy: str = "rrmemory",
        speed: float = 1.0,
        seed: int = 962200,
        quiet: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        system: str = "demo",
        greeting_seconds: float = 4.0,
        ring_seconds: float = 20.0,
        longest_wait: float = 120.0,
        behaviour: Behaviour | None = None,
        fate: Callable[[str], Fate] = days.fate,
    ) -> None:
        if speed <= 0:
            raise ValueError(f"speed is {speed}; give seconds of the day per real second, above 0")
        chance = random.Random(seed)  # noqa: S311 - a repeatable day, not a secret
        self._where = (host, port)
        self._recordings = recordings
        self._voice = voice
        self._quiet = quiet
        self._colleagues = tuple(colleagues)
        self._board = Switchboard(
            system=system, clock=clock, speed=speed, publish=self._publish, chance=chance
        )
        self.phones = self._desks(phones, behaviour)
        self.queue = Queue(
            queue, board=self._board, strategy=strategy, status_of=self.phones.status
        )
        self._pbx = Pbx(
            board=self._board, queue=self.queue, phones=self.phones, fate=fate,
            record=self._record, owners={}, ring_seconds=ring_seconds,
            greeting_seconds=greeting_seconds, longest_wait=longest_wait,
        )  # fmt: skip
        self._chance = chance
        self._sessions = self._managers(username, secret)
        self._sounds: Sounds | None = None
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def _desks(self, phones: Sequence[Phone], behaviour: Behaviour | None) -> Phones:
        numbers = tuple(p.number for p in phones if p.device in self._colleagues)
        behaves = behaviour or days.colleague(numbers)
        return Phones(
            {p.device: p for p in phones},
            colleagues=dict.fromkeys(self._colleagues, behaves),
            board=self._board,
        )

    def _managers(self, username: str, secret: str) -> Sessions:
        return Sessions(
            accounts={username: Account(secret, READ, WRITE)},
            actions=table(self._pbx, self._originate),
            greet=self._booted,
            challenge=lambda: str(self._chance.getrandbits(30)),
        )

    async def start(self) -> int:
        """Listen, seat the colleagues and begin the day; gives the port."""
        self._sounds = await asyncio.to_thread(self._voices, self._chance.getrandbits(32))
        for device in self._colleagues:
            name = f"agent-{device.rpartition('/')[2]}"
            self.queue.write_in(device, name, penalty=1)
        self._server = await asyncio.start_server(self._sessions.serve, *self._where)
        if not self._quiet:
            day = days.Day(self._pbx, self._chance, self.place, self._awake)
            self._spawn(day.run())
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def stop(self) -> None:
        """Cut the managers, end every call and close the recordings."""
        if self._server:
            self._server.close()
            self._sessions.close()
            await self._server.wait_closed()
        for call in set(self._pbx.owners.values()):
            if call.track:
                call.track.stop()
        tasks = [t for t in self._tasks if t.get_name() != "track"]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def place(self, who: Visit) -> None:
        """A citizen calls now."""
        self._spawn(self._play(who))

    def pick_up(self, device: str) -> bool:
        """Lift the receiver of a desk's phone; False when nothing rings there."""
        channel = self.phones.ringing(device)
        if channel is None:
            return False
        self._pbx.post(Signal("picked", channel))
        return True

    def put_down(self, device: str) -> bool:
        """End what the desk's phone talks, or reject what rings; False when there is neither."""
        if channel := self.phones.talking(device):
            return self._pbx.post(Signal("bye", channel))
        ringing = self.phones.ringing(device)
        return ringing is not None and self._pbx.post(Signal("declined", ringing))

    async def _play(self, who: Visit) -> None:
        await visit(self._pbx, who)

    def _originate(self, order: Order) -> None:
        self._spawn(originate(self._pbx, order))

    def _record(self, recording_id: str) -> Track | None:
        if self._recordings is None or self._sounds is None:
            return None
        track = Track(self._recordings / f"{recording_id}.wav", self._sounds, time.monotonic)
        self._spawn(track.run(), name="track")
        return track

    def _spawn(self, work: Coroutine[object, object, None], *, name: str = "call") -> None:
        task = asyncio.get_running_loop().create_task(self._supervised(work), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _supervised(self, work: Coroutine[object, object, None]) -> None:
        try:
            await work
        except Exception:
            log.exception("a simulated call broke off")

    def _awake(self) -> bool:
        return self._sessions.logged_in > 0

    def _publish(self, event_class: str, frame: bytes) -> None:
        self._sessions.publish(event_class, frame)

    def _voices(self, seed: int) -> Sounds:
        return Sounds(seed, speech=conversation(self._voice) if self._voice else b"")

    def _booted(self) -> list[tuple[str, str]]:
        up = int((self._board.clock() - self._board.booted_at).total_seconds())
        return [("Uptime", str(up)), ("LastReload", str(up)), ("Status", "Fully Booted")]
