"""The command: every failure is one line on standard error and an exit code, never a traceback."""

from pathlib import Path

import pytest

from config.cli.group import COMMANDS, main

Captured = pytest.CaptureFixture[str]


def test_the_version_is_printed(capsys: Captured) -> None:
    assert main(["version"]) == 0
    assert capsys.readouterr().out.startswith("hotline 0.1.0")


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["no-such-command"], 2, "No such command 'no-such-command'. (see hotline --help)"),
        (["asterisk-config"], 2, "Missing argument 'DIR'. (see hotline asterisk-config --help)"),
        (["--config", "/none.toml", "migrate"], 1, "/none.toml: No such file or directory"),
        (["user", "add", "No One", "--name", "x"], 1, "login 'No One': 2 to 32 of a-z"),
        (["asterisk-config", "/proc/x"], 1, "trunks.trunk-city.match: name the addresses"),
    ],
)
def test_a_failure_is_one_line_that_says_what_to_do(
    capsys: Captured, arguments: list[str], code: int, said: str
) -> None:
    assert main(arguments) == code
    told = capsys.readouterr()
    assert told.out == ""
    (line,) = told.err.splitlines()
    assert line.startswith(f"hotline: {said}")


def test_every_wrong_setting_is_a_line_of_its_own(tmp_path: Path, capsys: Captured) -> None:
    file = tmp_path / "hotline.toml"
    file.write_text("[ami]\nport = 0\nprot = 1\n")
    assert main(["--config", str(file), "migrate"]) == 1
    assert len(capsys.readouterr().err.splitlines()) == 2


def test_a_bug_is_one_line_too(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    def broken() -> None:
        raise KeyError("x")

    monkeypatch.setattr("config.cli.version.platform.python_version", broken)
    assert main(["version"]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("hotline: internal fault: KeyError: 'x' (")
    assert "test_command.py" in line


def test_every_command_tells_what_it_does(capsys: Captured) -> None:
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)
