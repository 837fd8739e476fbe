"""What the dialplan asks, shows and refuses, seen from both ends."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pbx.conftest import FLOWS, Performance
from tests.pbx.manager import Manager
from tests.pbx.rig import KEY, SECRET

pytestmark = pytest.mark.pbx


def questions(performance: Performance, path: str) -> list[dict[str, str]]:
    """What the server was asked, one dictionary a question."""
    asked = []
    for line in performance.rig.questions():
        url, _, keys = line.partition(" ")
        if urlsplit(url).path == path:
            assert keys == f"['{KEY}']"
            said = parse_qs(urlsplit(url).query, keep_blank_values=True)
            asked.append({name: values[0] for name, values in said.items()})
    return asked


def test_the_server_is_asked_once_before_the_queue(performance: Performance) -> None:
    """With way, number and case, and with the key said once."""
    (played,) = performance.of("from_12345_with_a_case_number")
    asked = [one for one in questions(performance, "/pbx/entry") if one["call"] == played.call_id]
    assert asked == [{"call": played.call_id, "way": "12345", "caller": "13911110001",
                      "case": "SH20261123-0001"}]  # fmt: skip


def test_a_caller_without_a_number_is_asked_about_without_one(performance: Performance) -> None:
    (played,) = performance.of("from_110_anonymous")
    asked = [one for one in questions(performance, "/pbx/entry") if one["call"] == played.call_id]
    assert [(one["way"], one["caller"], one["case"]) for one in asked] == [("110", "", "110-7")]


def test_the_agents_phone_shows_the_citizen_and_not_the_sender(performance: Performance) -> None:
    (played,) = performance.of("from_12345_with_a_case_number")
    assert played.notes["shown"] == "13911110001"


def test_whom_we_call_sees_the_hotlines_number(performance: Performance) -> None:
    """The citizen called by an agent, and the liaison to whom a citizen is passed on."""
    shown = [
        played.notes["shown"] for name in ("click_to_call_answered", "blind_to_a_liaisons_mobile")
        for played in performance.of(name)
    ]  # fmt: skip
    assert shown == ["962200", "962200"]


def test_the_urgent_caller_was_served_before_the_patient_one(performance: Performance) -> None:
    assert performance.of("an_urgent_caller_is_served_first")[0].notes["served"] == "13600000077"


def test_a_call_back_is_wished_to_the_number_that_called(performance: Performance) -> None:
    (played,) = performance.of("nobody_there_and_a_call_back_is_asked_for")
    assert played.notes["number"] == played.leg.phone.name


def test_an_anonymous_caller_is_called_back_at_the_number_keyed_in(
    performance: Performance,
) -> None:
    (played,) = performance.of("an_anonymous_caller_keys_in_a_number_for_the_call_back")
    assert played.notes["number"] == "13512345678"


def test_a_phone_may_not_dial_what_the_server_refuses(performance: Performance) -> None:
    """The phone is told 403, the server hears of it, the trunk is never asked."""
    (played,) = performance.of("a_number_the_gate_refuses")
    assert (played.leg.code, played.notes["number"]) == (403, "0085212345678")
    dialled = [row.exten for row in performance.log if row.channel.startswith("PJSIP/trunk-city")]
    assert "0085212345678" not in dialled


def test_the_gate_is_asked_for_the_phone_that_passes_a_citizen_on(
    performance: Performance,
) -> None:
    """A number REFERred or transferred goes the way of a dialled one, in the agent's name."""
    flow = next(flow for flow in FLOWS if flow.name == "blind_to_a_liaisons_mobile")
    device = f"PJSIP/{flow.place.devices[0]}"
    asked = [one for one in questions(performance, "/pbx/dial") if one["device"] == device]
    assert [one["number"] for one in asked] == [f"139000000{flow.place.number}"]


def test_colleagues_are_reached_without_asking(performance: Performance) -> None:
    names = {name for flow in FLOWS for name in flow.place.devices}
    assert [one for one in questions(performance, "/pbx/dial") if one["number"] in names] == []


def test_a_survey_is_asked_once_a_call(performance: Performance) -> None:
    """However often the call was passed on."""
    said = [event["CallId"] for event in performance.events
            if event.get("UserEvent") == "HotlineSurvey"]  # fmt: skip
    assert len(said) == len(set(said))
    assert len(said) > 10


async def test_the_manager_account_cannot_run_programs(
    performance: Performance,
) -> None:
    """Neither by an application nor by a dialplan function; Asterisk itself refuses."""
    marker = performance.rig.asterisk.home / "ran"
    manager = await Manager.login(performance.rig.ports.ami, "hotline", SECRET)
    program = await manager.do(
        "Originate", Channel="Local/s@hotline-survey", Application="System",
        Data=f"touch {marker}",
    )  # fmt: skip
    function = await manager.do("Getvar", Variable=f"SHELL(touch {marker})")
    command = await manager.do("Command", Command=f"!touch {marker}")
    await manager.close()
    assert [program["Response"], command["Response"]] == ["Error", "Error"]
    assert (function["Response"], function.get("Value", "")) in (("Error", ""), ("Success", ""))
    assert not marker.exists()


@pytest.mark.parametrize(
    "name", ["refer_to_what_the_gate_refuses", "keys_pressed_in_a_call_that_the_gate_refuses"]
)
def test_a_number_passed_on_goes_through_the_gate_as_well(
    performance: Performance, name: str
) -> None:
    (played,) = performance.of(name)
    assert played.notes["refused"] == "0085212345678"


def test_the_entry_event_has_exactly_the_documented_fields(performance: Performance) -> None:
    (entered,) = [
        event for event in performance.events
        if event.get("CallId") == performance.of("from_12345_with_a_case_number")[0].call_id
        and event.get("UserEvent") == "HotlineInbound"
    ]  # fmt: skip
    names = list(entered)
    assert names[names.index("CallId") :] == [
        "CallId", "Source", "Caller", "CallerName", "Did", "RedirNum", "RedirReason", "PAI",
        "Diversion", "SipCallId", "Order",
    ]  # fmt: skip
    assert (entered["RedirNum"], entered["RedirReason"]) == ("12345", "cfu")


def test_noise_is_filtered_at_asterisk(performance: Performance) -> None:
    """Variables, dialplan steps, voice statistics and test points never cross the wire."""
    kinds = {event["Event"] for event in performance.events}
    assert kinds & {"VarSet", "Newexten", "RTCPSent", "RTCPReceived", "TestEvent"} == set()
    assert {"Newchannel", "BridgeEnter", "QueueCallerJoin", "ContactStatus"} <= kinds


def test_everybody_in_a_conference_hears_the_others(performance: Performance) -> None:
    (played,) = performance.of("three_talk_together")
    assert int(str(played.notes["citizen heard"])) > 10
    assert int(str(played.notes["agent heard"])) > 10
