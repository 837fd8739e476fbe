"""What a real Asterisk does with evil, long and unanswered actions."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from panoramisk import Manager

from regulation.refusal import Refusal
from telephony.actions import LONGEST_LINE
from telephony.failures import Declined
from telephony.link import Link
from tests.faults.rig import SECRET, Rig
from tests.telephony.peer import until

pytestmark = pytest.mark.pbx

INJECTED = (
    "PJSIP/8001\r\n\r\nAction: QueueAdd\r\nQueue: hotline\r\nInterface: PJSIP/8001"
    "\r\nMemberName: INJECTED"
)


async def members(link: Link) -> list[str | None]:
    answer = await link.ask("QueueStatus")
    return [message.get("Name") for message in answer if message.name == "QueueMember"]


async def test_a_line_break_in_a_value_runs_a_second_action_by_bare_panoramisk(pbx: Rig) -> None:
    manager = Manager(
        loop=asyncio.get_running_loop(),
        host="127.0.0.1",
        port=pbx.asterisk.plan.ami_port,
        username=pbx.asterisk.plan.ami_user,
        secret=SECRET,
    )
    await manager.connect()
    assert await until(lambda: manager.authenticated)
    manager.send_action({"Action": "Hangup", "Channel": INJECTED})
    link = await Link.open(pbx.address())
    found: list[Any] = []
    for _ in range(50):
        found = await members(link)
        if found:
            break
        await asyncio.sleep(0.05)
    await link.ask("QueueRemove", {"Queue": "hotline", "Interface": "PJSIP/8001"})
    await link.close()
    manager.connect = lambda: None
    manager.close()
    assert found == ["INJECTED"]


async def test_a_line_break_in_a_value_never_reaches_asterisk_by_our_link(pbx: Rig) -> None:
    link = await Link.open(pbx.address())
    with pytest.raises(Refusal) as refused:
        await link.ask("Hangup", {"Channel": INJECTED})
    assert refused.value.field == "Channel"
    assert await members(link) == []
    await link.close()


async def test_the_longest_line_we_send_is_read_and_a_longer_one_would_not_be(pbx: Rig) -> None:
    link = await Link.open(pbx.address())
    longest = "x" * (LONGEST_LINE - len("Channel: "))
    with pytest.raises(Declined, match="No such channel"):
        await link.ask("Hangup", {"Channel": longest})
    reader, writer = await asyncio.open_connection("127.0.0.1", pbx.asterisk.plan.ami_port)
    writer.write(
        f"Action: Login\r\nUsername: {pbx.asterisk.plan.ami_user}\r\nSecret: {SECRET}\r\n"
        "Events: off\r\n\r\n".encode()
    )
    await reader.readuntil(b"Authentication accepted\r\n\r\n")
    writer.write(f"Action: Hangup\r\nChannel: {longest}x\r\n\r\n".encode())
    answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 2)
    writer.close()
    await link.close()
    assert b"line too long" in answer


async def test_the_account_of_the_server_cannot_reach_a_shell(pbx: Rig, tmp_path: Path) -> None:
    link = await Link.open(pbx.address())
    mark = tmp_path / "reached"
    with pytest.raises(Refusal, match="never sent with this field"):
        await link.ask("Originate", {"Application": "System", "Data": f"touch {mark}"})
    commands = await link.ask("ListCommands")
    may = {name for name, _ in commands[0].items()}
    await link.close()
    assert may & {"Command", "MixMonitor", "UpdateConfig", "Reload", "DBPut", "ModuleLoad"} == set()
    assert may >= {"Originate", "Redirect", "QueueAdd", "CoreShowChannels", "BridgeList"}
