"""Recordings made by the dialplan in every flow."""

import pytest

from tests.pbx.cel import citizens_channel, witness
from tests.pbx.conftest import FLOWS, Performance
from tests.pbx.score import Flow, Played
from tests.pbx.sound import loudest, samples, seconds
from tests.pbx.stage import citizen_tone

pytestmark = pytest.mark.pbx

SHORT = frozenset({"abandoned_during_the_greeting"})
INBOUND = [
    flow for flow in FLOWS
    if flow.play.__module__ != "tests.pbx.flows_outward" and flow.name not in SHORT
]  # fmt: skip
NOTES = [citizen_tone(flow.place.number) for flow in FLOWS]


def recording_of(performance: Performance, played: Played) -> tuple[str, float]:
    """Its id, and when it began by Asterisk's clock."""
    said = [
        event for event in performance.events
        if event.get("UserEvent") == "HotlineRecording" and event["CallId"] == played.call_id
    ]  # fmt: skip
    return said[0]["RecordingId"], float(said[0]["Timestamp"])


@pytest.mark.parametrize("flow", INBOUND, ids=lambda flow: flow.name)
def test_a_recording_runs_from_the_notice_to_the_end_of_the_citizens_call(
    performance: Performance, flow: Flow
) -> None:
    """Within a second, whatever happened to the call in between."""
    for played in performance.of(flow.name):
        recording, began = recording_of(performance, played)
        channel = citizens_channel(performance.log, played.call_id)
        ended = witness(performance.log, channel).ended
        length = seconds(performance.rig.recordings / f"{recording}.wav")
        assert length == pytest.approx(ended - began, abs=1.0)


@pytest.mark.parametrize("flow", INBOUND, ids=lambda flow: flow.name)
def test_a_recording_holds_the_voice_of_its_own_citizen(
    performance: Performance, flow: Flow
) -> None:
    """Every flow's citizen sings another note; it is the loudest in the call's recording."""
    for played in performance.of(flow.name):
        recording, _ = recording_of(performance, played)
        heard = samples(performance.rig.recordings / f"{recording}.wav")
        assert loudest(heard, NOTES) == citizen_tone(flow.place.number)


@pytest.mark.parametrize("flow", INBOUND, ids=lambda flow: flow.name)
def test_the_call_names_its_recording(performance: Performance, flow: Flow) -> None:
    """The product lists the file that lies on the disk."""
    for played in performance.of(flow.name):
        listed = [each.id for each in performance.product.call(played.call_id).recordings]
        assert listed == [recording_of(performance, played)[0]]


def test_outbound_calls_are_recorded_from_the_answer_on(performance: Performance) -> None:
    """The called party's channel is recorded, for nobody else hears the notice."""
    (played,) = performance.of("click_to_call_answered")
    recording, _ = recording_of(performance, played)
    talked = performance.product.call(played.call_id).talk_seconds
    length = seconds(performance.rig.recordings / f"{recording}.wav")
    assert length == pytest.approx(talked, abs=1.0)


def test_who_hangs_up_before_the_notice_ends_is_not_recorded(performance: Performance) -> None:
    (played,) = performance.of("abandoned_during_the_greeting")
    assert performance.product.call(played.call_id).recordings == ()


def test_a_message_lies_in_a_file_of_its_own_too(performance: Performance) -> None:
    (played,) = performance.of("the_wait_was_too_long_and_a_message_is_left")
    folder = performance.rig.asterisk.plan.folders.voicemails
    assert 1.0 < seconds(folder / f"{played.notes['recording']}.wav") < 4.0
