"""What an agent chose moves by a table; what the floor sees follows the call and the phone."""

from datetime import UTC, datetime

import pytest

from regulation.refusal import Refusal
from routing.calls import Call, Offer, Segment
from routing.presence import NEXT, Choice, Event, move, on_call, shown

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EVENTS: tuple[Event, ...] = ("sign_in", "ready", "pause", "sign_out")


@pytest.mark.parametrize("choice", list(NEXT))
@pytest.mark.parametrize("event", EVENTS)
def test_a_move_the_table_does_not_know_is_refused(choice: Choice, event: Event) -> None:
    if event in NEXT[choice]:
        assert move(choice, event) == NEXT[choice][event]
    else:
        with pytest.raises(Refusal) as refused:
            move(choice, event)
        assert refused.value.code == "presence.not_now"


def test_signing_in_never_makes_an_agent_ready_by_itself() -> None:
    assert move("signed_out", "sign_in") == "paused"


def _call(**facts: object) -> Call:
    base = {"id": "c1", "linkedid": "c1", "way": "962200", "started_at": NOW, "state": "ringing"}
    return Call(**{**base, **facts})  # type: ignore[arg-type]


def test_the_floor_sees_the_call_before_the_phone_before_the_choice() -> None:
    ringing = _call(offers=(Offer(None, "PJSIP/8001", NOW),))
    talking = _call(state="talking", segments=(Segment(None, "PJSIP/8001", NOW),))
    held = _call(state="held", segments=(Segment(None, "PJSIP/8001", NOW),))

    assert on_call("PJSIP/8001", ringing) == "ringing"
    assert on_call("PJSIP/8001", talking) == "talking"
    assert on_call("PJSIP/8001", held) == "holding"
    assert on_call("PJSIP/8002", ringing) is None
    assert shown("ready", reachable=False, on_call="talking") == "talking"
    assert shown("ready", reachable=False, on_call=None) == "unreachable"
    assert shown("paused", reachable=True, on_call=None) == "paused"
    assert shown("signed_out", reachable=False, on_call=None) == "signed_out"
