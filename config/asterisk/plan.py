"""What a rendered Asterisk shall be: trunks, devices, queues, folders, ports, as plain values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from pathlib import Path
from typing import Literal

Source = Literal["direct", "12345", "110"]
Where = Literal["from", "pai", "diversion", "header", "did", "none"]

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
# A line of a configuration file ends at a line break, a value at a semicolon.
UNWRITABLE = re.compile(r"[\x00-\x1f\x7f;\\]")


class BadPlan(ValueError):  # noqa: N818 - names the thing, as the other refusals do
    """A value that Asterisk's configuration cannot hold; names the field and the remedy."""


@dataclass(frozen=True)
class Taken:
    """Where a trunk carries a fact: the SIP header `header`, the DID after `skip` digits."""

    where: Where
    header: str = ""
    skip: int = 0


@dataclass(frozen=True)
class Trunk:
    """A carrier or a neighbouring platform: calls are known as its own by their source address.

    `hosts` are IP addresses or networks it sends from; outbound calls go to `contact`
    (`sip:192.0.2.1:5060`). `caller` and `case` say where it carries the citizen's number and its
    own case number.
    """

    name: str
    source: Source
    hosts: tuple[str, ...]
    contact: str
    caller: Taken = Taken("pai")
    case: Taken = Taken("none")
    queue: str = "hotline"


@dataclass(frozen=True)
class Device:
    """A phone on an agent's table: the account a softphone registers with."""

    name: str
    password: str
    shown_as: str = ""


@dataclass(frozen=True)
class Queue:
    """One waiting line, in seconds. `members` are devices signed in for good (load tests)."""

    name: str = "hotline"
    strategy: str = "leastrecent"
    ring_seconds: int = 20
    max_wait_seconds: int = 300
    max_waiting: int = 0
    announce_seconds: int = 45
    members: tuple[str, ...] = ()


@dataclass(frozen=True)
class Folders:
    """Every folder of one Asterisk; the defaults are those of Debian's package."""

    etc: Path = Path("/etc/asterisk")
    modules: Path = Path("/usr/lib/x86_64-linux-gnu/asterisk/modules")
    data: Path = Path("/usr/share/asterisk")
    var: Path = Path("/var/lib/asterisk")
    spool: Path = Path("/var/spool/asterisk")
    run: Path = Path("/var/run/asterisk")
    log: Path = Path("/var/log/asterisk")
    sbin: Path = Path("/usr/sbin")
    prompts: Path = Path("/var/lib/asterisk/sounds/zh")
    recordings: Path = Path("/var/spool/asterisk/hotline/recordings")
    voicemails: Path = Path("/var/spool/asterisk/hotline/voicemails")


@dataclass(frozen=True)
class Plan:
    """One Asterisk beside one server.

    `server` is the server's address for the dialplan's questions and must be an IP address: a name
    would be looked up with time-outs of its own. `media_address` is put into SDP where set.
    """

    devices: tuple[Device, ...]
    trunks: tuple[Trunk, ...]
    ami_secret: str
    server_key: str
    server: str = "http://127.0.0.1:8962"
    number: str = "962200"
    queues: tuple[Queue, ...] = (Queue(),)
    outbound_trunk: str = "trunk-city"
    folders: Folders = field(default_factory=Folders)
    system_name: str = "hotline"
    sip_bind: str = "0.0.0.0:5060"
    media_address: str = ""
    ami_user: str = "hotline"
    ami_bind: str = "127.0.0.1"
    ami_port: int = 5038
    ami_permit: tuple[str, ...] = ("127.0.0.0/255.0.0.0",)
    rtp_from: int = 10000
    rtp_to: int = 20000
    qualify_seconds: int = 8
    registration_seconds: int = 30
    preferred_seconds: int = 12
    transfer_seconds: int = 25
    outbound_seconds: int = 45
    survey: bool = True
    outbound_notice: bool = True
    key_seconds: int = 6
    voicemail_seconds: int = 180

    def __post_init__(self) -> None:
        for where, text in _texts("", self):
            if UNWRITABLE.search(text):
                raise BadPlan(f"{where}: remove control characters, ';' and '\\' from {text!r}")
        _check_names(self)
        if not re.fullmatch(r"https?://[0-9.]+:\d+", self.server):
            raise BadPlan(
                f"server: give an IP address and port (http://10.0.0.5:8962), not {self.server!r}"
            )
        if not 5 <= self.qualify_seconds <= 10:  # noqa: PLR2004 - a phone gone silent is noticed in time
            raise BadPlan(f"qualify_seconds: choose 5 to 10 seconds, not {self.qualify_seconds}")


def _check_names(plan: Plan) -> None:
    queues = {queue.name for queue in plan.queues}
    named = [
        *(("devices", device.name) for device in plan.devices),
        *(("trunks", trunk.name) for trunk in plan.trunks),
        *(("queues", name) for name in queues),
        ("ami_user", plan.ami_user),
        ("system_name", plan.system_name),
    ]
    for where, name in named:
        if not NAME.fullmatch(name):
            raise BadPlan(f"{where}: use letters, digits, '-' and '_' only, not {name!r}")
    for device in plan.devices:
        if not device.password:
            raise BadPlan(f"devices: give {device.name} a password")
    for trunk in plan.trunks:
        if trunk.queue not in queues:
            raise BadPlan(
                f"trunks: {trunk.name} names the queue {trunk.queue!r}, which is not planned"
            )
    if plan.outbound_trunk not in {trunk.name for trunk in plan.trunks}:
        raise BadPlan(f"outbound_trunk: {plan.outbound_trunk!r} is not among the trunks")


def _texts(where: str, value: object) -> Iterator[tuple[str, str]]:
    """Every text within a plan with the name of its field, folders included."""
    if isinstance(value, str | Path):
        yield where, str(value)
    elif isinstance(value, tuple):
        for item in value:
            yield from _texts(where, item)
    elif is_dataclass(value):
        for each in fields(value):
            yield from _texts(f"{where}.{each.name}".lstrip("."), getattr(value, each.name))
