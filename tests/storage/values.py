"""Things that the tests of the store keep."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from routing.calls import Call, Offer, Recording, Segment
from routing.people import Actor, Person
from routing.tickets import NewTicket

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
LI = Actor(person="li", address="10.0.0.7", via="page")
ZHANG = "+8613800138000"


def clock() -> datetime:
    """The present instant of these tests."""
    return NOW


def after(seconds: float) -> datetime:
    """So long after NOW."""
    return NOW + timedelta(seconds=seconds)


def call(call_id: str = "c1", **facts: Any) -> Call:
    """A ringing call of Mr Zhang's, but for the facts given."""
    usual = Call(
        id=call_id,
        linkedid="1764000000.1",
        way="962200",
        started_at=NOW,
        state="ringing",
        citizen_number="13800138000",
        citizen_e164=ZHANG,
        offers=(Offer(agent="li", device="PJSIP/8001", rang_at=after(2)),),
        recordings=(Recording(id=f"{call_id}-sound", started_at=NOW),),
    )
    return msgspec.structs.replace(usual, **facts)


def talked(known: Call, agent: str = "li") -> Call:
    """The call, answered, talked and ended after a minute."""
    segment = Segment(agent=agent, device="PJSIP/8001", since=after(5), until=after(60))
    return msgspec.structs.replace(
        known,
        state="ended",
        outcome="answered",
        answered_at=after(5),
        ended_at=after(60),
        talk_seconds=55.0,
        segments=(segment,),
        recordings=tuple(
            msgspec.structs.replace(each, state="closed", seconds=60.0) for each in known.recordings
        ),
    )


def matter(content: str = "楼道灯不亮", **facts: Any) -> NewTicket:
    """A new ticket of Mr Zhang's."""
    return NewTicket(kind="help", content=content, caller_number="13800138000", **facts)


def person(person_id: str = "li") -> Person:
    """An agent."""
    return Person(id=person_id, name="李敏", roles=("agent",))


async def all_at_once(*commands: Any) -> list[Any]:
    """What became of commands given in the same instant: values and errors in their order."""
    return list(await asyncio.gather(*commands, return_exceptions=True))
