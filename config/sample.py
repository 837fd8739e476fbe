"""The demo's sample organisation: five accounts, and matters that citizens raised days ago."""

from datetime import datetime, timedelta

from argon2 import PasswordHasher

from regulation.refusal import Refusal
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
        new = NewTicket(kind=kind, content=content, caller_number=number, caller_name=name)
        await store.tickets.save(new, by=_BY, at=now - timedelta(days=days))
