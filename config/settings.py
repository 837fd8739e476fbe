"""All settings of the product, read once at the start: a TOML file, credentials, HOTLINE_*."""

import os
from pathlib import Path
from urllib.parse import quote

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from config.complaints import SettingsRefused, complaints
from config.sections.outside import Log, Mqtt
from config.sections.storage import Database, Spool
from config.sections.telephony import Ami, Asterisk, Trunk, three_trunks
from config.sections.web import Web
from config.sources import PREFIX, read_credentials, read_toml, wrong_variables

DEFAULT_FILE = Path("/etc/hotline/hotline.toml")


class Settings(BaseSettings):
    """Everything an installation may decide; what the law fixes is not here."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=True,
        env_prefix=PREFIX,
        env_nested_delimiter="__",
    )

    data_dir: Path = Path("/var/lib/hotline")
    """Folder of what the server itself keeps, the SQLite database first of all."""
    web: Web = Web()
    database: Database = Database()
    spool: Spool = Spool()
    ami: Ami = Ami()
    trunks: dict[str, Trunk] = Field(default_factory=three_trunks)
    """Lines by PJSIP endpoint. A file that names one names them all; the default ones go."""
    asterisk: Asterisk = Asterisk()
    mqtt: Mqtt = Mqtt()
    log: Log = Log()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment stands above credentials, and those above the file."""
        return (env_settings, init_settings)

    @property
    def database_url(self) -> str:
        """Where the rows are, without a password."""
        return self.database.url or f"sqlite:///{self.data_dir / 'hotline.db'}"

    @property
    def store_address(self) -> str:
        """Where the rows are, with the password where there is one: never to be shown."""
        head, at, tail = self.database_url.partition("@")
        if self.database.password is None or not at:
            return self.database_url
        return f"{head}:{quote(self.database.password.get_secret_value(), safe='')}@{tail}"

    @property
    def spool_there(self) -> Path:
        """The folder shared with Asterisk, as Asterisk sees it."""
        return self.spool.there or self.spool.here

    @property
    def recordings(self) -> Path:
        """The folder of sound files, as this server sees it."""
        return self.spool.here / "recordings"

    @property
    def origin(self) -> str:
        """The origin (scheme, host, port) under which browsers ask for pages."""
        return self.web.public_url or f"http://{self.web.host}:{self.web.port}"


class GivenSettings(Settings):
    """Settings that look at no file and no variable: a demo touches no real installation."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class's signature
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is given."""
        return (init_settings,)


def load(file: Path | None = None) -> Settings:
    """Read the settings from `file`, or from the default one where it exists.

    Raises SettingsRefused with a line for every wrong or unknown setting, naming field and remedy.
    """
    chosen = file or (DEFAULT_FILE if DEFAULT_FILE.exists() else None)
    values = read_toml(chosen) if chosen else {}
    if wrong := wrong_variables(Settings, os.environ):
        raise SettingsRefused(wrong)
    try:
        return Settings(**read_credentials(Settings, values, os.environ))
    except ValidationError as error:
        raise SettingsRefused(complaints(Settings, error, chosen)) from None
