"""The simulated PBX tells a call as Asterisk 22 told it: the same events, headers and values.

Each flow is a capture of a real Asterisk and a script that makes the simulated citizens and agents
do what the real ones did. What two of Asterisk's threads tell at once has no order of its own, so
the events are compared channel by channel.
"""

import asyncio
import random
import re
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from telephony.simulator import Conduct, Fate, Simulator, Visit
from tests.telephony.captured import capture
from tests.telephony.manager import Headers, Manager, running

SPEED = 25.0
UNTRACKED = {
    *("VarSet", "Newexten", "CEL", "TestEvent", "RTCPSent", "RTCPReceived"),
    *("SuccessfulAuth", "ChallengeSent", "Cdr", "DTMFBegin", "DTMFEnd", "FullyBooted"),
    "QueueMemberRemoved",
}
"""Not read by the hotline's account, filtered at Asterisk, or not about a call."""

OURS = {"HotlineRecording", "HotlineSurvey", "HotlineOutbound"}
"""Events of our dialplan that the captured one did not have."""

PLACE = {"Context", "Exten", "Priority", "AccountCode", "Language"}
"""Where in the dialplan: ours and the captured one have other contexts."""

PASSING = {"Timestamp", "SystemName", "LoginTime", "LastCall", "LastPause"}
"""Instants, and whose PBX it is."""

APART = {"AgentComplete", "OriginateResponse"}
"""Told from a thread of their own."""

RACING = {"DestChannelState", "DestChannelStateDesc"}
"""A dialled channel may ring before or after the dialling one tells of it."""

DIFFERENT = {"ActionID", "SipCallId", "PAI", "Diversion", "CallId", "ChanVariable", "Id"}
"""Addresses, ids and counters."""

FIGURES = {"HoldTime", "TalkTime", "RingTime"}
"""Whole seconds of the clock, and at 25 times its speed: compared within one."""

Play = Callable[[Manager], Awaitable[None]]


@dataclass(frozen=True)
class Flow:
    capture: str
    visit: Visit | None
    agents: dict[str, Conduct]
    unlike: frozenset[str] = frozenset()  # headers and events in which our dialplan differs
    play: Play | None = None


def always(conduct: Conduct, _: random.Random) -> Conduct:
    return conduct


def answers(after: float = 1.0, hangs_up: float | None = None) -> Conduct:
    return Conduct(answers=after, hangs_up=hangs_up)


async def everybody_signs_out(manager: Manager) -> None:
    for number in ("8001", "8002", "8003"):
        await manager.ask("QueueRemove", Queue="hotline", Interface=f"PJSIP/{number}")


async def transfer_blind(manager: Manager) -> None:
    agent = (await manager.event("AgentConnect"))["DestChannel"]
    await asyncio.sleep(3 / SPEED)
    await manager.ask("BlindTransfer", Channel=agent, Context="internal", Exten="8003")


async def transfer_to_mobile(manager: Manager) -> None:
    agent = (await manager.event("AgentConnect"))["DestChannel"]
    await asyncio.sleep(2 / SPEED)
    await manager.ask("BlindTransfer", Channel=agent, Context="internal", Exten="13712340001")


async def transfer_attended(manager: Manager) -> None:
    agent = (await manager.event("AgentConnect"))["DestChannel"]
    await asyncio.sleep(2 / SPEED)
    await manager.ask("Atxfer", Channel=agent, Context="internal", Exten="8003")
    await manager.event("Newstate", CallerIDNum="8003", ChannelStateDesc="Up")
    await asyncio.sleep(3 / SPEED)
    await manager.ask("DemoHangup", Channel=agent)
    await citizen_hangs_up(manager)


async def transfer_blonde(manager: Manager) -> None:
    agent = (await manager.event("AgentConnect"))["DestChannel"]
    await asyncio.sleep(2 / SPEED)
    await manager.ask("Atxfer", Channel=agent, Context="internal", Exten="8003")
    await manager.event("Newstate", CallerIDNum="8003", ChannelStateDesc="Ringing")
    await asyncio.sleep(2 / SPEED)
    await manager.ask("DemoHangup", Channel=agent)
    await citizen_hangs_up(manager)


async def citizen_hangs_up(manager: Manager) -> None:
    """Three seconds after the target's channel itself has come to the citizen."""
    citizen = (await manager.event("AgentConnect"))["Channel"]
    await manager.event("LocalOptimizationEnd")
    await asyncio.sleep(3 / SPEED)
    await manager.ask("DemoHangup", Channel=citizen)


async def transfer_cancelled(manager: Manager) -> None:
    agent = (await manager.event("AgentConnect"))["DestChannel"]
    await asyncio.sleep(2 / SPEED)
    await manager.ask("Atxfer", Channel=agent, Context="internal", Exten="8003")
    await manager.event("Newstate", CallerIDNum="8003", ChannelStateDesc="Ringing")
    await asyncio.sleep(2 / SPEED)
    await manager.ask("CancelAtxfer", Channel=agent)
    await manager.event("Unhold")
    await asyncio.sleep(3 / SPEED)
    await manager.ask("DemoHangup", Channel=agent)


async def click_to_call(manager: Manager) -> None:
    await manager.ask(
        "Originate",
        Channel="PJSIP/8001",
        Context="outbound",
        Exten="13811110001",
        Priority="1",
        CallerID='"callback" <13811110001>',
        Timeout="15000",
        Async="true",
        ChannelId="c2c-0001",
    )


async def click_to_call_in_vain(manager: Manager) -> None:
    await manager.ask(
        "Originate",
        Channel="PJSIP/8001",
        Context="outbound",
        Exten="13811110003",
        Priority="1",
        Timeout="4000",
        Async="true",
        ChannelId="c2c-0003",
    )


FLOWS = [
    Flow("answered_citizen_hangs_up", Visit("13800001111", talk=6), {"8001": answers()}),
    Flow("answered_agent_hangs_up", Visit("13800001112"), {"8001": answers(hangs_up=4)}),
    Flow(
        "queue_timeout_nobody",
        Visit("13800003335", leaves="greeting", patience=6.5),
        {},
        play=everybody_signs_out,
    ),
    Flow("abandoned_in_queue", Visit("13800002222", leaves="ringing", patience=3), {}),
    Flow("ring_no_answer_then_second_agent", Visit("13800003333", talk=5), {"8002": answers()}),
    Flow(
        "agent_rejects_then_second_agent",
        Visit("13800003334", talk=3),
        {"8001": Conduct(answers=None, rejects=1), "8002": answers()},
    ),
    Flow(
        "hold_unhold",
        Visit("13800007777", talk=8),
        {"8001": Conduct(answers=1, holds=(2, 4))},
    ),
    Flow(
        "blind_transfer_ami",
        Visit("13800008882"),
        {"8001": answers(), "8003": answers(hangs_up=3)},
        play=transfer_blind,
    ),
    Flow(
        "blind_transfer_to_liaison_mobile",
        Visit("13800008883"),
        {"8001": answers()},
        unlike=frozenset({"NewCallerid", "CallerIDNum", "ConnectedLineNum", "BridgeNumChannels"}),
        play=transfer_to_mobile,
    ),
    Flow(
        "attended_transfer_ami_completed",
        Visit("13800008892", talk=None),
        {"8001": answers(), "8003": answers(hangs_up=None)},
        play=transfer_attended,
    ),
    Flow(
        "attended_transfer_ami_blonde",
        Visit("13800008893"),
        {"8001": answers(), "8003": answers(4)},
        play=transfer_blonde,
    ),
    Flow(
        "attended_transfer_ami_cancelled",
        Visit("13800008895"),
        {"8001": answers(), "8003": Conduct(answers=None)},
        play=transfer_cancelled,
    ),
    Flow(
        "via_12345",
        Visit("13900005555", way="12345", case="12345-20261123-000017", talk=5),
        {"8001": answers()},
    ),
    Flow("utf8_caller_name", Visit("13800004444", name="王小明 甲", talk=2), {"8001": answers()}),
    Flow(
        "click_to_call_answered",
        None,
        {"8001": answers()},
        unlike=frozenset({"MixMonitorStart", "CallerIDName", "ConnectedLineName"}),
        play=click_to_call,
    ),
    Flow("click_to_call_agent_no_answer", None, {}, play=click_to_call_in_vain),
]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.capture)
async def test_a_simulated_call_is_told_as_asterisk_told_it(flow: Flow) -> None:
    """Channel by channel the same events, with the same headers in the same order and values."""
    real = [e for e in events_of(capture(flow.capture).decode()) if is_compared(e, flow)]

    simulated = [e for e in await played(flow, began_at(real)) if is_compared(e, flow)]

    expected, actual = by_channel(real, flow.unlike), by_channel(simulated, flow.unlike)
    assert sorted(actual) == sorted(expected)
    # A capture was stopped at the end of the call: its very last events may be missing.
    heard = {role: events[: len(expected[role])] for role, events in actual.items()}
    assert heard == expected
    assert all(len(actual[role]) <= len(heard[role]) + 1 for role in actual)
    assert figures(simulated) == pytest.approx(figures(real), abs=1)


async def played(flow: Flow, at: datetime) -> list[Headers]:
    """What a manager sees of the simulated flow."""
    clock = Clock(at)
    simulator = Simulator(
        username="hotline",
        secret="s",
        colleagues=[],
        quiet=True,
        strategy="linear",
        speed=SPEED,
        clock=clock.now,
        greeting_seconds=7,
        ring_seconds=6,
        fate=lambda _: Fate("answered", 2.0, talk=4.0),
    )
    for number, conduct in flow.agents.items():
        simulator.phones.automate(f"PJSIP/{number}", partial(always, conduct))
    async with running(simulator) as port, Manager.at(port, "hotline", "s") as manager:
        for number in ("8001", "8002", "8003"):
            name = f"agent-{number}"
            await manager.ask(
                "QueueAdd", Queue="hotline", Interface=f"PJSIP/{number}", MemberName=name
            )
        joined = len(manager.events)
        clock.start()
        if flow.visit:
            simulator.place(flow.visit)
        if flow.play:
            await flow.play(manager)
        await manager.calls_over()
        return manager.events[joined:]


class Clock:
    """Stands at the capture's beginning until started, then runs `SPEED` times as fast."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._started: float | None = None

    def start(self) -> None:
        self._started = asyncio.get_running_loop().time()

    def now(self) -> datetime:
        if self._started is None:
            return self._at
        passed = asyncio.get_running_loop().time() - self._started
        return self._at + timedelta(seconds=passed * SPEED)


def events_of(stream: str) -> list[Headers]:
    """The events of a captured stream."""
    frames = re.sub(r"^Asterisk Call Manager/.*\r\n", "", stream).split("\r\n\r\n")
    pairs = [[line.partition(":") for line in frame.split("\r\n")] for frame in frames if frame]
    messages = [[(key, value.removeprefix(" ")) for key, _, value in frame] for frame in pairs]
    return [message for message in messages if message[0][0] == "Event"]


def is_compared(event: Headers, flow: Flow) -> bool:
    name = event[0][1]
    return name not in UNTRACKED | flow.unlike and dict(event).get("UserEvent") not in OURS


def began_at(events: list[Headers]) -> datetime:
    return datetime.fromtimestamp(float(dict(events[0])["Timestamp"]), UTC)


def figures(events: list[Headers]) -> list[float]:
    """Every duration, in seconds, in the order of the flow."""
    per_second = {"AgentRingNoAnswer": 1000}
    return [
        int(text) / per_second.get(event[0][1], 1)
        for event in events
        for key, text in event
        if key in FIGURES
    ]


def by_channel(events: list[Headers], unlike: frozenset[str]) -> dict[str, list[Headers]]:
    """Events by the channel, device or bridge that they are about, in their order."""
    alias = aliases(events)
    found: dict[str, list[Headers]] = defaultdict(list)
    for event in events:
        plain = [(renamed(k, alias), value(k, renamed(v, alias), unlike)) for k, v in event]
        # How many variables are shown is a setting (`channelvars`).
        once = [h for i, h in enumerate(plain) if "ChanVariable" not in h[0] or plain[i - 1] != h]
        own = event[0][1] if event[0][1] in APART else subject(dict(once))
        found[own].append(once)
    return dict(found)


def subject(fields: dict[str, str]) -> str:
    keys = ("Channel", "TransfererChannel", "LocalOneChannel", "OrigTransfererChannel")
    others = ("DestChannel", "Device", "Interface", "BridgeUniqueid", "ToBridgeUniqueid")
    key = next(key for key in (*keys, *others) if key in fields)
    return f"{key} {fields[key]}"


def aliases(events: list[Headers]) -> dict[str, str]:
    """What stands for each channel and its Uniqueid, and for each bridge (its turn)."""
    alias: dict[str, str] = {}
    for event in events:
        fields = dict(event)
        for key, name in fields.items():
            if key.endswith("Channel") and (own := fields.get(f"{key[:-7]}Uniqueid")):
                alias.setdefault(name, _plain(name, set(alias.values())))
                alias[own] = f"id of {alias[name]}"
        if event[0][1] == "BridgeCreate":
            alias[fields["BridgeUniqueid"]] = f"bridge {sum('bridge' in a for a in alias.values())}"
    return alias


def _plain(name: str, taken: set[str]) -> str:
    """A channel's name without the number that Asterisk counts up."""
    plain = re.sub(r"-[0-9a-f]{8}(?=;|$)", "", name)
    return f"another {plain}" if plain in taken else plain


def renamed(text: str, alias: dict[str, str]) -> str:
    """Without the numbers that Asterisk counts up."""
    return re.sub(r"-[0-9a-f]{8}(?=\)$)", "", alias.get(text, text))


def value(key: str, text: str, unlike: frozenset[str]) -> str:
    masked = PASSING | RACING | FIGURES | PLACE | DIFFERENT | unlike
    either_side = PLACE | {"ChanVariable"} | unlike
    is_masked = key in masked or any(key.endswith(each) for each in either_side)
    is_masked = is_masked or key.startswith("ChanVariable(")
    return "…" if is_masked else text
