"""The REST interface as a table: each operation with who may use it, what it takes and gives.

The table drives both the routes and /api/v1/openapi.json, so the two cannot differ. Credentials
come before everything: who is unknown learns nothing of what is right or wrong in a request.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import msgspec
from aiohttp import web

from regulation.refusal import Refusal
from routing.people import Actor, Person, Role
from web.api.inputs import body_of, query_of
from web.identity import person_of
from web.keys import ACTOR

PREFIX: Final = "/api/v1"
JSON: Final = "application/json"
LONGEST_NAME: Final = 64

Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct)


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """No parameters, no body."""


class Asked(Generic[Q, B]):
    """A request that passed: who asks, the checked query and body."""

    def __init__(self, request: web.Request, query: Q, body: B) -> None:
        self.request = request
        self.query = query
        self.body = body

    @property
    def app(self) -> web.Application:
        """The application with its collaborators."""
        return self.request.app

    @property
    def person(self) -> Person:
        """Who asks."""
        return person_of(self.request)

    @property
    def actor(self) -> Actor:
        """Who asks, for the journal."""
        return self.request[ACTOR]

    def path(self, name: str) -> str:
        """A part of the address, at most 64 printable characters: nothing longer names anything."""
        part = self.request.match_info[name]
        if len(part) > LONGEST_NAME or not part.isprintable():
            raise web.HTTPNotFound
        return part


Act = Callable[[Asked[Any, Any]], Awaitable[Any]]


class Operation(msgspec.Struct, frozen=True, kw_only=True):
    """One thing a program may ask for.

    Args:
        method: GET or POST.
        path: below `PREFIX`, with `{names}`.
        summary: one line for readers.
        act: does it; gives a value to encode, or a whole response.
        answer: type of the value; None for a response that is not JSON.
        query: its parameters.
        body: its JSON body; None when it takes none.
        headers: request headers it looks at, with their meaning.
        media: media type of the answer.
        status: status of success.
        roles: who may; empty for everybody signed in.
        public: whether no credentials are needed.
        path_names: the meaning of the parts of the address.
        fails: statuses it may answer besides those every operation may.
    """

    method: str
    path: str
    summary: str
    act: Act
    answer: Any = None
    query: type[msgspec.Struct] = Nothing
    body: type[msgspec.Struct] | None = None
    headers: Mapping[str, str] = {}
    media: str = JSON
    status: int = 200
    roles: tuple[Role, ...] = ("agent", "supervisor")
    public: bool = False
    path_names: Mapping[str, str] = {}
    fails: tuple[int, ...] = ()

    @property
    def address(self) -> str:
        """The whole path."""
        return PREFIX + self.path


def served(operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The operation as aiohttp calls it."""

    async def serve(request: web.Request) -> web.StreamResponse:
        if not operation.public:
            person_of(request, *operation.roles)
        _require_acceptable(request, operation.media)
        query = query_of(request, operation.query)
        body = await body_of(request, operation.body)
        given = await operation.act(Asked(request, query, body))
        if isinstance(given, web.StreamResponse):
            return given
        return web.Response(
            body=msgspec.json.encode(given), status=operation.status, content_type=JSON
        )

    return serve


def _require_acceptable(request: web.Request, media: str) -> None:
    """406 unless the Accept header takes our media type (none takes everything)."""
    accepted = request.headers.get("Accept", "*/*")
    family = media.partition("/")[0]
    for entry in accepted.split(","):
        kind, *settings = (part.strip().lower() for part in entry.split(";"))
        refused = any(s.replace(" ", "") in ("q=0", "q=0.0", "q=0.00") for s in settings)
        if kind in ("*/*", f"{family}/*", media) and not refused:
            return
    raise Refusal(
        "request.not_acceptable", f"Accept: this answers {media}", field="Accept", status=406
    )
