"""What the sections' fields are made of: secrets, ports, names and the frozen section itself."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr
from pydantic_settings import NoDecode


class Section(BaseModel):
    """A table of the settings file; the text under a field is its help and its documentation."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_default=True, use_attribute_docstrings=True
    )


def _from_file(value: object) -> object:
    """Replace `file:PATH` by the first line of that file."""
    if isinstance(value, str) and value.startswith("file:"):
        path = Path(value.removeprefix("file:"))
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "not UTF-8 text"
            raise ValueError(f"cannot read the secret from {path}: {reason}") from None
        if not lines or not lines[0].strip():
            raise ValueError(f"{path} is empty; write the secret into its first line")
        return lines[0].strip()
    return value


Secret = Annotated[SecretStr, BeforeValidator(_from_file)]
"""A value that is never shown; given in clear, or as `file:PATH` to be read from that file."""


def _split(value: object) -> object:
    """Take `a, b` from the environment as the list it means."""
    return (
        [part.strip() for part in value.split(",") if part.strip()]
        if isinstance(value, str)
        else value
    )


Listed = (NoDecode, BeforeValidator(_split))
"""Annotations of a list that the environment gives with commas."""

Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86_400)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""A name that Asterisk's files take as it is: letters, digits, `_`, `.`, `-`."""
