"""What the dialplan asks, shows and refuses, seen from both ends."""

from urllib.parse import parse_qs, urlsplit

import pytest

from tests.pbx.conftest import FLOWS, Performance
from tests.pbx.rig import KEY

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


def test_the_manager_account_cannot_run_programs(performance: Performance) -> None:
    """Originate with System is refused by Asterisk itself."""
    written = (performance.rig.asterisk.plan.folders.etc / "manager.conf").read_text()
    granted = next(line for line in written.splitlines() if line.startswith("write = "))
    assert granted == "write = call,agent,originate,reporting"


def test_everybody_in_a_conference_hears_the_others(performance: Performance) -> None:
    (played,) = performance.of("three_talk_together")
    assert int(str(played.notes["citizen heard"])) > 10
    assert int(str(played.notes["agent heard"])) > 10
