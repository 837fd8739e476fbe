"""The demo's day: whoever signs in is called soon, answers, talks, and is recorded."""

import wave
from pathlib import Path

import pytest

from telephony.simulator import Simulator
from tests.telephony.manager import Manager, running

SPEED = 60.0


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    return folder


async def test_a_newcomer_who_signs_in_is_rung_within_seconds_and_can_answer(
    recordings: Path,
) -> None:
    """QueueAdd is all it takes; DemoAnswer is the newcomer's hand on the receiver."""
    simulator = Simulator(username="hotline", secret="s", recordings=recordings, speed=SPEED)
    async with running(simulator) as port, Manager.at(port, "hotline", "s") as manager:
        await manager.ask("QueueAdd", Queue="hotline", Interface="PJSIP/8001")

        rung = await manager.event("AgentCalled", Interface="PJSIP/8001", within=60 / SPEED)
        await manager.event("Newstate", Channel=rung["DestChannel"], ChannelState="5")
        answer = await manager.ask("DemoAnswer", Interface="PJSIP/8001")
        connected = await manager.event("AgentConnect", Interface="PJSIP/8001")
        gone = await manager.event("Hangup", Channel=rung["Channel"])

    assert answer["Response"] == "Success"
    assert connected["Linkedid"] == rung["Linkedid"]
    assert gone["Cause"] == "16"


async def test_a_call_leaves_a_playable_recording_as_long_as_the_call(recordings: Path) -> None:
    """The file named in HotlineRecording is a WAV of 8 kHz, mono, 16 bit."""
    simulator = Simulator(username="hotline", secret="s", recordings=recordings, speed=SPEED)
    async with running(simulator) as port, Manager.at(port, "hotline", "s") as manager:
        told = await manager.event("UserEvent", UserEvent="HotlineRecording")
        begun = float(told["Timestamp"])
        gone = await manager.event("Hangup", Linkedid=told["Linkedid"], Channel=told["Channel"])

    with wave.open(str(recordings / f"{told['RecordingId']}.wav")) as sound:
        kind = sound.getnchannels(), sound.getsampwidth(), sound.getframerate()
        seconds = sound.getnframes() / sound.getframerate()
    assert kind == (1, 2, 8000)
    assert seconds == pytest.approx(float(gone["Timestamp"]) - begun, abs=0.3)


def test_a_second_run_gives_no_call_the_id_of_an_earlier_one() -> None:
    runs = [Simulator(username="hotline", secret="s", quiet=True) for _ in range(2)]

    ids = [run._board.identity() for run in runs for _ in range(50)]

    assert len(set(ids)) == len(ids)
