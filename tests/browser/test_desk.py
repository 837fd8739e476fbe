"""The agent's desk in a real browser: pops, drafts, saving, reloading, trouble."""

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from playwright.async_api import Browser, expect

from routing.lists import TicketFilter
from routing.people import SYSTEM
from tests.browser.visitor import Line, Visitor, record_sound, visit
from tests.web.house import PASSWORD, House

pytestmark = pytest.mark.browser

EVIL = "<img src=x onerror=alert(1)>"
WANG, LI = "PJSIP/8001", "PJSIP/8002"
SOUND = "30000000-0000-4000-8000-000000000001"
TEXT = "Her mother fell and needs the meals of the day centre."


async def seated(house: House, browser: Browser, person: str, device: str) -> Visitor:
    """The person at their desk, ready for calls."""
    visitor = await visit(house, browser)
    await visitor.log_in(person)
    await visitor.sit_down(device)
    return visitor


async def test_a_call_pops_is_answered_saved_and_its_recording_plays(
    house: House, browser: Browser, line: Line
) -> None:
    """The main job: ring, answer, write, save with F8, play the recording from its talk on."""
    wang = await seated(house, browser, "wang", WANG)
    page = wang.page
    call = line.ring(WANG, way="12345", sender_case="HD2026112300042")
    popped = wang.call(call.id)
    await expect(popped).to_contain_text("Ringing")
    await expect(popped).to_contain_text("From 12345")
    await expect(popped).to_contain_text("139 0000 5555")
    await expect(popped).to_contain_text("HD2026112300042")
    await expect(popped).to_contain_text("First call")
    await expect(page).to_have_title("▲ Ringing: From 12345, 139 0000 5555")
    await popped.get_by_role("button", name="Answer").click()
    await expect(popped.locator("[data-call-fault]")).to_be_empty()
    assert ("answer", (WANG,)) in house.switch.told

    call = line.answer(call, WANG)
    await expect(popped).to_contain_text("Talking")
    await expect(page.locator("#caller_number")).to_have_value("13900005555")
    await page.fill("#content", TEXT)
    await page.keyboard.press("Alt+2")
    await page.keyboard.press("F8")
    saved = page.locator("[data-saved-number]")
    await expect(saved).to_have_text("20261123-0001")
    await expect(page.locator("#content")).to_be_focused()
    await expect(page.locator("#content")).to_have_value("")

    line.end(call, WANG, recordings=(record_sound(house.sounds, SOUND, seconds=4),))
    await expect(page.locator("[data-calls] > li")).to_have_count(0)
    await house.desk.recorder.written(call.id)
    await page.goto(f"{house.url}/tickets/20261123-0001")
    await expect(page.locator("main")).to_contain_text("Request for help")
    await expect(page.locator("main")).to_contain_text(TEXT)
    await page.get_by_role("button", name="To the talk").click()
    await page.wait_for_function(
        "() => { const a = document.querySelector('audio');"
        " return a.currentTime > 2 && a.currentTime <= 4 && Math.round(a.duration) === 4; }"
    )
    assert wang.troubles == []


async def test_a_pop_takes_neither_the_focus_nor_the_half_written_ticket(
    house: House, browser: Browser, line: Line
) -> None:
    """A second call is one more line on the left; keys go on into the first ticket."""
    wang = await seated(house, browser, "wang", WANG)
    first = line.answer(line.ring(WANG), WANG)
    await wang.page.click("#content")
    await wang.page.keyboard.type("half ")
    second = line.ring(WANG, citizen_number="13812345678", citizen_name=None)
    await expect(wang.call(second.id)).to_contain_text("138 1234 5678")
    await wang.page.keyboard.type("written")
    await expect(wang.page.locator("#content")).to_be_focused()
    await expect(wang.page.locator("#content")).to_have_value("half written")
    await expect(wang.page.locator("#caller_number")).to_have_value("13900005555")

    await wang.call(second.id).get_by_role("button", name="Write its ticket").click()
    await expect(wang.page.locator("#content")).to_have_value("")
    await expect(wang.page.locator("#caller_number")).to_have_value("13812345678")
    await wang.call(first.id).get_by_role("button", name="Write its ticket").click()
    await expect(wang.page.locator("#content")).to_have_value("half written")


async def test_a_reload_in_mid_call_brings_back_the_call_and_what_was_typed(
    house: House, browser: Browser, line: Line
) -> None:
    """The snapshot restores the call, the browser its draft; neither needs the other."""
    wang = await seated(house, browser, "wang", WANG)
    call = line.answer(line.ring(WANG), WANG)
    await wang.page.fill("#content", TEXT)
    await wang.page.keyboard.press("Alt+4")
    await wang.page.reload()
    await expect(wang.call(call.id)).to_contain_text("Talking")
    await expect(wang.page.locator("#content")).to_have_value(TEXT)
    await expect(wang.page.locator("[name=kind]:checked")).to_have_value("suggestion")

    line.end(call, WANG)
    await expect(wang.call(call.id)).to_contain_text("Ended")
    await wang.page.reload()
    await expect(wang.call(call.id)).to_contain_text("Not saved yet")
    await wang.page.keyboard.press("F8")
    await expect(wang.page.locator("[data-saved-number]")).to_have_text("20261123-0001")
    ticket = await house.store.tickets.get("20261123-0001")
    assert ticket is not None
    assert (ticket.content, ticket.calls) == (TEXT, (call.id,))


async def test_a_call_that_is_not_answered_leaves_the_desk(
    house: House, browser: Browser, line: Line
) -> None:
    """Withdrawn here, it pops at the next agent's desk; the form has let go of it."""
    wang = await seated(house, browser, "wang", WANG)
    li = await seated(house, browser, "li", LI)
    call = line.ring(WANG)
    await expect(wang.call(call.id)).to_be_visible()
    await expect(wang.page.locator("#caller_number")).to_have_value("13900005555")
    call = line.miss(call, WANG)
    await expect(wang.call(call.id)).to_have_count(0)
    await expect(wang.page.locator("#caller_number")).to_have_value("")
    line.offer(call, LI)
    await expect(li.call(call.id)).to_contain_text("139 0000 5555")


async def test_a_call_passed_on_shows_the_citizen_at_the_other_desk(
    house: House, browser: Browser, line: Line
) -> None:
    """The first desk keeps the unwritten ticket, the second is bound to the citizen."""
    wang = await seated(house, browser, "wang", WANG)
    li = await seated(house, browser, "li", LI)
    call = line.answer(line.ring(WANG), WANG)
    await expect(wang.call(call.id)).to_contain_text("Talking")
    call = line.leave(line.answer(line.offer(call, LI), LI), WANG)
    await expect(wang.call(call.id)).to_contain_text("Passed on")
    await expect(li.call(call.id)).to_contain_text("Talking")
    await expect(li.call(call.id)).to_contain_text("139 0000 5555")
    await expect(li.page.locator("#caller_number")).to_have_value("13900005555")


async def test_what_a_caller_sends_is_only_ever_text(
    house: House, browser: Browser, line: Line
) -> None:
    """A name full of HTML and a number full of dial-plan stay letters on every screen."""
    wang = await seated(house, browser, "wang", WANG)
    page = wang.page
    call = line.ring(WANG, citizen_name=EVIL, citizen_number="138&PJSIP/trunk", sender_case=EVIL)
    await expect(wang.call(call.id).locator("[data-name]")).to_have_text(EVIL)
    await expect(wang.call(call.id).locator("[data-case]")).to_have_text(EVIL)
    await expect(wang.call(call.id)).not_to_contain_text("First call")
    await expect(page.locator("[data-history-none-title]")).to_have_text(
        "No usable number: no history"
    )
    call = line.answer(call, WANG)
    await page.fill("#content", EVIL)
    await page.keyboard.press("F8")
    await expect(page.locator("[data-saved-number]")).to_have_text("20261123-0001")
    line.end(call, WANG)
    for path in ("/calls", "/tickets", "/tickets/20261123-0001"):
        await page.goto(house.url + path)
        await expect(page.locator("main")).to_contain_text(EVIL)
    assert await page.locator("img").count() == 0
    assert wang.troubles == []


async def test_an_empty_ticket_is_refused_with_the_article_and_the_field(
    house: House, browser: Browser
) -> None:
    """The refusal says what and why, and the focus goes to the field."""
    wang = await seated(house, browser, "wang", WANG)
    await wang.page.keyboard.press("F8")
    await expect(wang.page.locator("#fault-content")).to_have_text(
        "Write what the citizen asks. (Why: Art. 9)"
    )
    await expect(wang.page.locator("#content")).to_be_focused()
    assert list(await house.store.tickets.page(TicketFilter())) == []


async def test_saving_twice_in_a_hurry_saves_once(
    house: House, browser: Browser, line: Line
) -> None:
    """F8 F8 F8 is one ticket."""
    wang = await seated(house, browser, "wang", WANG)
    line.answer(line.ring(WANG), WANG)
    await wang.page.fill("#content", TEXT)
    await wang.page.evaluate(
        "() => { const form = document.querySelector('[data-ticket-form]');"
        " for (let i = 0; i < 3; i++) form.requestSubmit(); }"
    )
    await expect(wang.page.locator("[data-saved-number]")).to_have_text("20261123-0001")
    assert [t.number for t in await house.store.tickets.page(TicketFilter())] == ["20261123-0001"]


async def test_the_strip_says_when_the_telephone_or_the_server_is_gone(
    house: House, browser: Browser, line: Line
) -> None:
    """What may be untrue is marked so, and the mark goes when it is true again."""
    wang = await seated(house, browser, "wang", WANG)
    notice = wang.page.locator("[data-notice]")
    await expect(notice).to_be_hidden()
    line.up(up=False)
    await expect(notice).to_contain_text("The telephone system has not answered")
    line.up()
    await expect(notice).to_be_hidden()

    await wang.context.set_offline(True)
    house.hub.close()
    await expect(notice).to_contain_text("No connection to the server")
    call = line.ring(WANG)
    await wang.context.set_offline(False)
    await expect(wang.call(call.id)).to_contain_text("Ringing", timeout=20_000)
    await expect(notice).to_be_hidden()


async def test_another_site_cannot_listen_to_the_desk(house: House, browser: Browser) -> None:
    """A page of another origin gets no websocket, though the browser sends the cookie along."""
    wang = await seated(house, browser, "wang", WANG)
    outcome = (
        "url => new Promise(done => { const s = new WebSocket(url);"
        " s.onmessage = () => done('listened'); s.onerror = () => done('refused'); })"
    )
    address = house.url.replace("http", "ws") + "/ws"
    assert await wang.page.evaluate(outcome, address) == "listened"

    foreign = web.Application()
    foreign.router.add_get("/", _foreign_page)
    async with TestServer(foreign) as server:
        await wang.page.goto(f"http://127.0.0.1:{server.port}/")
        assert await wang.page.evaluate(outcome, address) == "refused"


async def test_a_call_is_put_away_only_when_nothing_is_written_for_it(
    house: House, browser: Browser, line: Line
) -> None:
    """A click cannot lose text; cleared first, the ended call leaves the desk for good."""
    wang = await seated(house, browser, "wang", WANG)
    call = line.answer(line.ring(WANG), WANG)
    await wang.page.fill("#content", TEXT)
    line.end(call, WANG)
    put_away = wang.call(call.id).get_by_role("button", name="Put away")
    await put_away.click()
    await expect(wang.call(call.id)).to_contain_text("save it, or clear the form first")
    await expect(wang.page.locator("#content")).to_have_value(TEXT)
    await wang.page.get_by_role("button", name="Clear").click()
    await put_away.click()
    await expect(wang.call(call.id)).to_have_count(0)
    await wang.page.reload()
    await wang.ready()
    await expect(wang.page.locator("[data-calls] > li")).to_have_count(0)


async def test_a_shift_begins_without_a_mouse(house: House, browser: Browser, line: Line) -> None:
    """From the login to the saved ticket by keys alone, with the focus always in sight."""
    wang = await visit(house, browser)
    page, keys = wang.page, wang.page.keyboard
    await page.goto(f"{house.url}/login")
    await keys.type("wang")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await page.wait_for_url("**/desk")
    await wang.ready()
    await page.locator("[data-device]").focus()
    await keys.press("Tab")
    await keys.press("Enter")
    await expect(page.locator("[data-act=ready]")).to_be_focused()
    await keys.press("Enter")
    await expect(page.locator("#content")).to_be_focused()
    call = line.ring(WANG)
    await expect(wang.call(call.id)).to_be_visible()
    line.answer(call, WANG)
    await expect(wang.call(call.id)).to_have_attribute("data-phase", "talking")
    await keys.press("Alt+3")
    await keys.type(TEXT)
    await keys.press("F8")
    await expect(page.locator("[data-saved-number]")).to_have_text("20261123-0001")
    ticket = await house.store.tickets.get("20261123-0001")
    assert ticket is not None
    assert (ticket.kind, ticket.content, ticket.calls) == ("complaint", TEXT, (call.id,))


async def test_a_locked_account_is_at_the_login_page_within_seconds(
    house: House, browser: Browser
) -> None:
    """The desk of somebody who may no longer work here does not stay on the screen."""
    wang = await seated(house, browser, "wang", WANG)
    await house.store.people.set_locked("wang", locked=True, by=SYSTEM, at=house.clock())
    await wang.page.wait_for_url("**/login", timeout=8_000)


async def test_logging_out_takes_the_drafts_from_the_machine(
    house: House, browser: Browser, line: Line
) -> None:
    """The next person at this browser finds nothing of the citizen."""
    wang = await seated(house, browser, "wang", WANG)
    line.answer(line.ring(WANG), WANG)
    await wang.page.fill("#content", TEXT)
    kept = await wang.page.evaluate("() => JSON.stringify(localStorage)")
    assert TEXT in kept
    await wang.page.get_by_role("button", name="Log out").click()
    await wang.page.wait_for_url("**/login")
    kept = await wang.page.evaluate("() => JSON.stringify(localStorage)")
    assert (TEXT in kept, "draft" in kept) == (False, False)


async def test_a_call_rings_on_other_pages_too(house: House, browser: Browser, line: Line) -> None:
    """Whoever looks something up elsewhere sees the ring, with the way back to the desk."""
    wang = await seated(house, browser, "wang", WANG)
    await wang.page.goto(f"{house.url}/tickets")
    await wang.ready()
    line.ring(WANG)
    await wang.page.get_by_role("link", name="Ringing: 962200 direct, 139 0000 5555").click()
    await wang.page.wait_for_url("**/desk")


async def _foreign_page(_request: web.Request) -> web.Response:
    return web.Response(text="<p>another site</p>", content_type="text/html")
