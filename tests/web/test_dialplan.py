"""The dialplan asks before it queues or dials; only with its key, only from its own machine."""

import asyncio
import time

import pytest

from tests.web.house import PBX_KEY, House, a_call, open_house
from web.keys import Secrets

HEADER = "X-Hotline-Key"


async def asked(house: House, question: str) -> str:
    """The answer the dialplan gets."""
    client = await house.client(**{HEADER: PBX_KEY})
    answer = await client.get(f"/pbx/{question}")
    assert answer.content_type == "text/plain"
    return await answer.text()


async def seat(house: House, person: str, device: str) -> None:
    """The person takes calls at the device."""
    client = await house.program(person)
    await client.post("/api/v1/desk/sign-in", json={"device": device})
    await client.post("/api/v1/desk/ready")


@pytest.mark.parametrize(
    ("way", "caller", "answer"),
    [
        ("962200", "13900000000", "ok,0,,0"),
        ("12345", "13900000000", "ok,2,,0"),
        ("110", "anonymous", "ok,6,,0"),
        ("962200", "", "ok,0,,0"),
        ("no such way", "1' OR '1'='1", "ok,0,,0"),
    ],
)
async def test_a_call_enters_the_queue_by_its_way_in(
    house: House, way: str, caller: str, answer: str
) -> None:
    assert await asked(house, f"entry?call=x&way={way}&caller={caller}&case=") == answer


async def test_a_repeat_caller_goes_first_and_to_the_agent_who_knows_the_matter(
    house: House,
) -> None:
    await seat(house, "wang", "PJSIP/8001")
    await house.keep(a_call("c1", agent="wang"))
    house.clock.forward(hours=1)

    assert await asked(house, "entry?call=x&way=962200&caller=13800138000&case=") == (
        "ok,3,PJSIP/8001,1"
    )


@pytest.mark.parametrize(
    ("device", "number", "answer"),
    [
        ("PJSIP/8001", "13800138000", "allow,13800138000"),
        ("PJSIP/8001", "62345678", "allow,02162345678"),
        ("PJSIP/8001", "8001", "allow,8001"),
        ("PJSIP/8002", "13800138000", "deny,nobody_signed_in"),
        ("PJSIP/8002", "110", "allow,110"),
        ("PJSIP/8001", "0012125550100", "deny,number"),
        ("PJSIP/8001", "13800138000%26PJSIP%2Ftrunk", "deny,number"),
    ],
)
async def test_a_phone_dials_what_the_desk_may_dial(
    house: House, device: str, number: str, answer: str
) -> None:
    await seat(house, "wang", "PJSIP/8001")

    assert await asked(house, f"dial?device={device}&number={number}") == answer


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {HEADER: "wrong"},
        {HEADER: ""},
        {HEADER: PBX_KEY, "X-Forwarded-For": "127.0.0.1"},
    ],
)
async def test_nobody_else_gets_an_answer(house: House, headers: dict[str, str]) -> None:
    client = await house.client(**headers)

    statuses = [
        (await client.get(f"/pbx/{q}?device=x&number=110")).status for q in ("entry", "dial")
    ]

    assert statuses == [403, 403]


async def test_without_a_key_in_the_settings_no_key_fits(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with open_house(tmp_path_factory.mktemp("keyless"), secrets=Secrets()) as house:
        client = await house.client(**{HEADER: ""})

        assert (await client.get("/pbx/dial?device=x&number=110")).status == 403


async def test_another_machine_gets_no_answer_even_with_the_key(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with open_house(tmp_path_factory.mktemp("far"), pbx_peers=("127.0.0.9",)) as house:
        client = await house.client(**{HEADER: PBX_KEY})

        assert (await client.get("/pbx/dial?device=x&number=110")).status == 403


@pytest.mark.parametrize("text", ["%00", "%0d%0aSet", "x" * 129, "%e5%bc%a0"])
async def test_what_no_dialplan_sends_is_not_answered(house: House, text: str) -> None:
    client = await house.client(**{HEADER: PBX_KEY})

    assert (await client.get(f"/pbx/dial?device={text}&number=110")).status == 400


async def test_a_slow_database_does_not_keep_the_caller_waiting(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def slow(*_args: object, **_kwargs: object) -> None:
        await asyncio.sleep(5)

    monkeypatch.setattr(house.store.calls, "history", slow)
    began = time.perf_counter()

    answer = await asked(house, "entry?call=x&way=12345&caller=13800138000&case=")

    assert answer == "ok,2,,0"
    assert time.perf_counter() - began < 1
