"""What is wrong with settings, in one line each: the field, the fault and the remedy."""

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class SettingsRefused(Exception):  # noqa: N818 - says what is the case
    """The settings stop the start; `complaints` has a line for each that is wrong."""

    def __init__(self, complaints: list[str]) -> None:
        super().__init__("; ".join(complaints))
        self.complaints = complaints


def complaints(model: type[BaseModel], error: ValidationError, file: Path | None) -> list[str]:
    """A line for every wrong setting; secrets are never repeated."""
    return [_complaint(model, detail, file) for detail in error.errors(include_url=False)]


def did_you_mean(name: str, known: list[str]) -> str:
    """`; did you mean X?` where something known is spelt like `name`, else nothing."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
    return f"; did you mean {near[0]}?" if near else ""


def _complaint(model: type[BaseModel], detail: "ErrorDetails", file: Path | None) -> str:
    from config.sources import paths, variable  # noqa: PLC0415 - it raises what stands above

    path = tuple(str(part) for part in detail["loc"])
    name = ".".join(path)
    setting = tuple(part for part in path if not part.isdigit())
    where = f"{file} or {variable(setting)}" if file else variable(setting)
    if detail["type"] == "extra_forbidden":
        near = did_you_mean(name, [".".join(known) for known in paths(model)])
        return f"{name}: no such setting{near}; remove it from {where} (docs/settings.md lists all)"
    fault = detail["msg"].removeprefix("Value error, ").removeprefix("Assertion failed, ")
    return f"{name}: {fault}; correct it in {where}"
