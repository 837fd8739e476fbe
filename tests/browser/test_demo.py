"""The demonstration as a newcomer meets it: a pop within a minute, answered from the page."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from config import demo
from tests.browser import shift

pytestmark = pytest.mark.browser


@pytest.mark.timeout(180)
async def test_a_newcomer_answers_writes_saves_and_listens(
    tmp_path: Path, browser: Browser
) -> None:
    """Everything by the page's own buttons; the simulated telephones have no receivers."""
    page = await browser.new_page(viewport={"width": 1366, "height": 768})
    async with demo.playing(tmp_path, port=shift.free_port(), speed=2.0) as running:
        await shift.begin(page, running.url)
        await page.locator("[data-call-act=answer]:visible").click()
        line = await shift.talking(page)
        number = await shift.write_over_a_reload(page, line)
        hang_up = line.locator("[data-call-act=hang-up]")
        if await hang_up.is_visible():
            await hang_up.click()
        await expect(line).to_have_count(0, timeout=shift.PATIENCE)
        await shift.listen(page, f"{running.url}/tickets/{number}")
