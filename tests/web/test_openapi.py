"""The interface described by /api/v1/openapi.json is the interface that is served."""

import asyncio
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from tests.web.house import House, a_call, a_recording, open_house
from web.api import OPERATIONS
from web.api.operations import Operation

REFERENCE = re.compile(r"#/components/schemas/(\w+)")
PUBLIC = {"/api/v1/openapi.json"}


async def described(house: House) -> dict[str, Any]:
    """The document as a stranger gets it."""
    answer = await (await house.client()).get("/api/v1/openapi.json")
    document: dict[str, Any] = await answer.json()
    return document


async def test_every_operation_is_described_at_its_absolute_path(house: House) -> None:
    document = await described(house)
    listed = {
        (method.upper(), path) for path, methods in document["paths"].items() for method in methods
    }

    assert document["openapi"] == "3.1.0"
    assert "servers" not in document
    assert listed == {(operation.method, operation.address) for operation in OPERATIONS}
    assert {path for _, path in listed} >= {
        "/api/v1/calls", "/api/v1/calls/{id}", "/api/v1/agents", "/api/v1/tickets",
        "/api/v1/tickets/{number}", "/api/v1/recordings/{id}", "/api/v1/openapi.json",
    }  # fmt: skip


async def test_only_what_is_public_says_that_it_needs_no_credentials(house: House) -> None:
    document = await described(house)
    unsecured = {
        path
        for path, methods in document["paths"].items()
        for described_operation in methods.values()
        if described_operation.get("security") == []
    }

    assert unsecured == PUBLIC
    assert document["security"] == [{"bearer": []}, {"session": []}]
    assert set(document["components"]["securitySchemes"]) == {"bearer", "session"}


async def test_every_reference_in_the_document_leads_somewhere(house: House) -> None:
    answer = await (await house.client()).get("/api/v1/openapi.json")
    referenced = set(REFERENCE.findall(await answer.text()))

    assert referenced <= set((await answer.json())["components"]["schemas"])
    assert {"Call", "Ticket", "Presence", "Snapshot", "Problem"} <= referenced


async def test_instants_are_described_as_such(house: House) -> None:
    schemas = (await described(house))["components"]["schemas"]

    assert schemas["Call"]["properties"]["started_at"]["format"] == "date-time"
    assert schemas["Segment"]["properties"]["from"]["format"] == "date-time"
    assert schemas["Segment"]["properties"]["to"]["anyOf"][0]["format"] == "date-time"
    assert "format" not in schemas["Call"]["properties"]["id"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, Any]]]:
    """Address and document of a server that runs in a thread of its own."""
    folder, started = tmp_path_factory.mktemp("described"), threading.Event()
    found: list[Any] = []

    async def serve() -> None:
        async with open_house(folder) as house:
            await house.keep(a_call("c1", recordings=(a_recording("r1"),)))
            await house.program("root")
            stop = asyncio.Event()
            found.extend((house.url, await described(house), asyncio.get_running_loop(), stop))
            started.set()
            await stop.wait()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(30)
    url, document, loop, stop = found
    yield url, document
    loop.call_soon_threadsafe(stop.set)
    thread.join(30)


@pytest.fixture(scope="module")
def interface(running: tuple[str, dict[str, Any]]) -> Any:
    """The document as the tester reads it."""
    url, document = running
    schema = schemathesis.openapi.from_dict(document)
    schema.config.update(base_url=url)
    return schema


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{operation.act.__name__}-{mode.value}")
        for operation in OPERATIONS
        for mode in GenerationMode
        if mode is GenerationMode.POSITIVE or not operation.public  # that one takes nothing
    ],
)
def test_whatever_is_sent_the_answer_is_a_described_one(
    interface: Any, operation: Operation, mode: GenerationMode
) -> None:
    described_operation = interface[operation.address][operation.method]

    @settings(
        max_examples=20, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(case=described_operation.as_strategy(generation_mode=mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        case.call_and_validate(
            headers={"Authorization": "Bearer token-of-root"},
            excluded_checks=[positive_data_acceptance],
        )

    ask()
