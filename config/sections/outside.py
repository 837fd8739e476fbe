"""Where events and the server's own words go."""

from typing import Annotated, Literal

from pydantic import Field

from config.sections.fields import Port, Secret, Section


class Mqtt(Section):
    """A broker to which call and ticket events go; without a host none is used."""

    host: str | None = None
    """The broker's address. Unset: events stay in this process."""
    port: Port = 1883
    """The broker's port."""
    username: str | None = None
    """Account at the broker."""
    password: Secret | None = None
    """Password of that account."""
    tls: bool = False
    """Whether to speak TLS."""
    client_id: str = Field(default="hotline", min_length=1, max_length=23)
    """Name of this server at the broker; two servers must not share one."""
    prefix: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$")] = "hotline"
    """First part of every topic."""


class Log(Section):
    """What the server says of itself on standard error."""

    level: Literal["debug", "info", "warning", "error"] = "info"
    """Least level that is written."""
    json_lines: bool = True
    """One JSON object a line; false: text for reading at a terminal."""
