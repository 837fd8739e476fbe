"""Where the pages are served and how long somebody stays signed in."""

from typing import Annotated

from pydantic import Field, IPvAnyAddress

from config.sections.fields import Listed, Port, Secret, Section

Url = Annotated[str, Field(pattern=r"^https?://[^\s/]+$")]


class Web(Section):
    """The pages, the REST interface and the answers to the dial plan."""

    host: str = "127.0.0.1"
    """Address to listen on. Leave it on loopback behind a reverse proxy on the same machine."""
    port: Port = 8962
    """Port to listen on."""
    public_url: Url | None = None
    """Address people type into the browser (`https://hotline.example`), without a path. Pages and
    websockets asked for from any other origin are refused; with https the cookie is Secure.
    Unset: `http://HOST:PORT` and localhost."""
    trusted_proxies: Annotated[tuple[IPvAnyAddress, ...], *Listed] = ()
    """Addresses of reverse proxies whose `X-Forwarded-For` is believed."""
    session_idle_minutes: int = Field(default=60, ge=1, le=1440)
    """A browser not used for so long has to sign in again."""
    session_hours: int = Field(default=14, ge=1, le=72)
    """A browser has to sign in again after so long, used or not."""
    login_failures: int = Field(default=5, ge=1, le=100)
    """Wrong passwords for one account, or from one address, before further tries have to wait."""
    login_wait_seconds: int = Field(default=60, ge=1, le=86_400)
    """How long they wait; doubled with every further wrong password, an hour at most."""
    metrics_token: Secret | None = None
    """Bearer token that may read `/metrics`; unset, only loopback may."""
