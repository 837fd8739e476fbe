"""Settings: read once, wrong ones stop the start with the field's name and what to do."""

import os
from pathlib import Path

import pytest

from config.complaints import SettingsRefused
from config.settings import Settings, load
from config.sources import paths, variable


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("HOTLINE_") or name == "CREDENTIALS_DIRECTORY":
            monkeypatch.delenv(name)


def written(folder: Path, text: str) -> Path:
    file = folder / "hotline.toml"
    file.write_text(text, encoding="utf-8")
    return file


def complaints(file: Path | None) -> list[str]:
    with pytest.raises(SettingsRefused) as refused:
        load(file)
    return refused.value.complaints


def test_the_environment_stands_above_credentials_and_those_above_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = written(tmp_path, '[ami]\nport = 1\nhost = "10.0.0.1"\nsecret = "of the file"\n')
    (tmp_path / "ami.secret").write_text("of systemd\n")
    (tmp_path / "tls.pem").write_text("somebody else's")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("HOTLINE_AMI__PORT", "5039")
    ami = load(file).ami
    assert ami.secret is not None
    assert (ami.host, ami.port, ami.secret.get_secret_value()) == ("10.0.0.1", 5039, "of systemd")


def test_a_secret_is_read_from_the_file_it_names_and_never_shown(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cr3t\nsecond line\n")
    settings = load(written(tmp_path, f'[asterisk]\nkey = "file:{tmp_path}/key"\n'))
    assert settings.asterisk.key is not None
    assert settings.asterisk.key.get_secret_value() == "s3cr3t"
    assert "s3cr3t" not in repr(settings)


def test_every_wrong_setting_is_named_with_its_remedy(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
        [ami]
        prot = 5038
        port = 70000
        secret = "file:/no/such/file"
        [trunks.trunk-x]
        way = "119"
        [trunks.trunk-y]
        way = "110"
        case = "header"
        [asterisk]
        server_url = "http://localhost:8962"
        [database]
        url = "postgresql://hotline:guessme@db/hotline"
        """,
    )
    found = {line.partition(": ")[0]: line for line in complaints(file)}
    assert sorted(found) == [
        "ami.port",
        "ami.prot",
        "ami.secret",
        "asterisk.server_url",
        "database.url",
        "trunks.trunk-x.way",
        "trunks.trunk-y",
    ]
    assert "did you mean ami.port?" in found["ami.prot"]
    assert f"correct it in {file} or HOTLINE_AMI__PORT" in found["ami.port"]
    assert "No such file" in found["ami.secret"]
    assert "numeric address" in found["asterisk.server_url"]
    assert "database.password" in found["database.url"]
    assert "guessme" not in "".join(found.values())
    assert "case_header: name the header" in found["trunks.trunk-y"]


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("HOTLINE_AMI__PROT", "1", "no such setting; did you mean HOTLINE_AMI__PORT?"),
        ("HOTLINE_NONSENSE", "1", "no such setting; unset the variable"),
        ("HOTLINE_TRUNKS", "trunk-city", "write it as a JSON object"),
        ("HOTLINE_AMI__PORT__X", "1", "no such setting"),
    ],
)
def test_a_variable_that_is_no_setting_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(name, value)
    (line,) = complaints(None)
    assert line.startswith(f"{name}: ")
    assert expected in line


def test_a_file_that_is_missing_or_no_toml_is_named(tmp_path: Path) -> None:
    assert complaints(tmp_path / "none.toml") == [
        f"{tmp_path / 'none.toml'}: No such file or directory; name a readable file with --config"
    ]
    (line,) = complaints(written(tmp_path, "[ami\n"))
    assert "not TOML" in line


def test_lists_and_tables_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOTLINE_WEB__TRUSTED_PROXIES", "127.0.0.1, ::1")
    monkeypatch.setenv("HOTLINE_TRUNKS", '{"ims": {"way": "962200", "match": ["10.0.0.2"]}}')
    settings = load()
    assert [str(proxy) for proxy in settings.web.trusted_proxies] == ["127.0.0.1", "::1"]
    assert {name: trunk.match for name, trunk in settings.trunks.items()} == {"ims": ("10.0.0.2",)}


def test_without_any_settings_the_three_ways_in_are_known() -> None:
    ways = {name: trunk.way for name, trunk in load().trunks.items()}
    assert ways == {"trunk-city": "962200", "trunk-12345": "12345", "trunk-110": "110"}


def test_every_setting_has_help_and_a_variable_of_its_own() -> None:
    known = list(paths(Settings))
    assert len({variable(path) for path in known}) == len(known) > 40
