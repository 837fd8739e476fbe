"""Where rows and files are kept."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from config.sections.fields import Secret, Section

_PASSWORD = re.compile(r"//[^/@\s]*:[^/@\s]*@")


def _database_url(url: str) -> str:
    if _PASSWORD.search(url):
        raise ValueError("leave the password out of the address; put it into database.password")
    if not url.startswith(("sqlite:///", "postgresql://")):
        raise ValueError("write sqlite:///FILE or postgresql://USER@HOST:PORT/DATABASE")
    return url


class Database(Section):
    """The database: SQLite in the data folder, or PostgreSQL."""

    url: Annotated[str, AfterValidator(_database_url)] | None = None
    """`sqlite:///FILE` or `postgresql://USER@HOST:PORT/DATABASE`. Unset: `hotline.db` in the data
    folder."""
    password: Secret | None = None
    """Password of the PostgreSQL user."""


class Spool(Section):
    """Files that this server and Asterisk both see, each by its own path."""

    here: Path = Path("/var/spool/asterisk/hotline")
    """The shared folder as this server sees it: recordings and voicemails lie in it."""
    there: Path | None = None
    """The same folder as Asterisk sees it. Unset: the same path."""
    cel: Path = Path("/var/log/asterisk/cel-custom/Master.csv")
    """Asterisk's file of channel events (CEL) as this server sees it; gaps are filled from it."""
