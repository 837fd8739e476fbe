"""Where settings come from besides the environment: the TOML file and systemd's credentials."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from config.complaints import SettingsRefused, did_you_mean

PREFIX = "HOTLINE_"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
NOT_SETTINGS = frozenset({"HOTLINE_CONFIG", "HOTLINE_DEBIAN_ARCHIVE"})
"""Variables of ours that are no settings: their file, and where `hotline pbx` fetches from."""


def read_toml(file: Path) -> dict[str, Any]:
    """The file's tables. Raises SettingsRefused when it cannot be read or is not TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsRefused(
            [f"{file}: {error.strerror}; name a readable file with --config"]
        ) from None
    except UnicodeDecodeError:
        raise SettingsRefused([f"{file}: not UTF-8; save it as UTF-8"]) from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsRefused([f"{file}: not TOML: {error}"]) from None


def read_credentials(
    model: type[BaseModel], values: dict[str, Any], environ: Mapping[str, str]
) -> dict[str, Any]:
    """Lay systemd's credentials over the file's values.

    A credential is a file in `$CREDENTIALS_DIRECTORY` named like the setting (`ami.secret`); other
    files there are none of ours.
    """
    folder = environ.get(CREDENTIALS)
    if not folder or not Path(folder).is_dir():
        return values
    for credential in sorted(Path(folder).iterdir()):
        path = credential.name.split(".")
        if len(path) > 1 and kind(model, path) == "value":
            values = _with(values, path, f"file:{credential}")
    return values


def _with(values: dict[str, Any], path: list[str], value: str) -> dict[str, Any]:
    head, *rest = path
    if not rest:
        return {**values, head: value}
    inner = values.get(head)
    return {**values, head: _with(inner if isinstance(inner, dict) else {}, rest, value)}


def wrong_variables(model: type[BaseModel], environ: Mapping[str, str]) -> list[str]:
    """A complaint for each `HOTLINE_*` variable that is no setting, or a table but not JSON."""
    known = [variable(path) for path in paths(model)]
    found = []
    for name in sorted(environ):
        if not name.upper().startswith(PREFIX) or name.upper() in NOT_SETTINGS:
            continue
        what = kind(model, name[len(PREFIX) :].lower().split("__"))
        if what is None:
            near = did_you_mean(name, known)
            found.append(f"{name}: no such setting{near}; unset the variable")
        elif what == "table" and not _is_json_object(environ[name]):
            found.append(f"{name}: a whole table; write it as a JSON object")
    return found


def _is_json_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except ValueError:
        return False


def variable(path: tuple[str, ...]) -> str:
    """The environment variable of a setting: `HOTLINE_AMI__PORT`."""
    return PREFIX + "__".join(path).upper()


def paths(model: type[BaseModel], above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every setting's path; the names in a table of one's own are written `NAME`."""
    for name, field in model.model_fields.items():
        path = (*above, name)
        section, named = section_of(field.annotation)
        if section is None:
            yield (*path, "NAME") if named else path
        else:
            yield from paths(section, (*path, "NAME") if named else path)


def kind(model: type[BaseModel], path: list[str]) -> Literal["value", "table"] | None:
    """What stands at the path: a value, a whole table, or nothing that is a setting."""
    head, *rest = path
    field = model.model_fields.get(head)
    if field is None:
        return None
    section, named = section_of(field.annotation)
    if named and rest:
        rest, named = rest[1:], False
    if not rest:
        return "table" if named or section else "value"
    return kind(section, rest) if section else None


def section_of(annotation: object) -> tuple[type[BaseModel] | None, bool]:
    """The section a field holds, if any, and whether it holds a table of them by name."""
    named = get_origin(annotation) is dict
    inner: object = get_args(annotation)[1] if named else annotation
    if isinstance(inner, type) and issubclass(inner, BaseModel):
        return inner, named
    return None, named
