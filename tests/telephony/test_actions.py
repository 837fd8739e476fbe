"""Whatever a person typed, at most one action reaches Asterisk, and only one of ours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.refusal import Refusal
from telephony.actions import ACTIONS, LONGEST_LINE, encode

PAIRS = [(action, field) for action, fields in ACTIONS.items() for field in sorted(fields)]


@given(st.sampled_from(PAIRS), st.text())
def test_any_text_in_any_field_is_refused_or_stays_one_field_of_one_action(
    pair: tuple[str, str], text: str
) -> None:
    action, field = pair
    try:
        sent = encode(action, "1", {field: text})
    except Refusal as refusal:
        assert refusal.field == field  # noqa: PT017 - either outcome is right, if it is a whole one
        return
    lines = [b"Action: " + action.encode(), b"ActionID: 1", f"{field}: {text}".encode()]
    assert sent == b"\r\n".join([*lines, b"", b""])
    assert sent.count(b"\n") == sent.count(b"\r") == 4


def test_a_repeated_field_is_sent_as_often_as_it_has_values() -> None:
    sent = encode("Originate", "7", {"Variable": ["A=1", "B=2"]})
    assert sent == b"Action: Originate\r\nActionID: 7\r\nVariable: A=1\r\nVariable: B=2\r\n\r\n"


@pytest.mark.parametrize("action", ["Command", "System", "ping", "Ping\r\nAction: Command", ""])
def test_an_action_that_is_not_ours_is_refused(action: str) -> None:
    with pytest.raises(Refusal) as refused:
        encode(action, "1", {})
    assert (refused.value.code, refused.value.field) == ("switch.action_unknown", "Action")


@pytest.mark.parametrize("field", ["Application", "Data", "channel", "Variable\r\nX"])
def test_a_field_that_the_action_does_not_carry_is_refused(field: str) -> None:
    with pytest.raises(Refusal) as refused:
        encode("Originate", "1", {field: "System"})
    assert refused.value.code == "switch.field_unknown"
    assert refused.value.field == field.replace("\r\n", "  ")


def test_a_line_that_asterisk_would_drop_is_refused_with_the_length_allowed() -> None:
    room = LONGEST_LINE - len("Channel: ")
    assert encode("Hangup", "1", {"Channel": "x" * room})
    with pytest.raises(Refusal, match=f"shorten it to {room} bytes") as refused:
        encode("Hangup", "1", {"Channel": "x" * (room + 1)})
    assert (refused.value.code, refused.value.field) == ("switch.value_long", "Channel")


def test_more_lines_than_asterisk_takes_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        encode("Originate", "1", {"Variable": ["A=1"] * 127})
    assert refused.value.code == "switch.fields_many"
