"""Calls and their recordings by REST."""

from datetime import datetime
from typing import Annotated

import msgspec
from aiohttp import web
from msgspec import UNSET, Meta, UnsetType

from regulation.refusal import Refusal
from routing.calls import Call, Outcome, Way
from routing.lists import CallFilter
from routing.sight import may_hear, seen
from web.api.inputs import given
from web.api.operations import Asked, Nothing, Operation
from web.keys import CLOCK, SOUND_FILE, STORE
from web.sounds import play

LONGEST_PAGE = 100

Limit = Annotated[int, Meta(ge=1, le=LONGEST_PAGE, description="How many, at most.")]
Short = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\u0000-\u001f\u007f]+$")]
"""A name, number or id: something printable."""
Instant = Annotated[datetime, Meta(tz=True)]


class CallQuery(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which calls to list, newest first; `before` is `next` of the page before."""

    way: Annotated[Way | UnsetType, Meta(description="The line or direction.")] = UNSET
    outcome: Outcome | UnsetType = UNSET
    number: Annotated[Short | UnsetType, Meta(description="The citizen's, in any usual form.")] = (
        UNSET
    )
    agent: Annotated[Short | UnsetType, Meta(description="Who was rung or talked.")] = UNSET
    since: Annotated[
        Instant | UnsetType, Meta(description="Begun at or after, with time zone.")
    ] = UNSET
    until: Annotated[Instant | UnsetType, Meta(description="Begun before, with time zone.")] = UNSET
    before: Short | UnsetType = UNSET
    limit: Limit = 50


class CallPage(msgspec.Struct, frozen=True):
    """Calls newest first; `next` is what `before` takes for the following page."""

    calls: list[Call]
    next: str | None


async def list_calls(asked: Asked[CallQuery, Nothing]) -> CallPage:
    """One page of calls."""
    query = asked.query
    found = await asked.app[STORE].calls.page(
        CallFilter(**given(query) | {"limit": query.limit + 1})
    )
    shown = [seen(asked.person, call) for call in found[: query.limit]]
    return CallPage(shown, shown[-1].id if len(found) > query.limit else None)


async def get_call(asked: Asked[Nothing, Nothing]) -> Call:
    """One call."""
    call = await asked.app[STORE].calls.get(asked.path("id"))
    if call is None:
        raise Refusal("call.unknown", "id: no call has it", field="id", status=404)
    return seen(asked.person, call)


async def get_recording(asked: Asked[Nothing, Nothing]) -> web.StreamResponse:
    """A recording's sound; every play is in the journal. Unknown and not to be heard look alike."""
    store, recording_id = asked.app[STORE], asked.path("id")
    unknown = Refusal("recording.unknown", "id: no recording has it", field="id", status=404)
    kept = await store.recordings.get(recording_id)
    if kept is None:
        raise unknown
    call_id, recording = kept
    call = await store.calls.get(call_id)
    if call is None or not may_hear(asked.person, call):
        raise unknown
    if recording.state == "recording":
        raise Refusal(
            "recording.running", "it is still being recorded; try after the call", status=409
        )
    path = asked.app[SOUND_FILE](recording)
    if path is None:
        raise Refusal("recording.missing", "its sound file is not there", status=404)

    async def note() -> None:
        await store.recordings.played(recording_id, by=asked.actor, at=asked.app[CLOCK]())

    return await play(asked.request, path, note=note)


OPERATIONS = (
    Operation(
        method="GET",
        path="/calls",
        summary="Calls, newest first",
        act=list_calls,
        answer=CallPage,
        query=CallQuery,
    ),
    Operation(
        method="GET",
        path="/calls/{id}",
        summary="One call",
        act=get_call,
        answer=Call,
        path_names={"id": "The call's id"},
    ),
    Operation(
        method="GET",
        path="/recordings/{id}",
        summary="The sound of a recording",
        act=get_recording,
        media="audio/wav",
        path_names={"id": "The recording's id, from `recordings` of a call"},
        headers={"Range": "One range of bytes", "If-Range": "The ETag the range belongs to"},
        fails=(409, 416),
    ),
)
