"""The demo's sample organisation: five accounts, and matters that citizens raised days ago."""

from datetime import datetime, timedelta
from uuid import uuid4

from argon2 import PasswordHasher

from regulation.refusal import Refusal
from routing.calls import Call, Offer, Segment
from routing.numbers import e164
from routing.people import Actor, Person
from routing.ports import Store
from routing.tickets import Kind, NewTicket
from web.keys import DemoAccount

PASSWORD = "962200-demo"  # noqa: S105 - shown on the demo's login page
PEOPLE: tuple[tuple[Person, str | None], ...] = (
    (Person(id="agent1", name="李静怡", roles=("agent",)), "8001"),
    (Person(id="agent2", name="王思远", roles=("agent",)), "8002"),
    (Person(id="agent3", name="张晓雯", roles=("agent",)), "8003"),
    (Person(id="supervisor", name="陈志强", roles=("agent", "supervisor")), "8000"),
    (Person(id="admin", name="系统管理员", roles=("admin",)), None),
)
ACCOUNTS = tuple(
    DemoAccount(id=person.id, password=PASSWORD, name=person.name, device=device)
    for person, device in PEOPLE
)
"""Accounts for the demo's login page, with the telephone each may sit at."""

_BY = Actor(person="agent2", address="127.0.0.1", via="page")
_MATTERS: tuple[tuple[int, Kind, str, str, str], ...] = (
    (9, "consult", "13800001234", "王小明", "咨询最低生活保障的申请条件和材料,已按指南答复。"),
    (6, "complaint", "13800002345", "李秀英", "反映老年助餐点近一周晚餐供应不足,要求尽快解决。"),
    (5, "help", "13900004567", "陈桂兰", "独居老人,请求联系居家养老上门服务,行动不便。"),
    (4, "consult", "02162345678", "浦东塘桥居委会", "询问婚姻登记异地办理的试点范围。"),
    (3, "complaint", "13800002345", "李秀英", "再次来电:助餐点问题尚未收到回复。"),
    (2, "suggestion", "02167890123", "静安大宁路养老院", "建议公布各区养老机构空余床位。"),
    (1, "help", "13700005678", "吴志强", "走失老人求助,已同时报110,请民政救助站协查。"),
)  # fmt: skip


async def settle(store: Store, *, now: datetime) -> None:
    """Bring the sample organisation into an empty database; one that has it is left alone."""
    kept = PasswordHasher().hash(PASSWORD)
    for person, _ in PEOPLE:
        try:
            await store.people.add(person, password_hash=kept, by=_BY, at=now)
        except Refusal as known:
            if known.code != "person.exists":
                raise
            return
    for days, kind, number, name, content in _MATTERS:
        call = _call(number, at=now - timedelta(days=days))
        await store.calls.record(call, "ended", at=call.ended_at or now)
        new = NewTicket(
            kind=kind, content=content, caller_number=number, caller_name=name, call=call.id
        )
        await store.tickets.save(new, by=_BY, at=call.ended_at or now)


def _call(number: str, *, at: datetime) -> Call:
    """A citizen talked with agent2 for two minutes; nothing was recorded."""
    rang, answered, ended = (at + timedelta(seconds=s) for s in (9, 12, 132))
    return Call(
        id=str(uuid4()),
        linkedid=f"sample-{number}-{at:%d}",
        way="962200",
        started_at=at,
        state="ended",
        citizen_number=number,
        citizen_e164=e164(number),
        did="962200",
        queued_at=rang,
        answered_at=answered,
        ended_at=ended,
        outcome="answered",
        hangup_cause=16,
        queue_seconds=3.0,
        talk_seconds=120.0,
        hold_seconds=0.0,
        offers=(Offer("agent2", "PJSIP/8002", rang, "answered"),),
        segments=(Segment("agent2", "PJSIP/8002", answered, ended),),
    )
