"""A person at a browser, and the calls that a test lets ring at their phone."""

import itertools
import struct
import wave
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
from playwright.async_api import Browser, BrowserContext, Page

from routing.calls import Call, Offer, Outcome, Recording, Segment
from routing.happenings import CallStepped, LinkChanged, Step
from tests.web.house import PASSWORD, House

DESK_SIZE = (1366, 768)
PHONE_SIZE = (360, 740)


class Visitor:
    """One browser window of one person; everything that went wrong in it is in `troubles`."""

    def __init__(self, house: House, context: BrowserContext, page: Page) -> None:
        self.house = house
        self.context = context
        self.page = page
        self.troubles: list[str] = []
        page.on("pageerror", lambda error: self.troubles.append(str(error)))
        page.on("console", self._note)
        page.on("dialog", lambda dialog: self.troubles.append(f"dialog {dialog.message}"))

    def _note(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.troubles.append(message.text)

    async def log_in(self, person: str, *, language: str = "en") -> None:
        """Come in by the login page; the desk is there, with its snapshot, when this returns."""
        known = await self.house.store.people.get(person)
        assert known is not None
        await self.house.store.people.set_language(
            person, "en" if language == "en" else "zh_CN", at=self.house.clock()
        )
        await self.page.goto(f"{self.house.url}/login")
        await self.page.fill("#name", person)
        await self.page.fill("#password", PASSWORD)
        await self.page.click("form[data-login] button")
        await self.page.wait_for_url("**/desk")
        await self.ready()

    async def ready(self) -> None:
        """Wait for the snapshot: only it shows what the person can do."""
        await self.page.wait_for_selector("[data-strip][aria-busy=false]")

    async def sit_down(self, device: str) -> None:
        """Sign in at the phone and take calls."""
        await self.page.select_option("[data-device]", device)
        await self.page.click("[data-act=sign-in]")
        await self.page.click("[data-act=ready]")
        await self.page.wait_for_selector(".now [data-state=ready]")

    def call(self, call_id: str) -> Any:
        """The call's line in the left column."""
        return self.page.locator(f"[data-call-id='{call_id}']")


async def visit(
    house: House,
    browser: Browser,
    *,
    size: tuple[int, int] = DESK_SIZE,
    theme: str = "light",
    language: str = "en",
) -> Visitor:
    """Open a browser window that is logged out."""
    context = await browser.new_context(
        viewport={"width": size[0], "height": size[1]}, reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    await context.add_cookies(
        [
            {"name": "theme", "value": theme, "url": house.url},
            {"name": "language", "value": language, "url": house.url},
        ]
    )
    return Visitor(house, context, await context.new_page())


class Line:
    """Lets citizens call: each method is a step that telephony would tell."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._ids = (f"00000000-0000-4000-8000-{n:012d}" for n in itertools.count(1))

    def up(self, *, up: bool = True) -> None:
        """The link to Asterisk comes or goes."""
        self.house.desk.on(LinkChanged(up, self.house.clock()))

    def ring(self, device: str, **facts: Any) -> Call:
        """A citizen waits a moment in the queue, then the device rings."""
        now = self.house.clock()
        call = msgspec.structs.replace(
            Call(
                id=next(self._ids),
                linkedid="1700000000.1",
                way="962200",
                started_at=now,
                queued_at=now,
                state="queued",
                citizen_number="13900005555",
                citizen_name="王秀兰",
                did="962200",
            ),
            **facts,
        )
        self._step("queued", call)
        return self.offer(call, device)

    def offer(self, call: Call, device: str) -> Call:
        """The device rings with the call."""
        offer = Offer(self.house.desk.seats.at(device), device, self.house.clock())
        state = "ringing" if call.state == "queued" else call.state
        return self._step("offered", call, device, offers=(*call.offers, offer), state=state)

    def miss(self, call: Call, device: str) -> Call:
        """The device stops ringing without an answer; the citizen waits on."""
        offers = _settled(call, device, "missed")
        return self._step("withdrawn", call, device, offers=offers, state="queued")

    def answer(self, call: Call, device: str) -> Call:
        """The device is picked up; what was recorded from the greeting on goes on."""
        now = self.house.clock()
        segment = Segment(self.house.desk.seats.at(device), device, now)
        return self._step(
            "answered",
            call,
            device,
            state="talking",
            answered_at=call.answered_at or now,
            offers=_settled(call, device, "answered"),
            segments=(*call.segments, segment),
        )

    def leave(self, call: Call, device: str) -> Call:
        """The device's part ends, the citizen talks on elsewhere."""
        return self._step("left", call, device, segments=self._closed(call, device))

    def end(self, call: Call, device: str, outcome: Outcome = "answered", **facts: Any) -> Call:
        """Everybody has hung up."""
        facts = {"recordings": (), **facts}
        return self._step(
            "ended",
            call,
            device,
            state="ended",
            outcome=outcome,
            ended_at=self.house.clock() + timedelta(seconds=1),
            segments=self._closed(call, device),
            **facts,
        )

    def _closed(self, call: Call, device: str) -> tuple[Segment, ...]:
        return tuple(
            msgspec.structs.replace(part, until=self.house.clock())
            if part.device == device and part.until is None
            else part
            for part in call.segments
        )

    def _step(self, step: Step, call: Call, device: str | None = None, **facts: Any) -> Call:
        call = msgspec.structs.replace(call, **facts)
        self.house.desk.on(CallStepped(step, call, self.house.clock(), device))
        return call


def _settled(call: Call, device: str, outcome: str) -> tuple[Offer, ...]:
    return tuple(
        msgspec.structs.replace(offer, outcome=outcome)
        if offer.device == device and offer.outcome is None
        else offer
        for offer in call.offers
    )


def record_sound(folder: Path, recording_id: str, *, seconds: int) -> Recording:
    """A telephone recording of silence and its row; the talk is its last half."""
    with wave.open(str(folder / f"{recording_id}.wav"), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(struct.pack("<h", 0) * 8000 * seconds)
    return msgspec.convert(
        {
            "id": recording_id,
            "started_at": "2026-11-23T04:00:00Z",
            "seconds": float(seconds),
            "state": "closed",
            "bridged": [[seconds / 2, float(seconds)]],
        },
        Recording,
    )
