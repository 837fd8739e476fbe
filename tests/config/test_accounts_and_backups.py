"""Accounts, tokens and backups by the command, on a database of its own."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from config.cli.group import main
from config.cli.opened import clock, with_store
from config.settings import load
from routing.people import Person, Token
from routing.ports import Store

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command on a fresh database; gives exit code, standard output and standard error."""
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("HOTLINE_SPOOL__HERE", str(tmp_path / "spool"))
    (tmp_path / "password").write_text("correct horse battery\n")

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main(arguments)
        told = capsys.readouterr()
        return code, told.out, told.err

    assert call("migrate")[0] == 0
    return call


def added(run: Run, tmp_path: Path, login: str, *more: str) -> tuple[int, str, str]:
    password = str(tmp_path / "password")
    return run("user", "add", login, "--name", "张伟", "--password-file", password, *more)


def test_an_account_is_made_listed_locked_and_unlocked(run: Run, tmp_path: Path) -> None:
    assert added(run, tmp_path, "zhang.wei", "--role", "admin")[0] == 0
    assert run("user", "lock", "zhang.wei")[0] == 0
    assert run("user", "list")[1] == "zhang.wei\tadmin\tlocked\t张伟\n"
    assert run("user", "unlock", "zhang.wei")[0] == 0
    assert run("user", "list")[1] == "zhang.wei\tadmin\topen\t张伟\n"


def test_a_login_is_given_once_and_an_unknown_one_is_named(run: Run, tmp_path: Path) -> None:
    added(run, tmp_path, "zhang.wei")
    code, out, err = added(run, tmp_path, "zhang.wei")
    assert (code, out) == (1, "")
    assert "zhang.wei" in err
    assert run("user", "lock", "li.na") == (
        1,
        "",
        "hotline: nobody is called li.na; `hotline user list` shows all\n",
    )


def test_a_new_password_replaces_the_old_one(run: Run, tmp_path: Path) -> None:
    added(run, tmp_path, "zhang.wei")

    async def kept(store: Store) -> str | None:
        return await store.people.password_hash("zhang.wei")

    before = with_store(load(), kept)
    (tmp_path / "password").write_text("tr0ub4dor and three\n")
    assert run("user", "passwd", "zhang.wei", "--password-file", str(tmp_path / "password"))[0] == 0
    after = with_store(load(), kept)
    assert before
    assert after
    assert before != after
    assert "tr0ub4dor" not in after


def test_a_token_is_shown_once_and_kept_as_its_fingerprint(run: Run, tmp_path: Path) -> None:
    added(run, tmp_path, "zhang.wei")
    _, shown, _ = run("token", "add", "export", "--for", "zhang.wei", "--days", "3")

    async def kept(store: Store) -> Token | None:
        return await store.people.token(hashlib.sha256(shown.strip().encode()).hexdigest())

    token = with_store(load(), kept)
    assert token is not None
    assert token.person == Person(id="zhang.wei", name="张伟", roles=("agent",))
    assert token.expires_at is not None
    assert 2 <= (token.expires_at - clock()).days <= 3
    assert run("token", "revoke", "export")[0] == 0
    assert run("token", "revoke", "export")[0] == 1


def test_a_backup_is_proved_and_restored_to_a_clean_place_only(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    added(run, tmp_path, "zhang.wei")
    (tmp_path / "spool/recordings").mkdir(parents=True)
    (tmp_path / "spool/recordings/one.wav").write_bytes(b"RIFF")
    kept = str(tmp_path / "backup")
    assert run("backup", kept)[0] == 0
    assert run("verify", kept)[0] == 0
    assert "exists: move it away" in run("restore", kept, "--without-recordings")[2]

    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "data2"))
    monkeypatch.setenv("HOTLINE_SPOOL__HERE", str(tmp_path / "spool2"))
    assert run("restore", kept)[0] == 0
    assert (tmp_path / "spool2/recordings/one.wav").read_bytes() == b"RIFF"
    assert run("user", "list")[1] == "zhang.wei\tagent\topen\t张伟\n"
    assert run("verify")[0] == 0

    (tmp_path / "backup/recordings/one.wav").write_bytes(b"RIFX")
    assert run("verify", kept)[2] == "hotline: recordings/one.wav is missing or damaged\n"


def test_a_command_on_a_database_not_made_yet_says_how_to_make_it(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOTLINE_DATA_DIR", str(tmp_path / "nowhere"))
    code, out, err = run("user", "list")
    assert (code, out) == (1, "")
    assert "run `hotline migrate`" in err
