"""A real chromium, a running server, and citizens who call."""

import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.browser.visitor import Line
from tests.web.house import House, open_house
from web.keys import DemoAccount

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--autoplay-policy=no-user-gesture-required",
)
ACCOUNTS = (
    DemoAccount("wang", "962200-demo", "王思远", "PJSIP/8001"),
    DemoAccount("zhao", "962200-demo", "赵班长", None),
)


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    """The system's chromium; playwright's own where there is none."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=QUIET
        )
        yield launched
        await launched.close()


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """A server whose telephones can be picked up from the page, as the demonstration's can."""
    async with open_house(tmp_path, demo=ACCOUNTS, can_answer=True) as opened:
        yield opened


@pytest.fixture
def line(house: House) -> Line:
    """The citizens' side of the telephone, with the link to Asterisk up."""
    opened = Line(house)
    opened.up()
    return opened
