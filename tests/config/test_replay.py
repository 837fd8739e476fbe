"""`hotline replay`: standard output carries one call a line and nothing else."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.telephony.captured import capture


@pytest.fixture
def via_12345(tmp_path: Path) -> str:
    file = tmp_path / "via_12345.ami"
    file.write_bytes(capture("via_12345"))
    return str(file)


def replayed(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "config.cli", *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_a_capture_becomes_json_lines(via_12345: str) -> None:
    """Art. 6: a call handed over by 12345 is known as such, by the citizen's own number."""
    done = replayed("replay", via_12345)
    assert (done.returncode, done.stderr) == (0, "")
    (call,) = [json.loads(line) for line in done.stdout.splitlines()]
    seen = {key: call[key] for key in ("way", "citizen_number", "sender_case", "outcome", "state")}
    assert seen == {
        "way": "12345",
        "citizen_number": "13900005555",
        "sender_case": "12345-20261123-000017",
        "outcome": "answered",
        "state": "ended",
    }


def test_which_trunk_is_which_way_in_is_a_setting(tmp_path: Path) -> None:
    """Where the entry event does not say it, the trunk's name does."""
    silent = capture("via_12345").replace(b"Source: 12345", b"Source: ")
    (tmp_path / "renamed.ami").write_bytes(silent.replace(b"PJSIP/trunk-12345", b"PJSIP/ims-hub"))
    (tmp_path / "hotline.toml").write_text('[trunks.ims-hub]\nway = "110"\n')
    done = replayed(
        "--config", str(tmp_path / "hotline.toml"), "replay", str(tmp_path / "renamed.ami")
    )
    assert json.loads(done.stdout)["way"] == "110"


def test_a_file_that_is_missing_or_no_capture_is_told_in_one_line(tmp_path: Path) -> None:
    done = replayed("replay", str(tmp_path / "none.ami"))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"hotline: {tmp_path / 'none.ami'}: No such file or directory\n"

    (tmp_path / "noise.ami").write_bytes(b"\xff" * (2 << 20))
    done = replayed("replay", str(tmp_path / "noise.ami"))
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1
    assert "not a capture of AMI" in done.stderr
