"""Only mainland subscribers, our own lines and the emergency numbers ever reach a trunk."""

import pytest

from routing.entry import PRIORITY, REPEAT_PRIORITY, dialled


@pytest.mark.parametrize(
    ("number", "digits"),
    [
        ("13800138000", "13800138000"),
        ("+8613800138000", "13800138000"),
        ("62345678", "02162345678"),
        ("01088888888", "01088888888"),
    ],
)
def test_a_subscriber_is_dialled_as_the_trunk_wants_it(number: str, digits: str) -> None:
    assert dialled(number) == digits


@pytest.mark.parametrize(
    "number",
    ["+85223456789", "0085223456789", "4008201234", "95588", "1380013800&PJSIP/1", "", "16812345"],
)
def test_abroad_premium_and_what_is_no_number_are_not_dialled(number: str) -> None:
    assert dialled(number) is None


def test_no_repeated_call_goes_before_one_from_110() -> None:
    others = [PRIORITY.get(way, 0) + REPEAT_PRIORITY for way in ("962200", "12345")]

    assert max(others) < PRIORITY["110"]
    assert PRIORITY["110"] + REPEAT_PRIORITY <= 9
