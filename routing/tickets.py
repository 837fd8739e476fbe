"""A ticket (工单): one matter of one citizen, numbered without gaps per day (Art. 9, 10)."""

import re
from datetime import datetime
from typing import Literal

import msgspec

from regulation.refusal import Refusal

Kind = Literal["consult", "help", "complaint", "suggestion"]
KINDS: tuple[Kind, ...] = ("consult", "help", "complaint", "suggestion")
"""The four kinds of Art. 3: 咨询, 求助, 投诉, 建议."""

Status = Literal["open", "closed"]

CONTENT_LIMIT = 8_000
NAME_LIMIT = 80
NUMBER_LIMIT = 32

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class NewTicket(msgspec.Struct, frozen=True):
    """What an agent registers of a matter (登记来电内容, Art. 9)."""

    kind: Kind
    content: str
    caller_number: str = ""
    caller_name: str = ""
    call: str | None = None


class Ticket(msgspec.Struct, frozen=True):
    """A matter with its readable number (`20261123-0042`), its calls and who took it."""

    number: str
    kind: Kind
    content: str
    status: Status
    created_at: datetime
    created_by: str
    caller_number: str = ""
    caller_e164: str | None = None
    caller_name: str = ""
    calls: tuple[str, ...] = ()


def checked(new: NewTicket) -> NewTicket:
    """The ticket with its texts trimmed, or a Refusal naming the first field that is wrong."""
    content, name, number = new.content.strip(), new.caller_name.strip(), new.caller_number.strip()
    if new.kind not in KINDS:
        raise Refusal(
            "ticket.kind", f"kind: one of {', '.join(KINDS)}", article="Art. 3", field="kind"
        )
    if not content:
        raise Refusal(
            "ticket.content_missing",
            "content: say what the citizen asks",
            article="Art. 9",
            field="content",
        )
    for field, text, limit in (
        ("content", content, CONTENT_LIMIT),
        ("caller_name", name, NAME_LIMIT),
        ("caller_number", number, NUMBER_LIMIT),
    ):
        if len(text) > limit:
            raise Refusal(
                f"ticket.{field}_long", f"{field}: at most {limit} characters", field=field
            )
        if _CONTROL.search(text):
            raise Refusal(
                f"ticket.{field}_control", f"{field}: remove control characters", field=field
            )
    return msgspec.structs.replace(new, content=content, caller_name=name, caller_number=number)
