"""The desk's commands by REST: every action a screen offers, with the same refusals."""

from typing import Annotated

import msgspec
from msgspec import Meta

from routing.frames import Snapshot
from routing.presence import Presence
from routing.seats import REASON_LIMIT
from web.api.calls import Short
from web.api.operations import Act, Asked, Nothing, Operation
from web.keys import DESK


class Agents(msgspec.Struct, frozen=True):
    """Everybody who is signed in."""

    agents: list[Presence]


class SignIn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where to sit: a device as Asterisk names it (`PJSIP/8001`)."""

    device: Short


class Pause(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why no calls are taken."""

    reason: Annotated[str, Meta(min_length=1, max_length=REASON_LIMIT)]


async def list_agents(asked: Asked[Nothing, Nothing]) -> Agents:
    """Who is signed in, where and in which state."""
    return Agents(list(asked.app[DESK].agents()))


async def get_desk(asked: Asked[Nothing, Nothing]) -> Snapshot:
    """What this person's desk shows."""
    return asked.app[DESK].snapshot(asked.person)


async def sign_in(asked: Asked[Nothing, SignIn]) -> Presence:
    """Sit down at a device, paused until ready."""
    return await asked.app[DESK].sign_in(asked.person, asked.body.device, by=asked.actor)


async def ready(asked: Asked[Nothing, Nothing]) -> Presence:
    """Take calls."""
    return await asked.app[DESK].ready(asked.person, by=asked.actor)


async def pause(asked: Asked[Nothing, Pause]) -> Presence:
    """Take no calls, for a reason."""
    return await asked.app[DESK].pause(asked.person, asked.body.reason, by=asked.actor)


async def sign_out(asked: Asked[Nothing, Nothing]) -> Presence:
    """Leave the device; not in the middle of a call."""
    return await asked.app[DESK].sign_out(asked.person, by=asked.actor)


async def answer(asked: Asked[Nothing, Nothing]) -> Presence:
    """Pick up the ringing phone, where the telephone system can do that."""
    await asked.app[DESK].answer(asked.person)
    return asked.app[DESK].snapshot(asked.person).presence


async def hang_up(asked: Asked[Nothing, Nothing]) -> Presence:
    """End the call this person is in."""
    await asked.app[DESK].hang_up(asked.person)
    return asked.app[DESK].snapshot(asked.person).presence


def _command(word: str, act: Act, body: type[msgspec.Struct] | None = None) -> Operation:
    summary = (act.__doc__ or "").removesuffix(".")
    return Operation(
        method="POST",
        path=f"/desk/{word}",
        summary=summary,
        act=act,
        answer=Presence,
        body=body,
        fails=(409,),
    )


OPERATIONS = (
    Operation(
        method="GET", path="/agents", summary="Who is signed in", act=list_agents, answer=Agents
    ),
    Operation(
        method="GET",
        path="/desk",
        summary="What this person's desk shows: presence, telephone, live calls",
        act=get_desk,
        answer=Snapshot,
    ),
    _command("sign-in", sign_in, SignIn),
    _command("ready", ready),
    _command("pause", pause, Pause),
    _command("sign-out", sign_out),
    _command("answer", answer),
    _command("hang-up", hang_up),
)
