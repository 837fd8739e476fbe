"""What the hotline understands of the simulated PBX is what the simulated people did."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from routing.calls import Call
from routing.happenings import CallStepped, Happening
from routing.seats import Member
from telephony.calls import Tracker
from telephony.ear import Hearing
from telephony.exchange import Exchange
from telephony.link import Address
from telephony.recordings import Folder
from telephony.simulator import Conduct, Fate, Simulator, Visit
from telephony.switch import AsteriskSwitch

SPEED = 20.0
TRUNKS = {"trunk-city": "962200", "trunk-12345": "12345", "trunk-110": "110"}
DEVICES = ("PJSIP/8001", "PJSIP/8002", "PJSIP/8003")


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Hotline:
    """A simulated PBX and what is understood of it."""

    simulator: Simulator
    switch: AsteriskSwitch
    folder: Path
    calls: dict[str, Call] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    def hear(self, happening: Happening) -> None:
        if isinstance(happening, CallStepped):
            self.calls[happening.call.id] = happening.call
            self.steps.append(happening.step)
        self._news.set()

    async def call(self, wanted: Callable[[Call], bool]) -> Call:
        """The first call that is so, now or later."""
        async with asyncio.timeout(20):
            while True:
                for call in self.calls.values():
                    if wanted(call):
                        return call
                self._news.clear()
                await self._news.wait()

    async def over(self) -> Call:
        """The one call, when it is over and its survey and recording are known."""
        return await self.call(lambda call: call.state == "ended")

    async def state(self, state: str) -> Call:
        return await self.call(lambda call: call.state == state)


@asynccontextmanager
async def hotline(folder: Path, **agents: Conduct) -> AsyncIterator[Hotline]:
    """8001 to 8003 are signed in; those in `agents` (`_8001`) act by themselves."""
    simulator = Simulator(
        username="hotline",
        secret="s",
        recordings=folder,
        colleagues=[],
        quiet=True,
        strategy="linear",
        speed=SPEED,
        ring_seconds=6,
        longest_wait=30,
        fate=lambda number: Fate("busy", 1) if number.endswith("06") else Fate(talk=None),
    )
    for name, conduct in agents.items():
        simulator.phones.automate(f"PJSIP/{name[1:]}", partial(always, conduct))
    port = await simulator.start()
    heard: list[Hotline] = []
    exchange = Exchange(
        Address("127.0.0.1", port, "hotline", "s"),
        ear=Hearing(Tracker(trunks=TRUNKS), clock=now),  # type: ignore[arg-type]
        tell=lambda happening: heard[0].hear(happening),  # noqa: PLW0108 - it comes later
        clock=now,
        members_wanted=lambda: [Member(d, f"agent-{d[-4:]}", False) for d in DEVICES],
    )
    switch = AsteriskSwitch(
        exchange,
        trunks=[f"PJSIP/{name}" for name in TRUNKS],
        outbound_trunk="trunk-city",
        devices=DEVICES,
    )
    heard.append(Hotline(simulator, switch, folder))
    running = asyncio.create_task(exchange.run())
    try:
        async with asyncio.timeout(10):
            await exchange.until_up()
        yield heard[0]
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await simulator.stop()


def always(conduct: Conduct, _: random.Random) -> Conduct:
    return conduct


async def aside(seconds: float) -> None:
    """Some seconds of the day pass."""
    await asyncio.sleep(seconds / SPEED)


async def test_a_call_handed_over_by_12345_is_known_with_case_name_and_survey(
    tmp_path: Path,
) -> None:
    visit = Visit("13900003456", way="12345", name="张伟", case="12345-20261123-000017", digit="1")
    async with hotline(tmp_path, _8001=Conduct(answers=2, hangs_up=20)) as line:
        line.simulator.place(visit)
        call = await line.over()
        await line.call(lambda c: c.survey is not None)

    call = line.calls[call.id]
    known = call.way, call.citizen_number, call.citizen_name, call.sender_case, call.did
    assert known == ("12345", "13900003456", "张伟", "12345-20261123-000017", "962200")
    assert (call.outcome, call.survey) == ("answered", "1")
    assert [(o.device, o.outcome) for o in call.offers] == [("PJSIP/8001", "answered")]
    assert call.talk_seconds == pytest.approx(20 / SPEED, abs=0.3)
    (recording,) = call.recordings
    proof = await Folder(tmp_path).prove(recording.id, now=now(), overdue=False)
    assert proof is not None
    assert proof.state == "verified"
    assert proof.seconds == pytest.approx(recording.seconds, abs=0.3)


@pytest.mark.parametrize(
    ("visit", "outcome"),
    [
        (Visit("13800001111", leaves="greeting", patience=2), "abandoned_greeting"),
        (Visit("13800001111", leaves="ringing", patience=3), "abandoned_ringing"),
    ],
)
async def test_who_gives_up_is_known_by_where(visit: Visit, outcome: str, tmp_path: Path) -> None:
    async with hotline(tmp_path) as line:
        line.simulator.place(visit)
        call = await line.over()

    assert call.outcome == outcome


async def test_two_missed_rings_go_on_to_the_third_desk(tmp_path: Path) -> None:
    agents = {"_8002": Conduct(answers=None, rejects=1), "_8003": Conduct(answers=1)}
    async with hotline(tmp_path, **agents) as line:
        line.simulator.place(Visit("13800001111", talk=5))
        call = await line.over()

    assert [(o.device, o.outcome) for o in call.offers] == [
        ("PJSIP/8001", "missed"),
        ("PJSIP/8002", "rejected"),
        ("PJSIP/8003", "answered"),
    ]


async def test_nobody_answers_and_the_citizen_asks_to_be_called_back(tmp_path: Path) -> None:
    async with hotline(tmp_path) as line:
        line.simulator.place(Visit("13800001111"))
        call = await line.over()

    assert call.outcome == "callback"
    assert {o.outcome for o in call.offers} == {"missed"}


async def test_holding_from_the_page_parts_the_two_and_brings_them_together(
    tmp_path: Path,
) -> None:
    """The segment goes on, the held time is known, and the citizen's survey follows."""
    async with hotline(tmp_path, _8001=Conduct(answers=1)) as line:
        line.simulator.place(Visit("13800001111", digit="2"))
        call = await line.state("talking")
        await line.switch.hold(call.id)
        await line.state("held")
        await aside(10)
        await line.switch.resume(call.id)
        await line.state("talking")
        await aside(10)
        assert line.simulator.put_down("PJSIP/8001")
        await line.over()
        call = await line.call(lambda c: c.survey == "2")

    assert call.hold_seconds == pytest.approx(10 / SPEED, abs=0.3)
    assert len(call.segments) == 1


async def test_an_attended_transfer_from_the_page_is_completed(tmp_path: Path) -> None:
    async with hotline(tmp_path, _8001=Conduct(answers=1), _8003=Conduct(answers=2)) as line:
        line.simulator.place(Visit("13800001111", talk=None))
        call = await line.state("talking")
        await line.switch.consult(call.id, device="PJSIP/8001", to="8003")
        await line.call(lambda c: any(t.kind == "attended" for t in c.transfers))
        await aside(10)
        line.simulator.put_down("PJSIP/8001")
        await line.call(lambda c: len(c.segments) > 1)
        await aside(10)
        line.simulator.put_down("PJSIP/8003")
        call = await line.over()

    assert [(t.kind, t.by, t.to, t.outcome) for t in call.transfers] == [
        ("attended", "PJSIP/8001", "8003", "completed")
    ]
    assert [s.device for s in call.segments] == ["PJSIP/8001", "PJSIP/8003"]


async def test_a_blind_transfer_that_nobody_answers_brings_the_citizen_back_to_the_queue(
    tmp_path: Path,
) -> None:
    async with hotline(tmp_path, _8001=Conduct(answers=1, hangs_up=30)) as line:
        line.simulator.place(Visit("13800001111"))
        call = await line.state("talking")
        await line.switch.transfer(call.id, device="PJSIP/8001", to="8003")
        await line.call(lambda c: len(c.segments) > 1)
        call = await line.over()

    assert [(t.kind, t.to, t.outcome) for t in call.transfers] == [("blind", "8003", "no_answer")]
    assert [s.device for s in call.segments] == ["PJSIP/8001", "PJSIP/8001"]


async def test_a_third_party_joins_citizen_and_agent(tmp_path: Path) -> None:
    async with hotline(tmp_path, _8001=Conduct(answers=1)) as line:
        line.simulator.place(Visit("13800001111", talk=None))
        call = await line.state("talking")
        await line.switch.conference(call.id, device="PJSIP/8001", third="02162345678")
        await line.call(lambda c: any(t.outcome == "completed" for t in c.transfers))
        await aside(10)
        line.simulator.put_down("PJSIP/8001")
        call = await line.over()

    assert [(t.kind, t.to, t.outcome) for t in call.transfers] == [
        ("threeway", "02162345678", "completed")
    ]
    assert len(call.segments) == 1


@pytest.mark.parametrize(
    ("number", "outcome"), [("13811110001", "answered"), ("13811110006", "busy")]
)
async def test_a_citizen_is_called_back_from_the_page(
    number: str, outcome: str, tmp_path: Path
) -> None:
    async with hotline(tmp_path, _8001=Conduct(answers=1)) as line:
        await line.switch.click_to_call("PJSIP/8001", number, call_id="call-7")
        if outcome == "answered":
            await line.state("talking")
            await aside(5)
            await line.switch.hang_up("call-7")
        call = await line.over()

    assert (call.id, call.way, call.citizen_number) == ("call-7", "outbound", number)
    assert call.outcome == outcome
    assert len(call.recordings) == (outcome == "answered")


async def test_a_muted_recording_is_silent_while_it_is_muted(tmp_path: Path) -> None:
    async with hotline(tmp_path, _8001=Conduct(answers=1, hangs_up=60)) as line:
        line.simulator.place(Visit("13800001111"))
        call = await line.state("talking")
        await line.switch.mute_recording(call.id, muted=True)
        await line.over()

    samples = (tmp_path / f"{call.recordings[0].id}.wav").read_bytes()[44:]
    assert any(samples[:1600])
    assert not any(samples[-16_000:])


async def test_every_call_of_a_long_day_is_understood_to_its_end(tmp_path: Path) -> None:
    """At many times the speed, with colleagues of all habits: no call is left open or unknown."""
    simulator = Simulator(username="hotline", secret="s", recordings=tmp_path, speed=120.0, seed=7)
    port = await simulator.start()
    steps: list[CallStepped] = []
    exchange = Exchange(
        Address("127.0.0.1", port, "hotline", "s"),
        ear=Hearing(Tracker(trunks=TRUNKS), clock=now),  # type: ignore[arg-type]
        tell=lambda happening: (
            steps.append(happening) if isinstance(happening, CallStepped) else None
        ),
        clock=now,
        members_wanted=lambda: [Member("PJSIP/8001", "agent-8001", False)],
    )
    running = asyncio.create_task(exchange.run())
    newcomer = asyncio.create_task(answering(simulator))
    await asyncio.sleep(8)
    for task in (running, newcomer):
        task.cancel()
    await asyncio.gather(running, newcomer, return_exceptions=True)
    await simulator.stop()

    last = {step.call.id: step.call for step in steps}
    ended = [call for call in last.values() if call.state == "ended"]
    young = now() - timedelta(seconds=300 / 120)
    assert len(ended) > 5
    assert not [c for c in last.values() if c.state != "ended" and c.started_at < young]
    assert {call.outcome for call in ended} >= {"answered"}
    assert {call.way for call in ended} >= {"962200", "12345"}
    for call in ended:
        assert call.outcome in {
            *("answered", "callback"),
            *("abandoned_greeting", "abandoned_queue", "abandoned_ringing"),
        }
        assert (call.outcome == "answered") == bool(call.segments)
        assert all(offer.outcome is not None for offer in call.offers)
        assert all(transfer.outcome is not None for transfer in call.transfers)


async def answering(simulator: Simulator) -> None:
    """Somebody at 8001 who picks up now and then."""
    chance = random.Random(1)
    while True:
        await asyncio.sleep(chance.uniform(0.02, 0.3))
        simulator.pick_up("PJSIP/8001")
