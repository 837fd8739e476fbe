"""SIP messages, digest answers and session descriptions: what a small phone needs of RFC 3261.

Pure: bytes in, values out. Compact header names are expanded, names compare without case.
"""

import hashlib
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

COMPACT: Mapping[str, str] = MappingProxyType({
    "v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
    "c": "content-type", "r": "refer-to", "b": "referred-by",
})  # fmt: skip
ALLOW = "INVITE, ACK, CANCEL, BYE, REFER, NOTIFY, OPTIONS, UPDATE, INFO"
PCMA, DTMF = 8, 101

Headers = tuple[tuple[str, str], ...]


class BadSip(ValueError):  # noqa: N818 - says what came
    """Bytes that are no SIP message."""


@dataclass(frozen=True)
class Message:
    """A request or a response; `start` is its first line."""

    start: str
    headers: Headers
    body: str = ""

    @property
    def is_response(self) -> bool:
        """Whether it answers a request."""
        return self.start.startswith("SIP/2.0 ")

    @property
    def status(self) -> int:
        """A response's code."""
        return int(self.start.split()[1])

    @property
    def method(self) -> str:
        """The request's method; on a response that of the request it answers."""
        return self["cseq"].split()[1] if self.is_response else self.start.split()[0]

    @property
    def uri(self) -> str:
        """A request's target."""
        return self.start.split()[1]

    @property
    def sequence(self) -> int:
        """CSeq's number."""
        return int(self["cseq"].split()[0])

    @property
    def branch(self) -> str:
        """The transaction both sides name it by."""
        found = re.search(r";branch=([^;,\s]+)", self["via"])
        return found.group(1) if found else ""

    def __getitem__(self, name: str) -> str:
        found = self.get(name)
        if found is None:
            raise BadSip(f"{self.start}: no {name}")
        return found

    def get(self, name: str) -> str | None:
        """The first header of that name."""
        return next(iter(self.all(name)), None)

    def all(self, name: str) -> list[str]:
        """Every header of that name, in order."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def encode(self) -> bytes:
        """The bytes to send; Content-Length is added."""
        body = self.body.encode()
        lines = [f"{name}: {value}" for name, value in self.headers]
        head = "\r\n".join([self.start, *lines, f"Content-Length: {len(body)}", "", ""])
        return head.encode("utf-8", "surrogateescape") + body


def parse(data: bytes) -> Message:
    """The message in a datagram; raises `BadSip`."""
    head, _, body = data.decode("utf-8", "surrogateescape").partition("\r\n\r\n")
    start, *lines = head.split("\r\n")
    if "SIP/2.0" not in start:
        raise BadSip(f"not SIP: {start[:80]!r}")
    pairs = (line.partition(":") for line in lines)
    headers = tuple(
        (COMPACT.get(name.strip().lower(), name.strip()), value.strip()) for name, _, value in pairs
    )
    return Message(start, headers, body)


def response(request: Message, code: int, reason: str, headers: Iterable[tuple[str, str]] = (),
             *, to_tag: str = "", body: str = "") -> Message:  # fmt: skip
    """The answer to a request, with what has to be repeated from it."""
    to = request["to"] if tag(request["to"]) or not to_tag else f"{request['to']};tag={to_tag}"
    copied = [("Via", via) for via in request.all("via")]
    copied += [("Record-Route", route) for route in request.all("record-route")]
    fixed = [("From", request["from"]), ("To", to), ("Call-ID", request["call-id"]),
             ("CSeq", request["cseq"]), ("Allow", ALLOW)]  # fmt: skip
    typed = [("Content-Type", "application/sdp")] if body else []
    return Message(f"SIP/2.0 {code} {reason}", (*copied, *fixed, *headers, *typed), body)


def tag(value: str) -> str:
    """The tag of a From or To header, empty without one."""
    found = re.search(r";tag=([^;>\s]+)", value)
    return found.group(1) if found else ""


def uri(value: str) -> str:
    """The address in a header, without name and parameters."""
    found = re.search(r"<([^>]+)>", value)
    return found.group(1) if found else value.split(";", maxsplit=1)[0].strip()


def user(value: str) -> str:
    """The part before the @ of an address."""
    found = re.search(r"sips?:([^@;>]+)@", value)
    return found.group(1) if found else ""


def fresh(octets: int = 8) -> str:
    """A new identifier for a branch, tag or call."""
    return secrets.token_hex(octets)


def authorization(challenge: Message, method: str, target: str, *, name: str, password: str
                  ) -> tuple[str, str]:  # fmt: skip
    """The header that answers a 401 or 407 (RFC 2617 digest, MD5)."""
    asked = challenge.get("www-authenticate")
    header = "Authorization" if asked else "Proxy-Authorization"
    given = dict(re.findall(r'(\w+)="?([^",]+)"?', asked or challenge["proxy-authenticate"]))
    secret = _md5(f"{name}:{given['realm']}:{password}")
    act = _md5(f"{method}:{target}")
    words = {"username": name, "realm": given["realm"], "nonce": given["nonce"], "uri": target}
    if "qop" in given:
        own = fresh(4)
        words["response"] = _md5(f"{secret}:{given['nonce']}:00000001:{own}:auth:{act}")
        tail = f', qop=auth, nc=00000001, cnonce="{own}"'
    else:
        words["response"] = _md5(f"{secret}:{given['nonce']}:{act}")
        tail = ""
    if "opaque" in given:
        words["opaque"] = given["opaque"]
    said = ", ".join(f'{key}="{value}"' for key, value in words.items())
    return header, f"Digest {said}, algorithm=MD5{tail}"


def description(address: str, port: int, *, direction: str = "sendrecv", version: int = 1) -> str:
    """A session description that offers A-law and telephone events."""
    return "\r\n".join([
        "v=0", f"o=- 1 {version} IN IP4 {address}", "s=-", f"c=IN IP4 {address}", "t=0 0",
        f"m=audio {port} RTP/AVP {PCMA} {DTMF}", f"a=rtpmap:{PCMA} PCMA/8000",
        f"a=rtpmap:{DTMF} telephone-event/8000", f"a=fmtp:{DTMF} 0-16", "a=ptime:20",
        f"a={direction}", "",
    ])  # fmt: skip


@dataclass(frozen=True)
class Media:
    """Where the other side wants its voice, and which ways it flows as it sees them."""

    address: str
    port: int
    direction: str


def media(body: str) -> Media | None:
    """What a session description says; None if there is none."""
    port = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
    address = re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE)
    if not port or not address:
        return None
    way = re.search(r"^a=(sendonly|recvonly|inactive|sendrecv)", body, re.MULTILINE)
    return Media(address.group(1), int(port.group(1)), way.group(1) if way else "sendrecv")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
