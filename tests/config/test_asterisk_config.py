"""`hotline asterisk-config` writes from the settings; what is missing is asked for by name."""

from pathlib import Path

import pytest

from config.cli.group import main

SETTINGS = """
data_dir = "{folder}"
[ami]
secret = "ami-secret"
[asterisk]
key = "dial-plan-key"
server_url = "http://10.1.0.9:8962"
phones = {{ 8001 = "phone-secret" }}
[spool]
there = "/srv/spool"
[trunks.trunk-city]
way = "962200"
match = ["10.1.0.2"]
[trunks.trunk-12345]
way = "12345"
match = ["10.1.0.3"]
host = "10.1.0.3:5080"
case = "header"
case_header = "X-Case"
"""


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    file = tmp_path / "hotline.toml"
    file.write_text(SETTINGS.format(folder=tmp_path), encoding="utf-8")
    return file


def test_the_files_say_what_the_settings_say(settings: Path, tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    assert main(["--config", str(settings), "asterisk-config", str(etc)]) == 0
    written = {path.name: path.read_text(encoding="utf-8") for path in etc.iterdir()}
    assert "secret = ami-secret" in written["manager.conf"]
    assert "phone-secret" in written["pjsip.conf"]
    assert "10.1.0.3:5080" in written["pjsip.conf"]
    assert "PJSIP_HEADER(read,X-Case)" in written["extensions.conf"]
    assert "http://10.1.0.9:8962" in written["extensions.conf"]
    assert "/srv/spool/recordings" in written["extensions.conf"]


def test_the_files_are_not_for_everybody_to_read(settings: Path, tmp_path: Path) -> None:
    etc = tmp_path / "etc"
    main(["--config", str(settings), "asterisk-config", str(etc)])
    assert {path.stat().st_mode & 0o007 for path in etc.iterdir()} == {0}


@pytest.mark.parametrize(
    ("gone", "asked"),
    [
        ('secret = "ami-secret"', "ami.secret: not set"),
        ('key = "dial-plan-key"', "asterisk.key: not set"),
        ('match = ["10.1.0.2"]', "trunks.trunk-city.match: name the addresses"),
    ],
)
def test_what_is_missing_is_asked_for(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], gone: str, asked: str
) -> None:
    settings.write_text(settings.read_text(encoding="utf-8").replace(gone, ""), encoding="utf-8")
    assert main(["--config", str(settings), "asterisk-config", str(tmp_path / "etc")]) == 1
    assert asked in capsys.readouterr().err.splitlines()[-1]
    assert not (tmp_path / "etc").exists()


def test_a_value_that_would_break_a_line_is_refused(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = settings.read_text(encoding="utf-8").replace("phone-secret", "a;b")
    settings.write_text(text, encoding="utf-8")
    assert main(["--config", str(settings), "asterisk-config", str(tmp_path / "etc")]) == 1
    assert "devices" in capsys.readouterr().err
