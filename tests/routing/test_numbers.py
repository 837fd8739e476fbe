"""Numbers are normalised once, and shown masked to those who need not know them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.numbers import e164, masked


@pytest.mark.parametrize(
    ("carried", "expected"),
    [
        ("13800138000", "+8613800138000"),
        ("+8613800138000", "+8613800138000"),
        ("008613800138000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("913800138000", "+8613800138000"),
        ("015800001111", "+8615800001111"),
        ("62345678", "+862162345678"),
        ("962345678", "+862162345678"),
        ("021-6234 5678", "+862162345678"),
        ("862162345678", "+862162345678"),
        ("4008201234", "+864008201234"),
        ("+85223456789", "+85223456789"),
    ],
)
def test_a_number_seen_in_shanghai_has_one_normal_form(carried: str, expected: str) -> None:
    assert e164(carried) == expected


@pytest.mark.parametrize(
    "carried",
    ["110", "12345", "962200", "anonymous", "", None, "1380013800&PJSIP/trunk", "1" * 40],
)
def test_short_withheld_and_impossible_numbers_have_none(carried: str | None) -> None:
    assert e164(carried) is None


@given(st.text(max_size=60))
def test_nothing_a_citizen_sends_breaks_the_normaliser(text: str) -> None:
    normal = e164(text)

    assert normal is None or (normal.startswith("+") and normal[1:].isdecimal())


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True))
def test_normalising_twice_changes_nothing(mobile: str) -> None:
    normal = e164(mobile)

    assert normal is None or e164(normal) == normal


def test_a_masked_number_keeps_its_ends_only() -> None:
    assert masked("13800138000") == "138****8000"
    assert masked("110") == "110"
    assert masked("<img src=x>") == "****"
    assert masked(None) == ""
