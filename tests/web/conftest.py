"""A running web server for the tests that ask for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.web.house import House, open_house


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    """The server with its defaults."""
    async with open_house(tmp_path) as opened:
        yield opened
