"""The doctor tells an account that is too strong from one that is right, and names each remedy."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import pytest

from config.doctor import examine, mqtt
from config.doctor_asterisk import NEEDED
from config.findings import Finding
from config.settings import GivenSettings, Settings
from storage import migrate
from telephony.simulator import Simulator
from tests.web.broker import Mosquitto
from web.bus import Broker


def now() -> datetime:
    return datetime.now(UTC)


@pytest.fixture
async def asterisk(tmp_path: Path) -> AsyncIterator[int]:
    simulator = Simulator(username="hotline", secret="right", quiet=True, colleagues=())
    yield await simulator.start()
    await simulator.stop()


def settings_of(folder: Path, port: int, secret: str = "right") -> Settings:
    return GivenSettings.model_validate(
        {
            "data_dir": folder,
            "ami": {"port": port, "secret": secret},
            "spool": {"here": folder, "cel": folder / "Master.csv"},
            "asterisk": {"key": "k"},
        }
    )


async def found(settings: Settings) -> dict[str, Finding]:
    return {finding.subject: finding async for finding in examine(settings, clock=now)}


async def test_a_healthy_place_is_told_line_by_line(tmp_path: Path, asterisk: int) -> None:
    settings = settings_of(tmp_path, asterisk)
    (tmp_path / "Master.csv").touch()
    (tmp_path / "recordings").mkdir()
    await migrate.upgrade(settings.store_address)
    findings = await found(settings)
    states = {subject: each.state for subject, each in findings.items() if "disk" not in subject}
    assert states == {
        "time zone": "ok",
        "database": "ok",
        "dial plan's key": "ok",
        "AMI login": "ok",
        "clock": "ok",
        "AMI rights": "ok",
        "AMI programs": "ok",
        "recordings": "failed",  # the simulated one has no dial plan that could prove it
        "CEL": "ok",
    }
    assert "hotline-doctor" in findings["recordings"].remedy
    assert [path.name for path in (tmp_path / "recordings").iterdir()] == []


async def test_what_is_missing_is_named_with_its_remedy(tmp_path: Path, asterisk: int) -> None:
    findings = await found(settings_of(tmp_path / "none", asterisk, secret="wrong"))
    assert "run `hotline migrate`" in findings["database"].remedy
    assert "manager.conf" in findings["AMI login"].remedy
    assert "spool.cel" in findings["CEL"].remedy
    assert "AMI rights" not in findings
    assert findings["disk (data)"].state == "failed"


async def test_nobody_at_the_other_end_is_a_failure(tmp_path: Path, unused_tcp_port: int) -> None:
    findings = await found(settings_of(tmp_path, unused_tcp_port))
    assert findings["Asterisk"].state == "failed"
    assert "ami.host" in findings["Asterisk"].remedy


@pytest.mark.parametrize(
    ("write", "said"),
    [
        ({"call", "agent", "reporting"}, "may not Originate"),
        ({"call", "agent", "originate", "reporting", "command"}, "too strong: may Command"),
    ],
)
async def test_rights_too_few_or_too_many_are_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, write: set[str], said: str
) -> None:
    monkeypatch.setattr("telephony.simulator.simulator.WRITE", frozenset(write))
    simulator = Simulator(username="hotline", secret="right", quiet=True, colleagues=())
    port = await simulator.start()
    try:
        findings = await found(settings_of(tmp_path, port))
    finally:
        await simulator.stop()
    assert findings["AMI rights"].state == "failed"
    assert said in findings["AMI rights"].seen


def test_what_the_doctor_asks_for_is_what_the_server_sends() -> None:
    from telephony.actions import ACTIONS  # noqa: PLC0415

    assert set(NEEDED) <= set(ACTIONS)


@pytest.mark.services
async def test_the_broker_is_tried_and_a_server_at_work_stays_connected(tmp_path: Path) -> None:
    mosquitto = Mosquitto(tmp_path)
    mosquitto.start()
    try:
        async with aiomqtt.Client("127.0.0.1", mosquitto.port, identifier="hotline") as at_work:
            there = await mqtt(Broker("127.0.0.1", mosquitto.port))
            await at_work.publish("still/connected", b"", qos=1)
    finally:
        mosquitto.stop()
    gone = await mqtt(Broker("127.0.0.1", mosquitto.port))

    assert (there.state, gone.state) == ("ok", "failed")
    assert "mqtt.host" in gone.remedy
