"""Server and scripts write numbers and instants the same way."""

from datetime import timedelta

import pytest
from playwright.async_api import Browser

from tests.browser.visitor import Line, visit
from tests.web.house import House
from web.pages import shown

pytestmark = pytest.mark.browser

NUMBERS = ("13900005555", "62345678", "02162345678", "01062345678", "05712345678", "12345", "<b>")
HOURS = (0, 3, 13, 23, 25, 49, 24 * 300, 24 * 400)


async def test_a_call_reads_the_same_on_the_desk_and_in_the_list(
    house: House, browser: Browser, line: Line
) -> None:
    """Grouped numbers, days in Shanghai, and the server's clock instead of the browser's."""
    wang = await visit(house, browser)
    await wang.log_in("wang")
    line.up()
    now = house.clock()
    instants = [now - timedelta(hours=hours) for hours in HOURS]
    module = await wang.page.evaluate(
        "() => document.querySelector('script[src$=\"/ticking.js\"]').src"
    )
    written = await wang.page.evaluate(
        "async ({ module, numbers, instants }) => {"
        " const shown = await import(module.replace('ticking', 'shown'));"
        " return [numbers.map(shown.number), instants.map(shown.moment)]; }",
        {"module": module, "numbers": NUMBERS, "instants": [shown.iso(i) for i in instants]},
    )
    assert written == [
        [shown.number(number) for number in NUMBERS],
        [f"{shown.day(instant, now)} {shown.clock(instant)}" for instant in instants],
    ]
