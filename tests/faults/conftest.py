"""One Asterisk for a module of faults; each test leaves it running."""

from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio

from tests.faults.rig import Rig, rig


@pytest.fixture(scope="module")
def ill_treated() -> Iterator[Rig]:
    with rig() as it:
        yield it


@pytest_asyncio.fixture
async def pbx(ill_treated: Rig) -> AsyncIterator[Rig]:
    """The Asterisk, running; its phones are put away afterwards."""
    if not ill_treated.asterisk.is_running():
        ill_treated.asterisk.start()
    yield ill_treated
    ill_treated.asterisk.thaw()
    await ill_treated.lay_down()
