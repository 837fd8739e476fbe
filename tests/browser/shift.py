"""A demonstration's agent at work: the steps that the simulated and the real Asterisk share."""

import re
import socket

from playwright.async_api import Locator, Page, expect

from config.sample import PASSWORD

TEXT = "来电人咨询居家养老上门服务的申请条件。"
PATIENCE = 60_000  # ms: a newcomer sees a call within a minute


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
    return port


async def begin(page: Page, url: str) -> None:
    """One click fills the login; sign in at the phone the account has, and be ready."""
    page.set_default_timeout(PATIENCE)
    await page.goto(f"{url}/login")
    await page.click("[data-demo-name=agent1]")
    assert await page.input_value("#password") == PASSWORD
    await page.keyboard.press("Enter")
    await page.wait_for_selector("[data-strip][aria-busy=false]")
    assert await page.input_value("[data-device]") == "PJSIP/8001"
    await page.click("[data-act=sign-in]")
    await page.click("[data-act=ready]")


async def talking(page: Page) -> Locator:
    """The line of the call that is being talked."""
    answered = await page.wait_for_selector(".call[data-phase=talking]")
    assert answered is not None
    call_id = await answered.get_attribute("data-call-id")
    line = page.locator(f"[data-call-id='{call_id}']")
    await expect(line.locator(".timer")).to_have_text(re.compile("00:0[3-9]"))
    return line


async def write_over_a_reload(page: Page, line: Locator) -> str:
    """Write, reload in mid-call, find everything again, save; gives the ticket's number."""
    await page.fill("#content", TEXT)
    await page.reload()
    await expect(line).to_have_attribute("data-phase", "talking")
    await expect(page.locator("#content")).to_have_value(TEXT)
    await page.keyboard.press("F8")
    number = page.locator("[data-saved-number]")
    await expect(number).to_be_visible()
    return await number.inner_text()


async def listen(page: Page, address: str) -> None:
    """The recording appears on the desk when the call is over, and plays on the ticket."""
    await expect(page.locator("[data-saved-recordings] audio")).to_be_attached(timeout=PATIENCE)
    await page.goto(address)
    await expect(page.locator("main")).to_contain_text(TEXT)
    await page.locator("[data-skip]").click()
    await page.wait_for_function(
        "() => { const a = document.querySelector('audio');"
        " return a.currentTime > 0 && a.duration > 1 && a.error === null; }"
    )
