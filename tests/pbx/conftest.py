"""One real Asterisk, every flow played in it once, side by side; tests look at what was then."""

import asyncio
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from routing.calls import Way
from tests.pbx import flows_outward, flows_page, flows_passing_on, flows_queue
from tests.pbx.cel import Row, read
from tests.pbx.manager import Event, Manager
from tests.pbx.product import Product, listening
from tests.pbx.rig import SECRET, Place, Rig, Setting, standing
from tests.pbx.score import Flow, Played
from tests.pbx.stage import Outside, Stage

FLOWS: tuple[Flow, ...] = (
    *flows_queue.score.flows,
    *flows_passing_on.score.flows,
    *flows_page.score.flows,
    *flows_outward.score.flows,
)
WAYS: Mapping[str, Way] = {"direct": "962200", "12345": "12345", "110": "110"}
QUIET, CROWDED = Place(60), Place(61, Setting(strategy="rrmemory"))
CROWD = tuple(f"84{number:02}" for number in range(50))
PLACES = (*(flow.place for flow in FLOWS), QUIET, CROWDED)
TRUNKS: Mapping[str, Way] = {
    "trunk-city": "962200",
    **{place.trunk: WAYS[place.setting.source] for place in PLACES},
}
WAIVER = "HOTLINE_TESTS_WITHOUT_ASTERISK"
AT_ONCE = 14
FLOW_SECONDS = 45


@dataclass(frozen=True)
class Performance:
    """All that was played, and what Asterisk said and wrote meanwhile."""

    rig: Rig
    played: dict[str, list[Played] | Exception]
    heard: bytes
    events: list[Event]
    log: list[Row]
    product: Product

    def of(self, name: str) -> list[Played]:
        played = self.played[name]
        assert not isinstance(played, Exception), f"the flow broke off: {played!r}"
        return played


@pytest.fixture(scope="session")
def rig() -> Iterator[Rig]:
    """The Asterisk of this run; where none can be had the tests fail, unless that is waived."""
    if os.environ.get(WAIVER):
        pytest.skip(f"waived by {WAIVER}")
    with standing(PLACES, devices=CROWD) as rig:
        yield rig


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The closing lines say when nothing was proved on a real Asterisk."""
    if os.environ.get(WAIVER):
        terminalreporter.write_line(f"{WAIVER} is set: NOTHING WAS TRIED ON A REAL ASTERISK")


@pytest.fixture(scope="session")
def performance(rig: Rig) -> Performance:
    """Every flow, played once."""
    return asyncio.run(_perform(rig))


async def _perform(rig: Rig) -> Performance:
    manager = await Manager.login(rig.ports.ami, "hotline", SECRET)
    outside = await Outside.open(rig)
    turns = asyncio.Semaphore(AT_ONCE)
    async with listening(rig, TRUNKS) as product:
        stages = [
            Stage(rig, flow.place, manager, outside, product.switch(rig, flow.place.queue))
            for flow in FLOWS
        ]
        plays = (_play(*pair, turns) for pair in zip(FLOWS, stages, strict=True))
        played = await asyncio.gather(*plays)
        await asyncio.sleep(1)
    await manager.close()
    for stage in stages:
        stage.close()
    outside.phone.close()
    return Performance(
        rig, dict(zip((flow.name for flow in FLOWS), played, strict=True)),
        b"".join(manager.heard), manager.events, read(rig.cel), product,
    )  # fmt: skip


async def _play(flow: Flow, stage: Stage, turns: asyncio.Semaphore) -> list[Played] | Exception:
    async with turns:
        try:
            async with asyncio.timeout(FLOW_SECONDS):
                return await flow.play(stage)
        except Exception as broken:  # noqa: BLE001 - told by the flow's own tests
            return broken
        finally:
            await stage.clear()
