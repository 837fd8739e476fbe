"""What a program sends, turned into checked values or a refusal naming field and remedy."""

import re
from typing import Any

import msgspec
from aiohttp import web

from regulation.refusal import Refusal
from web.bodies import read

JSON = "application/json"

_AT = re.compile(r" - at `\$\.?([^`]*)`$")
_UNKNOWN = re.compile(r"Object contains unknown field `([^`]*)`")
_MISSING = re.compile(r"Object missing required field `([^`]*)`")


def query_of(request: web.Request, shape: type[msgspec.Struct]) -> msgspec.Struct:
    """The query parameters as `shape`; 400 for unknown, repeated and wrong ones."""
    given: dict[str, str] = {}
    for name, value in request.query.items():
        if name in given:
            raise Refusal("request.repeated", f"{name}: give it once", field=name)
        if "\x00" in value:
            raise Refusal("request.invalid", f"{name}: remove the NUL character", field=name)
        given[name] = value
    try:
        return msgspec.convert(given, shape, strict=False)
    except msgspec.ValidationError as error:
        raise refused(error) from None


async def body_of(
    request: web.Request, shape: type[msgspec.Struct] | None
) -> msgspec.Struct | None:
    """The JSON body as `shape`; an operation without one refuses any.

    Raises Refusal: 415 for other media types, 400 naming the field that is wrong. aiohttp raises
    413 for bodies over the limit.
    """
    raw = await read(request) if request.body_exists else b""
    if shape is None:
        if raw.strip() not in (b"", b"{}"):
            raise Refusal("request.body", "send no body here")
        return None
    if raw and request.content_type != JSON:
        raise Refusal(
            "request.media_type", f"Content-Type: send {JSON}", field="Content-Type", status=415
        )
    try:
        return msgspec.json.decode(raw or b"{}", type=shape)
    except msgspec.ValidationError as error:
        raise refused(error) from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        raise Refusal("request.malformed", "the body is not JSON in UTF-8") from None


def given(query: msgspec.Struct) -> dict[str, Any]:
    """The parameters that were sent, or have a default."""
    fields = msgspec.structs.asdict(query)
    return {name: value for name, value in fields.items() if value is not msgspec.UNSET}


def refused(error: msgspec.ValidationError) -> Refusal:
    """The refusal that says what msgspec found: field first, then what is expected there."""
    text = str(error)
    inside = match[1] if (match := _AT.search(text)) else ""
    text = _AT.sub("", text)
    if match := _UNKNOWN.fullmatch(text):
        field = _joined(inside, match[1])
        return Refusal("request.unknown", f"{field}: not known here; leave it out", field=field)
    if match := _MISSING.fullmatch(text):
        field = _joined(inside, match[1])
        return Refusal("request.missing", f"{field}: is required", field=field)
    if "matching regex" in text:
        return Refusal("request.invalid", f"{inside}: printable characters only", field=inside)
    prefix = f"{inside}: " if inside else ""
    return Refusal("request.invalid", f"{prefix}{text[:1].lower()}{text[1:]}", field=inside)


def _joined(inside: str, name: str) -> str:
    return f"{inside}.{name}" if inside else name
