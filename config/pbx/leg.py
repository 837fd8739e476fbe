"""One call at a phone: a SIP dialog with its voice stream."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal

from config.pbx import rtp, sip
from config.pbx.sip import Message

if TYPE_CHECKING:
    from config.pbx.phone import Phone

State = Literal["new", "ringing", "up", "ended"]
Pair = tuple[str, str]
Address = tuple[str, int]
OPPOSITE = {"sendonly": "recvonly", "recvonly": "sendonly", "inactive": "inactive"}
FINAL = 200
REFUSED = 300


class Leg:
    """A dialog; made by `Phone.call` or handed out by `Phone.rung`.

    `code` is the final status of an outgoing INVITE, `ended_by` says who ended it and how.
    """

    def __init__(
        self, phone: "Phone", *, call_id: str, ours: str, theirs: str, target: str
    ) -> None:
        self.phone = phone
        self.call_id = call_id
        self.ours = ours
        self.theirs = theirs
        self.target = target
        self.peer: Address = phone.server
        self.state: State = "new"
        self.code = 0
        self.ended_by = ""
        self.number = ""
        self.headers: tuple[Pair, ...] = ()
        self.stream: rtp.Stream | None = None
        self.offered: Message | None = None
        self.sipfrags: list[str] = []
        self.began_at = _now()
        self.answered_at: datetime | None = None
        self.ended_at: datetime | None = None
        self.up = asyncio.Event()
        self.over = asyncio.Event()
        self._routes: list[str] = []
        self._sequence = 1
        self._version = 0
        self._invitation: Message | None = None

    @classmethod
    def outgoing(
        cls, phone: "Phone", number: str, *, shown: str, caller: str, headers: Iterable[Pair]
    ) -> "Leg":
        """A call about to be made."""
        target = f"sip:{number}@{phone.server[0]}:{phone.server[1]}"
        name = f'"{shown}" ' if shown else ""
        ours = f"{name}<sip:{caller}@{phone.address[0]}:{phone.address[1]}>;tag={sip.fresh(4)}"
        leg = cls(phone, call_id=sip.fresh(), ours=ours, theirs=f"<{target}>", target=target)
        leg.number = number
        leg.headers = tuple(headers)
        return leg

    @classmethod
    def incoming(cls, phone: "Phone", invitation: Message, addr: Address) -> "Leg":
        """A call that came in."""
        leg = cls(
            phone, call_id=invitation["call-id"], ours=f"{invitation['to']};tag={sip.fresh(4)}",
            theirs=invitation["from"], target=sip.uri(invitation["contact"]),
        )  # fmt: skip
        leg.offered, leg.peer = invitation, addr
        leg.number = sip.user(sip.uri(invitation["from"]))
        leg._routes = invitation.all("record-route")
        return leg

    # ---- outgoing

    async def invite(self) -> None:
        """Send the INVITE; `up` and `over` tell what became of it."""
        self.stream = await rtp.Stream.open(self.phone.address[0], self.phone.audio)
        self.phone.keep(asyncio.ensure_future(self._invite()))

    async def _invite(self) -> None:
        extra: list[Pair] = list(self.headers)
        for _ in range(2):
            final = await self._send_invite(extra)
            if final is None or final.status not in (401, 407):
                break
            extra.append(self.phone.credentials(final, "INVITE", self.target))

    async def _send_invite(self, extra: Iterable[Pair]) -> Message | None:
        self._invitation = self._request("INVITE", body=self._describe(), headers=extra)
        answers = self.phone.listen(self._invitation)
        self.phone.send(self._invitation, self.peer)
        try:
            while True:
                answer = await answers.get()
                if answer.status >= FINAL:
                    break
                self._provisional(answer)
        finally:
            self.phone.forget(self._invitation)
        self._final(answer)
        return answer

    def _provisional(self, answer: Message) -> None:
        if answer.status >= 180 and self.state == "new":  # noqa: PLR2004 - Ringing and beyond
            self.state = "ringing"
            self.theirs = answer["to"]  # the early dialog, which a REFER may name
        self._hear(answer.body)

    def _final(self, answer: Message) -> None:
        if answer.status >= REFUSED:
            self.acknowledge(answer)
            if answer.status not in (401, 407):
                self.code = answer.status
                self._end(f"refused {answer.status}")
            return
        self.theirs, self.target = answer["to"], sip.uri(answer["contact"])
        self._routes = list(reversed(answer.all("record-route")))
        self.code = answer.status
        self.acknowledge(answer)
        if self.state == "ended":  # cancelled, but the answer came first
            self.phone.send(self._request("BYE"), self.peer)
            return
        self._hear(answer.body)
        self._came_up()

    def acknowledge(self, answer: Message) -> None:
        """ACK a final answer to an INVITE; in the INVITE's own transaction if it refuses."""
        refused = answer.status >= REFUSED
        branch = answer.branch if refused else ""
        headers = (("From", self.ours), ("To", answer["to"]), ("Call-ID", self.call_id),
                   ("CSeq", f"{answer.sequence} ACK"))  # fmt: skip
        self.phone.send(self.phone.request("ACK", self.target, headers, branch=branch), self.peer)

    # ---- incoming

    def ring(self) -> None:
        """180."""
        self.state = "ringing"
        self._reply(180, "Ringing")

    async def answer(self) -> None:
        """200 with our voice."""
        assert self.offered is not None  # noqa: S101 - only incoming calls are answered
        self.stream = await rtp.Stream.open(self.phone.address[0], self.phone.audio)
        if self.state == "ended":
            self.stream.close()
            return
        self._hear(self.offered.body)
        self._reply(200, "OK", self._describe())
        self._came_up()

    def reject(self, code: int = 486, reason: str = "Busy Here") -> None:
        """Refuse a ringing call."""
        self._reply(code, reason)
        self.code = code
        self._end(f"rejected {code}")

    # ---- within the call

    async def hang_up(self) -> None:
        """BYE, CANCEL or a refusal, whatever the state asks for."""
        if self.state == "up":
            request = self._request("BYE")
            self._end("local")
            await self.phone.ask(request)
        elif self.state != "ended" and self.offered is not None:
            self.reject()
        elif self.state != "ended" and self._invitation is not None:
            invitation = self._invitation
            kept = [pair for pair in invitation.headers if pair[0] in ("From", "To", "Call-ID")]
            cancel = self.phone.request(
                "CANCEL", invitation.uri, (*kept, ("CSeq", f"{invitation.sequence} CANCEL")),
                branch=invitation.branch,
            )  # fmt: skip
            self._end("cancelled")
            await self.phone.ask(cancel)

    async def hold(self) -> int:
        """Ask the other side to be quiet; the status."""
        return await self._reinvite("sendonly")

    async def resume(self) -> int:
        """Take the call back."""
        return await self._reinvite("sendrecv")

    async def refer(self, number: str) -> int:
        """Blind transfer; the status of the REFER, what followed is in `sipfrags`."""
        server = self.phone.server
        return await self._refer(f"<sip:{number}@{server[0]}:{server[1]}>")

    async def refer_to(self, other: "Leg") -> int:
        """Attended transfer: connect this call's other side with `other`'s."""
        call_id = other.call_id.replace("@", "%40")
        tags = f"to-tag%3D{sip.tag(other.theirs)}%3Bfrom-tag%3D{sip.tag(other.ours)}"
        return await self._refer(f"<{sip.uri(other.theirs)}?Replaces={call_id}%3B{tags}>")

    def press(self, keys: str) -> None:
        """Press keys."""
        assert self.stream is not None  # noqa: S101 - a call that is up has a stream
        self.stream.press(keys)

    def silence(self) -> None:
        """Stop the voice without a word to the other side."""
        self._end("died")

    def take(self, request: Message, addr: Address) -> None:
        """A request of the other side within this call; the first INVITE repeated is none."""
        if self.offered is not None and request.branch == self.offered.branch != "":
            if request.method == "CANCEL":
                self._take_cancel(request, addr)
            return
        match request.method:
            case "ACK":
                return
            case "INVITE" | "UPDATE":
                self._take_offer(request, addr)
                return
            case "BYE":
                self._end("remote")
            case "NOTIFY":
                self.sipfrags.append(request.body.strip())
        self.phone.answer(request, sip.response(request, 200, "OK"), addr)

    # ---- parts

    def _take_cancel(self, request: Message, addr: Address) -> None:
        self.phone.answer(request, sip.response(request, 200, "OK"), addr)
        if self.state in ("new", "ringing"):
            self._reply(487, "Request Terminated")
            self._end("remote cancel")

    def _take_offer(self, request: Message, addr: Address) -> None:
        described = sip.media(request.body)
        self._hear(request.body)
        way = OPPOSITE.get(described.direction, "sendrecv") if described else "sendrecv"
        body = self._describe(way) if request.body or request.method == "INVITE" else ""
        contact = [("Contact", self.phone.contact)]
        self.phone.answer(request, sip.response(request, 200, "OK", contact, body=body), addr)

    async def _reinvite(self, direction: str) -> int:
        request = self._request("INVITE", body=self._describe(direction))
        answer = await self.phone.ask(request)
        self.acknowledge(answer)
        return answer.status

    async def _refer(self, target: str) -> int:
        referrer = f"<sip:{self.phone.name}@{self.phone.address[0]}>"
        headers = (("Refer-To", target), ("Referred-By", referrer))
        answer = await self.phone.ask(self._request("REFER", headers=headers))
        return answer.status

    def _request(self, method: str, *, body: str = "", headers: Iterable[Pair] = ()) -> Message:
        self._sequence += 1
        own = (("From", self.ours), ("To", self.theirs), ("Call-ID", self.call_id),
               ("CSeq", f"{self._sequence} {method}"), ("Contact", self.phone.contact),
               *(("Route", route) for route in self._routes), *headers)  # fmt: skip
        return self.phone.request(method, self.target, own, body=body)

    def _reply(self, code: int, reason: str, body: str = "") -> None:
        assert self.offered is not None  # noqa: S101 - only incoming calls are replied to
        contact = [("Contact", self.phone.contact)]
        reply = sip.response(
            self.offered, code, reason, contact, to_tag=sip.tag(self.ours), body=body
        )
        self.phone.answer(self.offered, reply, self.peer)

    def _describe(self, direction: str = "sendrecv") -> str:
        self._version += 1
        port = self.stream.port if self.stream else 0
        return sip.description(
            self.phone.address[0], port, direction=direction, version=self._version
        )

    def _hear(self, body: str) -> None:
        described = sip.media(body)
        if described and self.stream:
            self.stream.send_to(described.address, described.port)

    def _came_up(self) -> None:
        self.state = "up"
        self.answered_at = _now()
        self.up.set()

    def _end(self, how: str) -> None:
        if self.state == "ended":
            return
        self.state = "ended"
        self.ended_by = how
        self.ended_at = _now()
        if self.stream:
            self.stream.close()
        self.over.set()


def _now() -> datetime:
    return datetime.now(UTC)
