"""The main job on real input: a SIP call into a real Asterisk, in a real browser."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from config.pbx import demo
from config.pbx.citizens import Habits
from tests.browser import shift

pytestmark = [pytest.mark.browser, pytest.mark.pbx]

BRISK = Habits(pause=(2, 3), patience=(14, 18), ring=(2, 3))


@pytest.fixture
def folder() -> Iterator[Path]:
    """Where Asterisk's own user can get, too; gone afterwards."""
    made = Path(tempfile.mkdtemp(prefix="hotline-real-call-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.mark.timeout(240)
async def test_a_sip_call_pops_is_answered_saved_and_heard(folder: Path, browser: Browser) -> None:
    """Sign in, the call pops, the phone is lifted, a reload in mid-call, save, listen."""
    page = await browser.new_page(viewport={"width": 1366, "height": 768})
    port = shift.free_port()
    async with demo.playing(folder, port=port, habits=BRISK, say=lambda _: None) as running:
        await shift.begin(page, running.url)
        await page.wait_for_selector(".call[data-phase=ringing]")
        line = await shift.talking(page)
        number = await shift.write_over_a_reload(page, line)
        await shift.listen(page, f"{running.url}/tickets/{number}")
