"""Who may do what by REST: credentials before everything, posts after that, then what was asked."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from yarl import URL

from routing.people import SYSTEM, Token
from tests.web.house import House, a_call, a_recording, open_house
from web.api import OPERATIONS
from web.api.operations import Operation
from web.keys import Limits
from web.sessions import digest_of

PRIVATE = [operation for operation in OPERATIONS if not operation.public]


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


async def told(answer: ClientResponse) -> tuple[int, str, str]:
    """Status, code and field of a problem, which must be one."""
    assert answer.content_type == "application/problem+json", await answer.text()
    problem = await answer.json(content_type=None)
    assert set(problem) == {"code", "message", "article", "field", "request_id", "status"}
    assert problem["status"] == answer.status
    assert problem["request_id"] == answer.headers["X-Request-Id"]
    return answer.status, problem["code"], problem["field"]


def address_of(operation: Operation) -> str:
    return operation.address.replace("{id}", "x").replace("{number}", "x")


async def test_every_operation_asks_for_credentials_before_it_looks_at_anything(
    house: House,
) -> None:
    stranger = await house.client(Origin=house.url, Accept="image/png")
    answers = {
        named(operation): await told(
            await stranger.request(
                operation.method, address_of(operation) + "?nonsense=1", data="{{{"
            )
        )
        for operation in PRIVATE
    }

    assert answers == {named(operation): (401, "auth.required", "") for operation in PRIVATE}


@pytest.mark.parametrize(
    "header",
    ["Bearer wrong", "Bearer", "Basic d2FuZzp4", "Bearer \u00e9", "Bearer " + "x" * 5000],
)
async def test_wrong_credentials_are_like_none(house: House, header: str) -> None:
    client = await house.client(Authorization=header)

    answer = await client.get("/api/v1/calls?nonsense=1")

    assert await told(answer) == (401, "auth.required", "")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


async def test_addresses_that_do_not_exist_are_not_told_to_strangers(house: House) -> None:
    stranger, known = await house.client(), await house.program("wang")

    assert (await told(await stranger.get("/api/v1/nothing")))[0] == 401
    assert await told(await known.get("/api/v1/nothing")) == (404, "request.not_found", "")


async def test_a_person_without_a_post_may_do_nothing(house: House) -> None:
    client = await house.program("nobody")
    answers = {
        named(operation): await told(
            await client.request(operation.method, address_of(operation) + "?nonsense=1")
        )
        for operation in PRIVATE
    }

    assert answers == {named(operation): (403, "role", "") for operation in PRIVATE}


async def test_a_revoked_token_opens_nothing_from_the_next_request_on(house: House) -> None:
    client = await house.program("wang")
    before = (await client.get("/api/v1/agents")).status
    await house.store.people.revoke_token("wang-token", by=SYSTEM, at=house.clock())

    assert (before, (await client.get("/api/v1/agents")).status) == (200, 401)


async def test_a_locked_persons_token_and_session_open_nothing(house: House) -> None:
    program, browser = await house.program("wang"), await house.browser("wang")
    await house.store.people.set_locked("wang", locked=True, by=SYSTEM, at=house.clock())

    assert (await program.get("/api/v1/agents")).status == 401
    assert (await browser.get("/api/v1/agents")).status == 401


async def test_a_token_that_has_run_out_opens_nothing(house: House) -> None:
    owner = await house.store.people.get("wang")
    assert owner is not None
    token = Token("short", digest_of("s"), owner, house.clock(), house.clock() + timedelta(hours=1))
    await house.store.people.add_token(token, by=SYSTEM, at=house.clock())
    client = await house.client(Authorization="Bearer s")

    before = (await client.get("/api/v1/agents")).status
    house.clock.forward(hours=1)

    assert (before, (await client.get("/api/v1/agents")).status) == (200, 401)


@pytest.mark.parametrize(
    ("person", "seen", "heard"),
    [
        ("wang", "13800138000", 200),
        ("li", "138****8000", 404),
        ("zhao", "13800138000", 200),
        ("root", "13800138000", 200),
    ],
)
async def test_numbers_and_recordings_are_for_those_whose_post_needs_them(
    house: House, person: str, seen: str, heard: int
) -> None:
    await house.keep(a_call("c1", agent="wang", recordings=(a_recording("r1"),)))
    (house.sounds / "r1.wav").write_bytes(b"RIFFsound")
    client = await house.program(person)

    one = await (await client.get("/api/v1/calls/c1")).json()
    listed = await (await client.get("/api/v1/calls")).json()
    sound = await client.get("/api/v1/recordings/r1")

    assert one["citizen_number"] == listed["calls"][0]["citizen_number"] == seen
    assert sound.status == heard


async def test_a_colleagues_recording_and_an_unknown_one_look_alike(house: House) -> None:
    await house.keep(a_call("c1", agent="wang", recordings=(a_recording("r1"),)))
    client = await house.program("li")

    theirs = await told(await client.get("/api/v1/recordings/r1"))

    assert theirs == await told(await client.get("/api/v1/recordings/none"))
    assert theirs == (404, "recording.unknown", "id")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("nonsense=1", "nonsense"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("way=999", "way"),
        ("outcome=fine", "outcome"),
        ("since=yesterday", "since"),
        ("since=2026-11-23T04:00:00", "since"),
        ("before=unknown", "before"),
        ("number=", "number"),
        ("number=1%00", "number"),
        ("agent=" + "x" * 65, "agent"),
    ],
)
async def test_a_wrong_parameter_is_named_with_its_remedy(
    house: House, query: str, field: str
) -> None:
    client = await house.program("wang")

    answer = await client.get(f"/api/v1/calls?{query}")

    assert await told(answer) in [
        (400, code, field)
        for code in ("request.unknown", "request.invalid", "request.repeated", "calls.cursor")
    ]
    assert (await answer.json(content_type=None))["message"].startswith(f"{field}: ")


DEEP = "[" * 100_000
HUGE = '{"kind":"help","content":"' + "x" * 300_000 + '"}'
WRONG_BODIES = {
    "{": (400, "request.malformed", ""),
    "\xff": (400, "request.malformed", ""),
    DEEP: (400, "request.invalid", ""),
    '{"kind":"help","content":' + DEEP: (400, "request.invalid", "content"),
    '{"x":' + DEEP: (400, "request.unknown", "x"),
    "[]": (400, "request.invalid", ""),
    "{}": (400, "request.missing", "kind"),
    '{"kind":"help"}': (400, "request.missing", "content"),
    '{"kind":"help","content":5}': (400, "request.invalid", "content"),
    '{"kind":"no","content":"x"}': (400, "request.invalid", "kind"),
    '{"kind":"help","content":"x","a":1}': (400, "request.unknown", "a"),
    '{"kind":"help","content":"  "}': (400, "ticket.content_missing", "content"),
    HUGE: (413, "request.too_large", ""),
}


async def test_a_wrong_body_is_refused_naming_what_is_wrong(house: House) -> None:
    client = await house.program("wang")
    answers = {
        body: await told(
            await client.post(
                "/api/v1/tickets",
                data=body.encode("latin-1"),
                headers={"Content-Type": "application/json"},
            )
        )
        for body in WRONG_BODIES
    }

    assert answers == WRONG_BODIES


@pytest.mark.parametrize(
    ("body", "headers", "problem"),
    [
        (gzip.compress(b"x" * 9_000_000), {"Content-Encoding": "gzip"}, (415, "request.encoding")),
        (b"not packed", {"Content-Encoding": "br"}, (415, "request.encoding")),
        (b'{"kind":"help","content":"\\ud800"}', {}, (400, "request.malformed")),
        (b'{"kind":"help","content":"x","call":"a\\u0000"}', {}, (400, "request.invalid")),
    ],
)
async def test_packed_and_garbled_bodies_are_the_senders_fault(
    house: House, body: bytes, headers: dict[str, str], problem: tuple[int, str]
) -> None:
    client = await house.program("wang")

    answer = await client.post(
        "/api/v1/tickets", data=body, headers={"Content-Type": "application/json", **headers}
    )

    assert (await told(answer))[:2] == problem


@pytest.mark.parametrize("part", ["%00", "%0a", "x" * 65, "%e2%80%ae"])
async def test_what_cannot_be_an_id_names_nothing(house: House, part: str) -> None:
    client = await house.program("wang")

    for collection in ("calls", "tickets", "recordings"):
        answer = await client.get(URL(f"/api/v1/{collection}/{part}", encoded=True))
        assert (await told(answer))[0] == 404


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded"])
async def test_only_json_is_taken(house: House, kind: str) -> None:
    client = await house.program("wang")

    answer = await client.post(
        "/api/v1/tickets", data='{"kind":"help","content":"x"}', headers={"Content-Type": kind}
    )

    assert await told(answer) == (415, "request.media_type", "Content-Type")


async def test_methods_and_media_types_that_are_not_served_are_problems_too(house: House) -> None:
    client = await house.program("wang")

    method = await client.delete("/api/v1/tickets")
    media = await client.get("/api/v1/calls", headers={"Accept": "text/html;q=0.9, image/*"})
    body = await client.post("/api/v1/desk/ready", json={"device": "PJSIP/8001"})

    assert await told(method) == (405, "request.method", "")
    assert method.headers["Allow"] == "GET,HEAD,POST".replace(",", ", ")
    assert await told(media) == (406, "request.not_acceptable", "Accept")
    assert await told(body) == (400, "request.body", "")


async def test_headers_that_are_too_large_are_refused_by_the_server(house: House) -> None:
    client = await house.program("wang")

    large = await client.get("/api/v1/agents", headers={"X-Large": "x" * 9000})
    many = await client.get("/api/v1/agents", headers={f"X-{n}": "x" for n in range(100)})

    assert (large.status, many.status) == (400, 400)


async def test_a_body_that_dribbles_in_is_given_up(tmp_path: Path) -> None:
    async with open_house(tmp_path, limits=Limits(body_seconds=0.2)) as house:
        client = await house.program("wang")

        async def dribble() -> AsyncIterator[bytes]:
            yield b"{"
            await asyncio.sleep(5)

        answer = await client.post(
            "/api/v1/tickets", data=dribble(), headers={"Content-Type": "application/json"}
        )

        assert await told(answer) == (408, "request.slow", "")


async def test_every_command_of_the_desk_works_by_rest_and_refuses_as_the_screen_does(
    house: House,
) -> None:
    wang, li = await house.program("wang"), await house.program("li")

    unknown = await wang.post("/api/v1/desk/sign-in", json={"device": "PJSIP/9999"})
    seated = await (await wang.post("/api/v1/desk/sign-in", json={"device": "PJSIP/8001"})).json()
    taken = await li.post("/api/v1/desk/sign-in", json={"device": "PJSIP/8001"})
    ready = await (await wang.post("/api/v1/desk/ready")).json()
    unreasoned = await wang.post("/api/v1/desk/pause", json={"reason": " "})
    paused = await (await wang.post("/api/v1/desk/pause", json={"reason": "lunch"})).json()
    idle = await wang.post("/api/v1/desk/hang-up")
    agents = await (await li.get("/api/v1/agents")).json()
    desk = await (await wang.get("/api/v1/desk")).json()
    left = await (await wang.post("/api/v1/desk/sign-out", json={})).json()
    again = await wang.post("/api/v1/desk/ready")

    assert await told(unknown) == (400, "device.unknown", "device")
    assert (seated["state"], seated["device"]) == ("paused", "PJSIP/8001")
    assert await told(taken) == (409, "device.taken", "device")
    assert ready["state"] == "ready"
    assert await told(unreasoned) == (400, "presence.reason", "reason")
    assert (paused["state"], paused["reason"]) == ("paused", "lunch")
    assert await told(idle) == (409, "call.none", "")
    assert [agent["person"] for agent in agents["agents"]] == ["wang"]
    assert (desk["type"], desk["presence"]["device"]) == ("snapshot", "PJSIP/8001")
    assert left["state"] == "signed_out"
    assert await told(again) == (409, "presence.not_now", "")


async def test_answering_reaches_the_switch(house: House) -> None:
    wang = await house.program("wang")
    unseated = await told(await wang.post("/api/v1/desk/answer"))
    await wang.post("/api/v1/desk/sign-in", json={"device": "PJSIP/8001"})

    answered = await wang.post("/api/v1/desk/answer")

    assert unseated == (409, "presence.signed_out", "")
    assert answered.status == 200
    assert ("answer", ("PJSIP/8001",)) in house.switch.told
