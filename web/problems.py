"""One way from an error to what the asker is told: problem JSON for programs, a page for people.

What a person may not do (`Refusal`) and what cannot be served now keep their words. Everything else
is ours: it is logged under the request's id and told as "internal".
"""

from typing import Final

import msgspec
from aiohttp import web

from regulation.refusal import Refusal
from routing.ports import StoreUnavailable, SwitchUnavailable

MEDIA_TYPE: Final = "application/problem+json"
RETRY_SECONDS: Final = "2"
UNAUTHORIZED: Final = 401
UNAVAILABLE: Final = 503

_HTTP: Final[dict[int, tuple[str, str]]] = {
    400: ("request.malformed", "the request cannot be read; check its syntax"),
    401: ("auth.required", "sign in, or send a bearer token"),
    403: ("auth.forbidden", "this is not open to you"),
    404: ("request.not_found", "there is nothing at this address"),
    405: ("request.method", "this address does not take that method; see the Allow header"),
    406: ("request.not_acceptable", "accept application/json"),
    413: ("request.too_large", "the request is too large; send less"),
    416: ("request.range", "Range: the file has no such bytes"),
    415: ("request.media_type", "send application/json"),
}


class Problem(msgspec.Struct, frozen=True):
    """What is told: a stable code, a message naming field and remedy, its legal ground."""

    code: str
    message: str
    article: str = ""
    field: str = ""
    request_id: str = ""
    status: int = 500

    def body(self) -> bytes:
        """As JSON."""
        return msgspec.json.encode(self)


def known(error: BaseException) -> Problem | None:
    """The problem that a foreseen error stands for; None for a bug of ours."""
    match error:
        case Refusal():
            return Problem(
                error.code, error.message, error.article, error.field, status=error.status
            )
        case StoreUnavailable():
            return Problem("unavailable", "the database cannot answer now; try again", status=503)
        case SwitchUnavailable():
            return Problem(
                "switch.unavailable",
                f"the telephone system did not take the command ({error}); use the phone itself",
                status=503,
            )
        case web.HTTPException():
            code, message = _HTTP.get(error.status, ("request.refused", error.reason))
            return Problem(code, message, status=error.status)
        case _:
            return None


def internal() -> Problem:
    """A bug of ours, told without details."""
    return Problem("internal", "something went wrong here; name the request id when you report it")


def headers(error: BaseException, problem: Problem) -> dict[str, str]:
    """What the answer's head must say besides."""
    if isinstance(error, web.HTTPMethodNotAllowed):
        return {"Allow": ", ".join(sorted(error.allowed_methods))}
    if problem.status == UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="hotline"'}
    if isinstance(error, web.HTTPRequestRangeNotSatisfiable):
        return {name: error.headers[name] for name in ("Content-Range",) if name in error.headers}
    return {"Retry-After": RETRY_SECONDS} if problem.status == UNAVAILABLE else {}
