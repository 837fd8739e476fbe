"""A small SIP phone that follows a script: an agent's set, a citizen's, or a carrier's far end.

It speaks UDP, repeats what is not answered, answers repetitions with what it said before, and keeps
the instants at which its calls rang, were answered and ended.
"""

import asyncio
from collections.abc import Callable, Iterable
from contextlib import suppress

from config.pbx import sip
from config.pbx.leg import Leg, Pair
from config.pbx.rtp import SILENCE
from config.pbx.sip import Message

FIRST_REPEAT = 0.5  # RFC 3261's T1
GIVE_UP = 8.0
NOT_FOUND_HERE = (481, "Call/Transaction Does Not Exist")

Address = tuple[str, int]


class NoAnswer(Exception):  # noqa: N818 - what happened
    """The other side did not answer a request."""


class Phone(asyncio.DatagramProtocol):
    """One SIP account at `address`; `server` is where requests go first.

    Incoming calls ring (180) and wait in `rung()`, or go to `on_call` if that is set.
    """

    def __init__(
        self, name: str, *, server: Address, password: str = "", audio: bytes = SILENCE
    ) -> None:
        self.name = name
        self.server = server
        self.audio = audio
        self.on_call: Callable[[Leg], None] | None = None
        self.legs: dict[str, Leg] = {}
        self._password = password
        self._tasks: set[asyncio.Task[None]] = set()
        self._waiting: dict[tuple[str, str], asyncio.Queue[Message]] = {}
        self._incoming: asyncio.Queue[Leg] = asyncio.Queue()
        self._said: dict[tuple[str, str], Message] = {}
        self._registration = sip.fresh()
        self._registrations = 0
        self._transport: asyncio.DatagramTransport | None = None
        self.address: Address = ("", 0)

    async def open(self, host: str = "127.0.0.1", port: int = 0) -> "Phone":
        """Listen; returns itself."""
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.create_datagram_endpoint(
            lambda: self, local_addr=(host, port)
        )
        self.address = self._transport.get_extra_info("sockname")[:2]
        return self

    async def register(self, *, seconds: int = 120) -> int:
        """REGISTER with digest; the final status. 0 seconds signs off."""
        answer = await self._register([("Contact", self.contact), ("Expires", str(seconds))])
        return answer.status

    async def bindings(self) -> list[str]:
        """The contacts registered for this account, ours or another phone's."""
        answer = await self._register([])
        return [contact for line in answer.all("contact") for contact in line.split(",")]

    async def _register(self, wish: list[Pair]) -> Message:
        target = f"sip:{self.server[0]}:{self.server[1]}"
        own = f"<sip:{self.name}@{self.server[0]}>"
        extra: list[Pair] = []
        for _ in range(2):
            self._registrations += 1
            request = self.request("REGISTER", target, (
                ("From", f"{own};tag={sip.fresh(4)}"), ("To", own),
                ("Call-ID", self._registration), ("CSeq", f"{self._registrations} REGISTER"),
                *wish, *extra,
            ))  # fmt: skip
            answer = await self.ask(request)
            if answer.status not in (401, 407):
                break
            extra = [self.credentials(answer, "REGISTER", target)]
        return answer

    async def call(
        self, number: str, *, shown: str = "", caller: str = "", headers: Iterable[Pair] = ()
    ) -> Leg:
        """Send an INVITE and return at once; `caller` replaces the account's name in From."""
        leg = Leg.outgoing(self, number, shown=shown, caller=caller or self.name, headers=headers)
        self.legs[leg.call_id] = leg
        await leg.invite()
        return leg

    async def rung(self, *, within: float = 15.0) -> Leg:
        """The next incoming call, ringing; raises `TimeoutError`."""
        return await asyncio.wait_for(self._incoming.get(), within)

    async def hang_up_all(self) -> None:
        """End every call that is still there."""
        for leg in list(self.legs.values()):
            with suppress(NoAnswer):
                await leg.hang_up()

    def die(self) -> None:
        """Vanish: no BYE, no un-REGISTER, no voice, as a phone whose cable is pulled."""
        self.close()

    def close(self) -> None:
        """Stop listening."""
        for task in self._tasks:
            task.cancel()
        for leg in self.legs.values():
            leg.silence()
        if self._transport:
            self._transport.close()

    def keep(self, task: "asyncio.Task[None]") -> None:
        """Hold on to something that goes on by itself, until it is over or the phone is closed."""
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ---- for legs

    @property
    def contact(self) -> str:
        """Where this phone wants requests."""
        return f"<sip:{self.name}@{self.address[0]}:{self.address[1]}>"

    def credentials(self, challenge: Message, method: str, target: str) -> Pair:
        """The header that answers a challenge."""
        return sip.authorization(challenge, method, target, name=self.name, password=self._password)

    def request(
        self, method: str, target: str, headers: Iterable[Pair], *, body: str = "", branch: str = ""
    ) -> Message:
        """A request with what every request of ours carries."""
        mark = branch or f"z9hG4bK{sip.fresh()}"
        via = f"SIP/2.0/UDP {self.address[0]}:{self.address[1]};branch={mark};rport"
        common = (("Via", via), ("Max-Forwards", "70"), ("Allow", sip.ALLOW))
        typed = (("Content-Type", "application/sdp"),) if body else ()
        return Message(f"{method} {target} SIP/2.0", (*common, *headers, *typed), body)

    async def ask(self, request: Message, *, within: float = GIVE_UP) -> Message:
        """Send, repeat until answered, the final answer; raises `NoAnswer`."""
        answers = self.listen(request)
        try:
            async with asyncio.timeout(within):
                return await self._repeat(request, answers)
        except TimeoutError:
            raise NoAnswer(f"{self.name}: no answer to {request.start}") from None
        finally:
            self.forget(request)

    def listen(self, request: Message) -> "asyncio.Queue[Message]":
        """Collect the answers to a request."""
        return self._waiting.setdefault((request.branch, request.method), asyncio.Queue())

    def forget(self, request: Message) -> None:
        """No longer collect them."""
        self._waiting.pop((request.branch, request.method), None)

    def send(self, message: Message, to: Address | None = None) -> None:
        """Put a message on the wire; what we answered is kept for repetitions."""
        if self._transport and not self._transport.is_closing():
            self._transport.sendto(message.encode(), to or self.server)

    def answer(self, request: Message, reply: Message, to: Address) -> None:
        """Answer a request, and its repetitions alike."""
        self._said[(request.branch, request.method)] = reply
        self.send(reply, to)

    async def _repeat(self, request: Message, answers: "asyncio.Queue[Message]") -> Message:
        pause = FIRST_REPEAT
        provisional = False
        while True:
            if not provisional:
                self.send(request)
            try:
                got = await asyncio.wait_for(answers.get(), pause)
            except TimeoutError:
                pause = min(pause * 2, 4.0)
                continue
            if got.status >= 200:  # noqa: PLR2004 - final
                return got
            provisional = True

    # ---- from the wire

    def datagram_received(self, data: bytes, addr: Address) -> None:
        """A datagram came in."""
        try:
            message = sip.parse(data)
        except sip.BadSip:
            return  # keep-alive octets
        if message.is_response:
            self._take_answer(message)
        else:
            self._take_request(message, addr)

    def _take_answer(self, message: Message) -> None:
        waiting = self._waiting.get((message.branch, message.method))
        if waiting is not None:
            waiting.put_nowait(message)
        elif message.method == "INVITE" and message.status >= 200:  # noqa: PLR2004
            leg = self.legs.get(message["call-id"])
            if leg:
                leg.acknowledge(message)  # our ACK was lost

    def _take_request(self, message: Message, addr: Address) -> None:
        said = self._said.get((message.branch, message.method))
        if said:
            self.send(said, addr)
            return
        leg = self.legs.get(message["call-id"])
        if leg:
            leg.take(message, addr)
        elif message.method == "INVITE":
            self._take_invite(message, addr)
        elif message.method == "OPTIONS":
            self.answer(message, sip.response(message, 200, "OK"), addr)
        elif message.method != "ACK":
            self.answer(message, sip.response(message, *NOT_FOUND_HERE), addr)

    def _take_invite(self, message: Message, addr: Address) -> None:
        leg = Leg.incoming(self, message, addr)
        self.legs[leg.call_id] = leg
        if self.on_call:
            self.on_call(leg)
        else:
            leg.ring()
            self._incoming.put_nowait(leg)
