"""Art. 3 and 9: what is registered of a matter has one of four kinds and says what is asked."""

import pytest

from regulation.refusal import Refusal
from routing.tickets import CONTENT_LIMIT, NewTicket, checked


def test_texts_are_kept_as_typed_but_for_the_space_around_them() -> None:
    new = NewTicket(kind="consult", content="  低保怎么申请?\n第二行 ", caller_name=" 王小明 ")

    kept = checked(new)

    assert (kept.content, kept.caller_name) == ("低保怎么申请?\n第二行", "王小明")


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (NewTicket(kind="praise", content="x"), "kind"),  # type: ignore[arg-type]
        (NewTicket(kind="help", content=" \n "), "content"),
        (NewTicket(kind="help", content="x" * (CONTENT_LIMIT + 1)), "content"),
        (NewTicket(kind="help", content="a\x00b"), "content"),
        (NewTicket(kind="help", content="x", caller_name="y" * 81), "caller_name"),
        (NewTicket(kind="help", content="x", caller_number="1" * 33), "caller_number"),
        (NewTicket(kind="help", content="x", caller_number="1\x1b2"), "caller_number"),
    ],
)
def test_a_wrong_field_is_named(new: NewTicket, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        checked(new)

    assert refused.value.field == field
    assert refused.value.message.startswith(field)
