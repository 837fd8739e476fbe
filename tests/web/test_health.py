"""What watchers are told: health without credentials, figures with them."""

from datetime import timedelta

import pytest

from routing.ports import StoreUnavailable
from tests.web.house import METRICS_TOKEN, House, open_house
from web.keys import Secrets


async def test_a_server_whose_tasks_work_is_healthy_to_anybody(house: House) -> None:
    client = await house.client()
    answers = {
        name: await (await client.get(f"/health/{name}")).json()
        for name in ("live", "ready", "engine")
    }

    assert answers == {
        "live": {"status": "ok", "tasks": [], "late": {}},
        "ready": {"status": "ok", "tasks": [], "late": {}},
        "engine": {"status": "ok", "tasks": ["screens"], "late": {}},
    }


async def test_a_task_that_hangs_is_named_while_the_process_lives(house: House) -> None:
    house.pulses.expect("timers", within=timedelta(seconds=5))
    client = await house.client()
    house.clock.forward(seconds=4)
    before = (await client.get("/health/engine")).status
    house.clock.forward(seconds=2)

    answer = await client.get("/health/engine")

    assert before == 200
    assert answer.status == 503
    assert (await answer.json())["late"] == {"timers": 6.0}
    assert (await client.get("/health/live")).status == 200


async def test_a_server_without_its_database_lives_but_is_not_ready(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def locked() -> None:
        raise StoreUnavailable("locked")

    monkeypatch.setattr(house.store, "ping", locked)
    client = await house.client()

    assert (await client.get("/health/ready")).status == 503
    assert (await client.get("/health/live")).status == 200


async def test_figures_are_for_the_token_and_for_admins(house: House) -> None:
    reader = await house.client(Authorization=f"Bearer {METRICS_TOKEN}")
    statuses = {
        "stranger": (await (await house.client()).get("/metrics")).status,
        "wrong": (await (await house.client(Authorization="Bearer x")).get("/metrics")).status,
        "agent": (await (await house.program("wang")).get("/metrics")).status,
        "admin": (await (await house.program("root")).get("/metrics")).status,
        "reader": (await reader.get("/metrics")).status,
    }

    assert statuses == {"stranger": 401, "wrong": 401, "agent": 403, "admin": 200, "reader": 200}


async def test_figures_count_requests_by_pattern_and_screens(house: House) -> None:
    reader = await house.client(Authorization=f"Bearer {METRICS_TOKEN}")
    program = await house.program("wang")
    await program.get("/api/v1/calls/one")
    await program.get("/api/v1/calls/two")
    browser = await house.browser("wang")
    async with browser.ws_connect("/ws") as screen:
        await screen.receive()
        text = await (await reader.get("/metrics")).text()

    assert (
        'hotline_http_requests_total{method="GET",route="/api/v1/calls/{id}",status="404"} 2.0'
        in text
    )
    assert "hotline_screens 1.0" in text
    assert "hotline_screen_writes_total 1.0" in text


async def test_without_a_token_this_machine_may_read_but_not_through_a_proxy(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    async with open_house(tmp_path_factory.mktemp("open"), secrets=Secrets()) as house:
        local = await house.client()
        forwarded = await house.client(**{"X-Forwarded-For": "10.1.1.1"})

        assert (await local.get("/metrics")).status == 200
        assert (await forwarded.get("/metrics")).status == 401
