"""The Asterisk beside the server: manager interface, trunks, queue, telephones."""

import ipaddress
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, IPvAnyAddress, model_validator

from config.sections.fields import Listed, Name, Port, Seconds, Secret, Section

LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
LOOPBACK_6 = ipaddress.IPv6Address("::1")

Header = Annotated[str, Field(pattern=r"^X-[A-Za-z0-9-]{1,60}$")]
Address = Annotated[str, Field(pattern=r"^[A-Za-z0-9.:\[\]_/-]{1,80}$")]
Network = Annotated[str, Field(pattern=r"^[0-9a-fA-F.:]+/[0-9a-fA-F.:]+$")]
Number = Annotated[str, Field(pattern=r"^\d{2,20}$")]


class Ami(Section):
    """Asterisk's manager interface (AMI)."""

    host: str = "127.0.0.1"
    """Asterisk's address."""
    port: Port = 5038
    """Port of the manager interface."""
    username: Name = "hotline"
    """Manager account. It needs `write=call,agent,originate,reporting` and must have no more:
    `hotline doctor` fails for an account that can run programs on Asterisk's machine."""
    secret: Secret | None = None
    """The account's secret."""
    tls: bool = False
    """Whether to speak TLS, when Asterisk is on another machine."""
    ping_seconds: Seconds = 5
    """Asterisk is asked for a sign of life so often; two missing answers make its data stale."""
    timeout_seconds: Seconds = 5
    """A command without an answer for so long has failed."""


class Trunk(Section):
    """A line over which calls come in; the table's name is the PJSIP endpoint's."""

    way: Literal["962200", "12345", "110"]
    """Which way in the line is: the hotline's own number, or calls handed over by 12345 or 110."""
    match: Annotated[tuple[Address, ...], *Listed] = ()
    """Addresses or networks from which the carrier sends its calls."""
    host: Address | None = None
    """Carrier's `HOST:PORT` for calls that go out on this line."""
    caller: Literal["pai", "diversion", "header", "from"] = "pai"
    """Where the citizen's own number stands: P-Asserted-Identity, Diversion, the header named in
    `caller_header`, or From."""
    caller_header: Header | None = None
    """Header that carries the citizen's number, with `caller = "header"`."""
    case: Literal["header", "did", "diversion", "pai", "none"] = "none"
    """Where the sender's case number stands: the header named in `case_header`, the number dialled
    (DID), the user part of Diversion or of P-Asserted-Identity, or nowhere."""
    case_header: Header | None = None
    """Header that carries the case number, with `case = "header"`."""

    case_skip: int = Field(default=0, ge=0, le=20)
    """Leading digits of the number dialled that are not the case number, with `case = "did"`."""

    @model_validator(mode="after")
    def _headers_are_named(self) -> "Trunk":
        if self.caller == "header" and self.caller_header is None:
            raise ValueError('caller_header: name the header, or choose another place in "caller"')
        if self.case == "header" and self.case_header is None:
            raise ValueError('case_header: name the header, or choose another place in "case"')
        return self


def three_trunks() -> dict[str, Trunk]:
    """The three ways in, by the endpoint names of the configuration we render."""
    return {
        "trunk-city": Trunk(way="962200"),
        "trunk-12345": Trunk(way="12345", case="header", case_header="X-Order-Id"),
        "trunk-110": Trunk(way="110", case="header", case_header="X-Order-Id"),
    }


def _plain_address(url: str) -> str:
    parts = urlsplit(url)
    try:
        ipaddress.ip_address(parts.hostname or "")
    except ValueError:
        raise ValueError(
            "write http://ADDRESS:PORT with a numeric address; looking up a name could take long"
        ) from None
    if parts.scheme != "http" or parts.path not in ("", "/"):
        raise ValueError("write http://ADDRESS:PORT, nothing behind it")
    return url.rstrip("/")


class Asterisk(Section):
    """What `hotline asterisk-config` writes into Asterisk's files."""

    number: Number = "962200"
    """The hotline's number, shown to those we call."""
    queue: Name = "hotline"
    """Name of the queue in which citizens wait."""
    outbound_trunk: Name = "trunk-city"
    """The trunk that carries outgoing calls."""
    sip_host: str = "0.0.0.0"  # noqa: S104 - carriers and telephones come from outside
    """Address on which Asterisk takes SIP."""
    sip_port: Port = 5060
    """Port on which Asterisk takes SIP."""
    media_address: str = ""
    """Address that carriers and telephones send speech to, where Asterisk is behind NAT."""
    ami_host: str = "127.0.0.1"
    """Address on which Asterisk's manager interface listens; its port is `ami.port`."""
    ami_permit: Annotated[tuple[Network, ...], *Listed] = ("127.0.0.0/255.0.0.0",)
    """Networks from which the manager account may sign in; this server's must be among them."""
    modules: Path = Path("/usr/lib/x86_64-linux-gnu/asterisk/modules")
    """Folder of Asterisk's modules, on its machine."""
    prompts: Path = Path("/var/lib/asterisk/sounds/zh")
    """Folder of the announcements, on Asterisk's machine."""
    rtp_first: Port = 10_000
    """First port for speech."""
    rtp_last: Port = 20_000
    """Last port for speech."""
    server_url: Annotated[str, AfterValidator(_plain_address)] = "http://127.0.0.1:8962"
    """This server as Asterisk reaches it, by numeric address. Asked before the queue and before a
    number is dialled; without an answer within 0.3 s the call goes on by the default route."""
    asks_from: Annotated[tuple[IPvAnyAddress, ...], *Listed] = (LOOPBACK, LOOPBACK_6)
    """Addresses from which Asterisk may ask; nobody else gets an answer."""
    key: Secret | None = None
    """Shared key by which the server knows Asterisk's questions."""
    phones: dict[Number, Secret] = Field(default_factory=dict)
    """Agents' telephones and their SIP passwords: `8001 = "file:/etc/hotline/phones/8001"`."""
    ring_seconds: int = Field(default=20, ge=5, le=120)
    """How long one agent's telephone rings before the next one's."""
    wait_seconds: int = Field(default=300, ge=10, le=3600)
    """How long a citizen waits before call-back or voicemail are offered."""
    announce_seconds: int = Field(default=45, ge=15, le=600)
    """How often a waiting citizen hears the position."""
    survey: bool = True
    """Whether a citizen is asked for one key of satisfaction when the agent has hung up."""
