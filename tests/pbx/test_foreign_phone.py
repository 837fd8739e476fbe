"""Calls from a SIP telephone that is not ours: sipp, with its own idea of the protocol."""

import asyncio
import shutil
from pathlib import Path

import pytest

from config.pbx.phone import Phone
from tests.pbx.conftest import CROWD, CROWDED, TRUNKS, Performance
from tests.pbx.product import listening
from tests.pbx.stage import answers

pytestmark = pytest.mark.pbx

CALLS = 10
SECONDS = 3.0


async def test_ten_calls_of_a_foreign_telephone_are_answered_calls(
    performance: Performance, tmp_path: Path
) -> None:
    """Sipp calls without a number; every one is queued, answered, and ended by the caller."""
    program = shutil.which("sipp")
    assert program, "run scripts/test-packages: it installs sip-tester"
    rig = performance.rig
    server = ("127.0.0.1", rig.ports.sip)
    async with listening(rig, TRUNKS) as product:
        switch = product.switch(rig, CROWDED.queue)
        agents = []
        for name in CROWD[-CALLS:]:
            phone = Phone(name, server=server, password=f"secret-{name}", audio=b"")
            agents.append(await phone.open("127.0.0.1"))
            phone.on_call = answers
            assert await phone.register() == 200
            await switch.queue_add(f"PJSIP/{name}", name, paused=False)
        sipp = await asyncio.create_subprocess_exec(
            program, "-sn", "uac", "-s", "962200", "-i", CROWDED.address, "-m", str(CALLS),
            "-r", "5", "-d", str(int(SECONDS * 1000)), "-nostdin", f"127.0.0.1:{rig.ports.sip}",
            cwd=tmp_path, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await asyncio.wait_for(sipp.wait(), 40) == 0
        await asyncio.sleep(1)
        for phone in agents:
            await switch.queue_remove(f"PJSIP/{phone.name}")
            phone.close()
    calls = {step.call.id: step.call for step in product.told if hasattr(step, "call")}
    ended = [call for call in calls.values() if call.state == "ended"]
    assert [(call.outcome, call.citizen_number) for call in ended] == [("answered", None)] * CALLS
    assert all(call.talk_seconds and call.talk_seconds > SECONDS - 2 for call in ended)
