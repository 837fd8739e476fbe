"""The 28 articles: their text, and for each its home in the code or why the program has no duty.

The text stands in `regulation.zh.txt` as it was issued (沪民办发〔2017〕33号). A module is the home
of an article when it keeps what the article asks and cites it (`Art. 11(2)`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

COUNT = 28
_DIGITS = {digit: value for value, digit in enumerate("零一二三四五六七八九")}
_HEAD = re.compile(r"^第([一二三四五六七八九十]+)条 \((.+)\)$")
_CHAPTER = re.compile(r"^第[一二三四五六七八九十]+章 ")


@dataclass(frozen=True)
class Article:
    """One article: `homes` are the modules that keep it, `rest` what they do not keep and why."""

    number: int
    title: str
    text: str
    homes: tuple[str, ...]
    rest: str


HOMES: Mapping[int, tuple[str, ...]] = {
    3: ("routing/tickets.py",),
    6: ("routing/calls.py",),
    9: ("routing/tickets.py",),
    10: ("routing/tickets.py",),
}

REST: Mapping[int, str] = {
    1: "Purpose; asks nothing of a program.",
    2: "Scope; asks nothing of a program.",
    4: "Principles; each is kept by the articles that spell it out.",
    5: "Who belongs to the hotline. Not kept yet: units, liaisons and posts held from-to.",
    6: "Not kept yet: the check of a matter against the four classes that are accepted.",
    7: "Not kept yet: refusals with their ground.",
    8: "Not kept yet: navigation with its reason.",
    9: "Not kept yet: telling the citizen why a matter is refused, or where else to turn.",
    10: "Not kept yet: dispatch to units within a working day, urgent matters, answers quoted.",
    11: "Not kept yet: the units' clocks of 1, 5 and 10 working days.",
    12: "Not kept yet: supervision.",
    13: "Not kept yet: the monthly share of return visits, and every supervised matter's.",
    14: "Not kept yet: the information base.",
    15: "Not kept yet: reports within 30 minutes and after 2 hours.",
    16: "Not kept yet: comparison with petitions.",
    17: "Not kept yet: joint meetings and their decisions.",
    18: "Not kept yet: periodic bulletins and analysis.",
    19: "How the centre leads its staff is people's work; figures of quality are not kept yet.",
    20: "Not kept yet: training plans and reading receipts.",
    21: "Whom to employ is people's work; liaisons in post are not kept yet.",
    22: "Not kept yet: mining and presenting what the hotline knows.",
    23: "Not kept yet: posts with least sight for volunteers and experts.",
    24: "Not kept yet: on-time, satisfaction and information figures of units and hotline.",
    25: "Not kept yet: the public page with opened statistics.",
    26: "Orders and penalties are given by people; their record is not kept yet.",
    27: "The office interprets; asks nothing of a program.",
    28: "In force from issue; asks nothing of a program until rules have a second version.",
}


@cache
def articles() -> tuple[Article, ...]:
    """All articles in order."""
    return tuple(
        Article(number, title, text, HOMES.get(number, ()), REST.get(number, ""))
        for number, title, text in _read(_source())
    )


def cited(text: str) -> set[int]:
    """The numbers of the articles that a text cites: `Art. 11(2)`, `Art. 9, 10`, `Art. 3 and 9`."""
    lists = re.findall(r"\bArt\. (\d+(?:\(\d\))?(?:(?:, | and )\d+(?:\(\d\))?)*)", text)
    return {int(number) for each in lists for number in re.findall(r"(?<!\()\b\d+", each)}


def _source() -> str:
    return files("regulation").joinpath("regulation.zh.txt").read_text(encoding="utf-8")


def _read(source: str) -> list[tuple[int, str, str]]:
    found: list[tuple[int, str, list[str]]] = []
    for line in source.splitlines():
        if head := _HEAD.match(line):
            found.append((_number(head[1]), head[2], []))
        elif found and not _CHAPTER.match(line):
            found[-1][2].append(line)
    return [(number, title, "\n".join(lines).strip()) for number, title, lines in found]


def _number(written: str) -> int:
    """二十八 -> 28."""
    tens, ten, ones = written.rpartition("十")
    if not ten:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens else 1) * 10 + (_DIGITS[ones] if ones else 0)
