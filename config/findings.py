"""What `hotline doctor` finds: a state, what was seen, and what to do where it is not well."""

from typing import Literal

import msgspec

State = Literal["ok", "warning", "failed"]


class Finding(msgspec.Struct, frozen=True):
    """One line of the doctor's; `remedy` is empty where all is well."""

    state: State
    subject: str
    seen: str
    remedy: str = ""

    def __str__(self) -> str:
        told = f"{self.state:<8} {self.subject}: {self.seen}"
        return f"{told}; {self.remedy}" if self.remedy else told


def fine(subject: str, seen: str) -> Finding:
    """All is well."""
    return Finding("ok", subject, seen)


def warned(subject: str, seen: str, remedy: str) -> Finding:
    """It works, but not for long or not well."""
    return Finding("warning", subject, seen, remedy)


def failed(subject: str, seen: str, remedy: str) -> Finding:
    """The hotline cannot work like this."""
    return Finding("failed", subject, seen, remedy)
