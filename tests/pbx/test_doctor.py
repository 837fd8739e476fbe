"""The doctor before a real Asterisk: one shared folder proved, an account too strong found out."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config.doctor_asterisk import examine_asterisk
from config.findings import Finding
from config.settings import GivenSettings, Settings
from tests.pbx.rig import SECRET, Place, Rig, standing

pytestmark = pytest.mark.pbx
ACCOUNT = "write = call,agent,originate,reporting"


@pytest.fixture(scope="module")
def own_rig() -> Iterator[Rig]:
    """An Asterisk whose account may be changed without disturbing other tests."""
    with standing([Place(0)]) as rig:
        yield rig


def settings_of(rig: Rig, here: Path) -> Settings:
    return GivenSettings.model_validate(
        {"ami": {"port": rig.ports.ami, "secret": SECRET}, "spool": {"here": here}}
    )


async def found(rig: Rig, here: Path) -> dict[str, Finding]:
    asked = examine_asterisk(settings_of(rig, here), clock=lambda: datetime.now(UTC))
    return {finding.subject: finding async for finding in asked}


async def test_our_own_configuration_is_healthy_and_the_folder_is_left_clean(own_rig: Rig) -> None:
    before = sorted(own_rig.recordings.iterdir())
    findings = await found(own_rig, own_rig.recordings.parent)
    assert {subject: finding.state for subject, finding in findings.items()} == dict.fromkeys(
        ("AMI login", "clock", "AMI rights", "AMI programs", "recordings"), "ok"
    )
    assert sorted(own_rig.recordings.iterdir()) == before


async def test_a_folder_that_asterisk_does_not_share_is_found_out(
    own_rig: Rig, tmp_path: Path
) -> None:
    (tmp_path / "recordings").mkdir()
    finding = (await found(own_rig, tmp_path))["recordings"]
    assert (finding.state, "spool.there" in finding.remedy) == ("failed", True)


async def test_an_account_that_could_run_programs_is_a_failure(own_rig: Rig) -> None:
    manager = own_rig.asterisk.plan.folders.etc / "manager.conf"
    right = manager.read_text(encoding="utf-8")
    assert ACCOUNT in right
    manager.write_text(right.replace(ACCOUNT, f"{ACCOUNT},system"), encoding="utf-8")
    own_rig.asterisk.ask("manager reload")
    try:
        findings = await found(own_rig, own_rig.recordings.parent)
    finally:
        manager.write_text(right, encoding="utf-8")
        own_rig.asterisk.ask("manager reload")
    assert findings["AMI rights"].state == "failed"
    assert "too strong" in findings["AMI rights"].seen
    assert findings["AMI programs"].state == "failed"
    assert "was not refused" in findings["AMI programs"].seen
