"""Telephone numbers as the switch carries them, normalised once so that a lookup is an equality."""

import re

import phonenumbers
from phonenumbers import NumberParseException

AREA = "021"
SHORT = frozenset({"110", "119", "120", "122", "12345", "962200"})

_CARRIED = re.compile(r"\+?\d{3,20}")
_SEPARATORS = re.compile(r"[\s\-().]")
_LOCAL = re.compile(r"[2-9]\d{7}")
_BEHIND_OUTSIDE_LINE = re.compile(r"9(1[3-9]\d{9}|0\d{9,11}|[2-9]\d{7})")
_COUNTRY_MOBILE = re.compile(r"86(1[3-9]\d{9})")
_COUNTRY_FIXED = re.compile(r"86([2-9]\d{8,10})")
_MASKABLE = re.compile(r"(\+?\d*?)\d{4}(\d{4})")
_CARRIED_LIMIT = 32


def e164(carried: str | None) -> str | None:
    """Normalise a number seen in Shanghai to E.164 (`+8613800138000`).

    Takes digits with the usual separators, `+86`, `0086` and `86` prefixes, eight-digit local
    numbers and a leading outside-line 9. None for short numbers (110, 12345), withheld or
    impossible ones.
    """
    digits = _bare(carried)
    if not digits or digits in SHORT:
        return None
    if match := _BEHIND_OUTSIDE_LINE.fullmatch(digits) or _COUNTRY_MOBILE.fullmatch(digits):
        digits = match[1]
    elif match := _COUNTRY_FIXED.fullmatch(digits):
        digits = "0" + match[1]
    if _LOCAL.fullmatch(digits):
        digits = AREA + digits
    try:
        number = phonenumbers.parse(digits, "CN")
    except NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def masked(number: str | None) -> str:
    """Show a number to those who need not know it: `138****8000`; short numbers stay."""
    if not number or number in SHORT:
        return number or ""
    match = _MASKABLE.fullmatch(number)
    return f"{match[1]}****{match[2]}" if match else "****"


def _bare(carried: str | None) -> str:
    if not carried or len(carried) > _CARRIED_LIMIT:
        return ""
    text = _SEPARATORS.sub("", carried)
    if text.startswith("00"):
        text = "+" + text[2:]
    return text if _CARRIED.fullmatch(text) else ""
