"""The main job on real input: a SIP call into a real Asterisk, in a real browser."""

import asyncio
import socket
from pathlib import Path

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from config.pbx import demo
from config.pbx.citizens import Habits
from config.sample import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.pbx]

TEXT = "来电人咨询居家养老上门服务的申请条件。"
BRISK = Habits(pause=(2, 3), patience=(14, 18), ring=(2, 3))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


@pytest.mark.timeout(240)
async def test_a_sip_call_pops_is_answered_saved_and_heard(
    tmp_path: Path, browser: Browser
) -> None:
    """Sign in, the call pops, the phone is lifted, a reload in mid-call, save, listen."""
    page = await browser.new_page(viewport={"width": 1366, "height": 768})
    page.set_default_timeout(60_000)
    async with demo.playing(
        tmp_path, port=free_port(), habits=BRISK, say=lambda _: None
    ) as running:
        await _sit_down(page, running.url)
        call_id = await _talking(page)
        await page.fill("#content", TEXT)
        await page.reload()
        await expect(_line(page, call_id)).to_have_attribute("data-phase", "talking")
        await expect(page.locator("#content")).to_have_value(TEXT)
        await page.keyboard.press("F8")
        number = page.locator("[data-saved-number]")
        await expect(number).to_be_visible()
        await expect(page.locator("[data-saved-recordings] audio")).to_be_attached(timeout=60_000)
        await page.goto(f"{running.url}/tickets/{await number.inner_text()}")
        await expect(page.locator("main")).to_contain_text(TEXT)
        await page.locator("[data-skip]").click()
        await page.wait_for_function(
            "() => { const a = document.querySelector('audio');"
            " return a.currentTime > 0 && a.duration > 5 && a.error === null; }"
        )


async def _sit_down(page: Page, url: str) -> None:
    await page.goto(f"{url}/login")
    await page.click("[data-demo-name=agent1]")
    assert await page.input_value("#password") == PASSWORD
    await page.click("form[data-login] button")
    await page.wait_for_selector("[data-strip][aria-busy=false]")
    await page.click("[data-act=sign-in]")
    await page.click("[data-act=ready]")


async def _talking(page: Page) -> str:
    """The id of the first call that popped and was answered; those missed are gone again."""
    await page.wait_for_selector(".call[data-phase=ringing]")
    answered = await page.wait_for_selector(".call[data-phase=talking]")
    assert answered is not None
    await asyncio.sleep(0.5)
    call_id = await answered.get_attribute("data-call-id")
    assert call_id is not None
    return call_id


def _line(page: Page, call_id: str) -> Locator:
    return page.locator(f"[data-call-id='{call_id}']")
