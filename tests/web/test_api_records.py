"""Calls and tickets by REST: lists in pages, keys against doubles, hostile texts as plain text."""

from typing import Any

import pytest

from tests.web.house import House, a_call
from tests.web.test_api_access import told

HOSTILE = [
    "<img src=x onerror=alert(1)>",
    "=cmd|'/c calc'!A1",
    "'; DROP TABLE tickets; --",
    "张三\u202e\u2028李四 😀",
    '"}],"x":[{"',
]


async def test_calls_come_newest_first_in_pages_without_gap_or_double(house: House) -> None:
    for number in range(7):
        await house.keep(a_call(f"c{number}", minutes=number))
    client = await house.program("zhao")

    pages: list[list[str]] = []
    query = {"limit": "3"}
    while True:
        page = await (await client.get("/api/v1/calls", params=query)).json()
        pages.append([call["id"] for call in page["calls"]])
        if page["next"] is None:
            break
        query["before"] = page["next"]

    assert pages == [["c6", "c5", "c4"], ["c3", "c2", "c1"], ["c0"]]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"number": "138 0013 8000"}, ["c2", "c1"]),
        ({"number": "+8613800138000"}, ["c2", "c1"]),
        ({"number": "02162345678"}, ["c3"]),
        ({"agent": "li"}, ["c2"]),
        ({"way": "12345"}, ["c3"]),
        ({"outcome": "lost"}, ["c3"]),
        ({"since": "2026-11-23T04:02:00Z"}, ["c3", "c2"]),
        ({"until": "2026-11-23T12:02:00+08:00"}, ["c1"]),
        ({"since": "2026-11-23T04:01:00Z", "until": "2026-11-23T04:02:00Z"}, ["c1"]),
    ],
)
async def test_calls_are_found_by_their_facts(
    house: House, query: dict[str, str], found: list[str]
) -> None:
    await house.keep(a_call("c1", minutes=1))
    await house.keep(a_call("c2", minutes=2, agent="li"))
    await house.keep(
        a_call(
            "c3",
            minutes=3,
            way="12345",
            outcome="lost",
            citizen_number="62345678",
            citizen_e164="+862162345678",
        )
    )
    client = await house.program("zhao")

    page = await (await client.get("/api/v1/calls", params=query)).json()

    assert [call["id"] for call in page["calls"]] == found


async def test_a_call_has_every_fact_in_the_words_of_the_contract(house: House) -> None:
    await house.keep(a_call("c1"))
    client = await house.program("wang")

    call = await (await client.get("/api/v1/calls/c1")).json()

    assert set(call) == {
        "id", "linkedid", "way", "citizen_number", "citizen_e164", "citizen_name", "did",
        "sender_case", "started_at", "queued_at", "answered_at", "ended_at", "state", "outcome",
        "hangup_cause", "queue_seconds", "talk_seconds", "hold_seconds", "offers", "segments",
        "transfers", "recordings", "survey", "tickets",
    }  # fmt: skip
    assert call["segments"] == [
        {
            "agent": "wang",
            "device": "PJSIP/8001",
            "from": "2026-11-23T04:00:10Z",
            "to": "2026-11-23T04:02:00Z",
            "hold_seconds": 0.0,
        }
    ]
    assert await told(await client.get("/api/v1/calls/c2")) == (404, "call.unknown", "id")


async def test_a_ticket_is_numbered_linked_and_found_again(house: House) -> None:
    await house.keep(a_call("c1"))
    client = await house.program("wang")

    made = await client.post(
        "/api/v1/tickets",
        json={
            "kind": "help",
            "content": "独居老人需要助餐",
            "caller_number": "13800138000",
            "call": "c1",
        },
    )
    ticket = await made.json()
    found = await (await client.get(f"/api/v1/tickets/{ticket['number']}")).json()
    listed = await (await client.get("/api/v1/tickets?number=%2B8613800138000")).json()
    call = await (await client.get("/api/v1/calls/c1")).json()

    assert made.status == 201
    assert ticket["number"] == "20261123-0001"
    assert (ticket["created_by"], ticket["calls"]) == ("wang", ["c1"])
    assert found == ticket
    assert listed == {"tickets": [ticket], "next": None}
    assert call["tickets"] == ["20261123-0001"]


async def test_a_ticket_of_a_call_nobody_knows_is_refused(house: House) -> None:
    client = await house.program("wang")

    answer = await client.post(
        "/api/v1/tickets", json={"kind": "help", "content": "x", "call": "none"}
    )

    assert (await told(answer))[1:] == ("ticket.call_unknown", "call")


async def test_the_same_key_registers_a_matter_once_per_person(house: House) -> None:
    wang, li = await house.program("wang"), await house.program("li")
    matter = {"kind": "consult", "content": "低保申请条件"}
    key = {"Idempotency-Key": "form-1"}

    answers = [
        await client.post("/api/v1/tickets", json=matter, headers=key)
        for client in (wang, wang, li)
    ]
    other = await wang.post("/api/v1/tickets", json={**matter, "content": "x"}, headers=key)
    bad = await wang.post("/api/v1/tickets", json=matter, headers={"Idempotency-Key": "x" * 65})

    assert [(await answer.json())["number"] for answer in answers] == [
        "20261123-0001", "20261123-0001", "20261123-0002",
    ]  # fmt: skip
    assert (await told(other))[:2] == (409, "key.reused")
    assert await told(bad) == (400, "request.key", "Idempotency-Key")


async def test_a_callers_number_is_masked_for_those_who_did_not_take_the_matter(
    house: House,
) -> None:
    wang, li = await house.program("wang"), await house.program("li")
    matter = {"kind": "help", "content": "x", "caller_number": "13800138000"}
    number = (await (await wang.post("/api/v1/tickets", json=matter)).json())["number"]

    seen = await (await li.get(f"/api/v1/tickets/{number}")).json()

    assert (seen["caller_number"], seen["caller_e164"]) == ("138****8000", None)


@pytest.mark.parametrize("text", HOSTILE)
async def test_hostile_texts_come_back_as_they_were_as_json_text(house: House, text: str) -> None:
    await house.keep(a_call("c1", citizen_name=text, citizen_number=text))
    client = await house.program("wang")

    made = await client.post(
        "/api/v1/tickets", json={"kind": "help", "content": text, "caller_name": text}
    )
    ticket: dict[str, Any] = await made.json()
    call = await (await client.get("/api/v1/calls/c1")).json()

    assert made.content_type == "application/json"
    assert made.headers["X-Content-Type-Options"] == "nosniff"
    assert (ticket["content"], ticket["caller_name"]) == (text, text)
    assert (call["citizen_name"], call["citizen_number"]) == (text, text)


@pytest.mark.parametrize("field", ["content", "caller_name", "caller_number"])
@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x07"])
async def test_control_characters_are_refused_by_name(
    house: House, field: str, character: str
) -> None:
    client = await house.program("wang")
    matter = {"kind": "help", "content": "x", field: f"a{character}b"}

    answer = await client.post("/api/v1/tickets", json=matter)

    assert await told(answer) == (400, f"ticket.{field}_control", field)
