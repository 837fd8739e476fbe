"""Writes the pages of docs/ that follow from the code: settings, articles, states.

`make docs` writes them; the tests call it with `--check`, which only compares.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))


from config.settings import Settings  # noqa: E402 - found from any folder
from config.sources import section_of, variable  # noqa: E402
from docs.asyncapi import asyncapi_page  # noqa: E402
from regulation.articles import Article, articles, cited  # noqa: E402
from routing.presence import NEXT  # noqa: E402

DOCS = ROOT / "docs"
Table = Mapping[Any, Mapping[Any, str]]
"""A machine: state -> event -> state."""


def settings_page() -> str:
    """docs/settings.md: every setting with its type, default, variable and help."""
    head = """# Settings

Read once at the start: built-in defaults, then `/etc/hotline/hotline.toml` (or `--config FILE`),
then systemd credentials named like the setting (`ami.secret`), then variables `HOTLINE_*`. Later
ones win. A wrong or unknown setting stops the start and is named with its remedy.

A secret is given in clear or as `file:PATH`. Lists in variables are written with commas, whole
tables as JSON. What the regulation fixes is not a setting.
"""
    return head + "".join(_section("", Settings, ()))


def _section(title: str, model: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    if title:
        yield f"\n## [{title}]\n\n{_plain(model.__doc__)}\n"
    rows = [row for name, field in model.model_fields.items() if (row := _row(path, name, field))]
    if rows:
        yield "\n| setting | type | default | variable | what it does |\n|---|---|---|---|---|\n"
        yield from rows
    for name, field in model.model_fields.items():
        section, named = section_of(field.annotation)
        if section:
            deeper = (*path, name, "NAME") if named else (*path, name)
            yield from _section(".".join(deeper), section, deeper)


def _row(path: tuple[str, ...], name: str, field: FieldInfo) -> str:
    section, named = section_of(field.annotation)
    if section and not named:
        return ""
    cells = (
        f"`{name}`",
        _type(field),
        _default(field),
        f"`{variable((*path, name))}`",
        _plain(field.description),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |\n"


def _type(field: FieldInfo) -> str:
    shown = str(field.annotation)
    if "SecretStr" in shown:
        return "secrets by name" if "dict" in shown else "secret"
    if "Literal" in shown:
        return " or ".join(f"`{each}`" for each in _choices(field.annotation))
    for sign, word in (
        ("dict", "tables by name"),
        ("tuple", "list"),
        ("Path", "path"),
        ("bool", "true or false"),
        ("int", "whole number"),
        ("float", "number"),
    ):
        if sign in shown:
            return word
    return "text"


def _choices(annotation: object) -> tuple[str, ...]:
    return tuple(str(each) for each in getattr(annotation, "__args__", ()))


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True, validated_data={})
    match value:
        case None | () | "":
            return "–"
        case SecretStr():
            return "(secret)"
        case bool():
            return f"`{str(value).lower()}`"
        case dict():
            return ", ".join(f"`{name}`" for name in value) or "–"
        case tuple():
            return ", ".join(f"`{each}`" for each in value)
        case _:
            return f"`{value}`"


def articles_page() -> str:
    """docs/articles.md: article, home, tests, what is left."""
    head = """# The regulation's articles

《上海市“962200”社区服务热线管理办法》, 沪民办发〔2017〕33号, article by article: the module that
keeps it, the tests that show it, and what the program does not do, with the reason. The full text
is in `regulation/regulation.zh.txt`.

| article | title | home | tests | left to others, or not kept yet |
|---|---|---|---|---|
"""
    tests = _citing("tests")
    return head + "".join(_article(article, tests) for article in articles())


def _article(article: Article, tests: Mapping[str, set[int]]) -> str:
    homes = "<br>".join(f"`{home}`" for home in article.homes) or "–"
    shown = "<br>".join(f"`{t}`" for t, numbers in tests.items() if article.number in numbers)
    cells = (f"Art. {article.number}", article.title, homes, shown or "–", article.rest or "–")
    return f"| {' | '.join(cells)} |\n"


def _citing(folder: str) -> dict[str, set[int]]:
    return {
        str(file.relative_to(ROOT)): numbers
        for file in sorted((ROOT / folder).rglob("test_*.py"))
        if file.parent.name != "regulation" and (numbers := cited(file.read_text(encoding="utf-8")))
    }


def states_page() -> str:
    """docs/states.md: the tables of states as diagrams."""
    head = """# States

Drawn from the tables in the code; a move that is not drawn is refused.

"""
    return head + "\n".join(_diagram(*each) for each in TABLES)


TABLES: tuple[tuple[str, str, Table], ...] = (
    (
        "An agent's choice",
        "`NEXT` in `routing/presence.py`; a call and a lost phone lie above.",
        NEXT,
    ),
)


def _diagram(title: str, source: str, table: Table) -> str:
    lines = [f"    {before} --> {after}: {event}" for before, after, event in _moves(table)]
    body = "\n".join(lines)
    return f"## {title}\n\n{source}\n\n```mermaid\nstateDiagram-v2\n{body}\n```\n"


def _moves(table: Table) -> Iterator[tuple[str, str, str]]:
    for before, moves in table.items():
        for after in dict.fromkeys(moves.values()):
            yield before, after, ", ".join(event for event, to in moves.items() if to == after)


PAGES: Mapping[str, Callable[[], str]] = {
    "settings.md": settings_page,
    "articles.md": articles_page,
    "states.md": states_page,
    "asyncapi.yaml": asyncapi_page,
}


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name those that are out of date."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"docs out of date: {', '.join(stale)}; run make docs\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
