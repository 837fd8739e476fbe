"""Whatever is commanded whenever, every simulated call ends and leaves nothing behind."""

import asyncio
import random

import pytest
from structlog.testing import capture_logs

from telephony.simulator import Conduct, Simulator, Visit
from telephony.simulator.people import How
from tests.telephony.manager import Manager, running

SPEED = 100.0
SECONDS = 1.5
PASSES: tuple[tuple[float, str, How] | None, ...] = (
    None,
    (3.0, "8003", "blind"),
    (3.0, "8001", "attended"),
)


def conduct(chance: random.Random) -> Conduct:
    """Any habit."""
    answers = chance.choice([None, chance.uniform(0, 8)])
    return Conduct(
        answers=answers,
        rejects=chance.choice([None, None, chance.uniform(1, 8)]),
        holds=chance.choice([None, (chance.uniform(0, 5), chance.uniform(0, 5))]),
        passes=chance.choice(PASSES),
        hangs_up=chance.uniform(3, 40),
    )


def visit(chance: random.Random) -> Visit:
    """Anybody."""
    return Visit(
        f"138{chance.randrange(10**8):08}",
        way=chance.choice(("962200", "12345", "110")),
        leaves=chance.choice((None, None, None, "greeting", "queue", "ringing")),
        patience=chance.uniform(0, 6),
        talk=chance.uniform(1, 60),
        digit=chance.choice((None, "1")),
    )


def order(chance: random.Random, channels: list[str]) -> dict[str, str]:
    """Any command about any channels."""
    one, two = chance.choice(channels), chance.choice(channels)
    number = chance.choice(("8001", "8002", "8003", "13811110001", "13811110006", "13811110008"))
    return chance.choice(
        [
            {"Action": "Hangup", "Channel": one},
            {"Action": "BlindTransfer", "Channel": one, "Context": "internal", "Exten": number},
            {"Action": "Atxfer", "Channel": one, "Context": "internal", "Exten": number},
            {"Action": "CancelAtxfer", "Channel": one},
            {"Action": "DemoHangup", "Channel": one},
            {"Action": "DemoAnswer", "Channel": one},
            {"Action": "Bridge", "Channel1": one, "Channel2": two},
            {
                "Action": "Redirect",
                "Channel": one,
                "ExtraChannel": two,
                "Context": "hotline-wait-citizen",
                "ExtraContext": "hotline-wait-agent",
                "Exten": "s",
            },
            {"Action": "Redirect", "Channel": one, "Context": "hotline-resume", "Exten": "s"},
            {
                "Action": "Redirect",
                "Channel": one,
                "ExtraChannel": two,
                "Context": "hotline-conference",
                "Exten": "77",
            },
            {
                "Action": "Originate",
                "Channel": chance.choice(("PJSIP/8001", f"PJSIP/{number}@trunk-city")),
                "Context": chance.choice(("hotline-outbound", "hotline-conference")),
                "Exten": chance.choice((number, "77")),
                "Timeout": "8000",
                "Async": "true",
            },
        ]
    )


@pytest.mark.parametrize("seed", range(4))
async def test_no_order_of_commands_leaves_a_channel_or_a_bridge_behind(seed: int) -> None:
    chance = random.Random(seed)
    simulator = Simulator(
        username="hotline",
        secret="s",
        colleagues=["PJSIP/8002", "PJSIP/8003"],
        quiet=True,
        speed=SPEED,
        seed=seed,
        longest_wait=40,
        behaviour=conduct,
    )
    board = simulator._board
    with capture_logs() as logs:
        async with running(simulator) as port, Manager.at(port, "hotline", "s") as manager:
            await manager.ask("QueueAdd", Queue="hotline", Interface="PJSIP/8001")
            time = asyncio.get_running_loop().time
            until = time() + SECONDS
            while time() < until:
                if chance.random() < 0.3:
                    simulator.place(visit(chance))
                if board.channels:
                    await manager.ask_raw([*order(chance, list(board.channels)).items()])
                await asyncio.sleep(0.01)
            async with asyncio.timeout(20):
                while board.channels or simulator.queue.callers:
                    simulator.put_down("PJSIP/8001")  # the one person at a phone goes home
                    await asyncio.sleep(0.02)
            await manager.ask("Ping")  # answered behind every event before it
            opened = [e["Channel"] for e in map(dict, manager.events) if e["Event"] == "Newchannel"]
            closed = [e["Channel"] for e in map(dict, manager.events) if e["Event"] == "Hangup"]
            bridges = dict(board.bridges)
            owners = dict(simulator._pbx.owners)

    assert [line for line in logs if line["log_level"] == "error"] == []
    assert sorted(opened) == sorted(closed)
    assert len(opened) > 20
    assert bridges == {}
    assert owners == {}
