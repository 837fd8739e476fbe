"""Every word on the screens exists in both languages, and every refusal has words of its own."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from routing import calls, presence, tickets
from web.pages.catalogs import LOCALES, load
from web.pages.vocabulary import REFUSALS, TABLES

ROOT = Path(__file__).parents[2]
FOR_PROGRAMS = (
    "request.",
    "metrics.",
    "pbx.",
    "token.",
    "person.",
    "filter.",
    "auth.",
    "switch.action",
    "switch.field",
)
"""Refusals that only programs and administrators at a terminal meet."""


def texts() -> set[str]:
    """What the code and the templates want translated."""
    found = set()
    for folder, method in (("pages", "python"), ("templates", "jinja2")):
        options = {"**": {"newstyle_gettext": "true", "trim_blocks": "true"}}
        pattern = "**.py" if method == "python" else "**.html"
        for _, _, text, _, _ in extract_from_dir(
            ROOT / "web" / folder,
            method_map=[(pattern, method)],
            options_map=options if method == "jinja2" else {},
            keywords={"_": None, "N_": None},
        ):
            assert isinstance(text, str)
            found.add(text)
    return found


def test_every_text_is_translated_and_no_translation_is_left_over() -> None:
    """The Chinese catalog holds exactly the texts in use."""
    with (LOCALES / "zh_CN/LC_MESSAGES/hotline.po").open("rb") as file:
        catalog = {str(m.id): m.string for m in read_po(file) if m.id}
    assert {text for text, string in catalog.items() if not string} == set()
    assert set(catalog) == texts()


def test_a_translation_keeps_the_places_for_facts() -> None:
    """`{n}` and `%(time)s` stand in both languages."""
    places = re.compile(r"\{\w+\}|%\(\w+\)s")
    chinese = load()["zh_CN"]
    for text in texts():
        assert sorted(places.findall(chinese.gettext(text))) == sorted(places.findall(text))


def test_no_code_is_shown_raw() -> None:
    """Every value of the types that travel in calls, tickets and presences has its word."""
    for table, kind in (
        ("way", calls.Way),
        ("outcome", calls.Outcome),
        ("state", calls.State),
        ("state", presence.State),
        ("offer", calls.OfferOutcome),
        ("transfer", calls.TransferKind),
        ("transfer_outcome", calls.TransferOutcome),
        ("recording", calls.RecordingState),
        ("kind", tickets.Kind),
        ("status", tickets.Status),
    ):
        assert set(get_args(kind)) - set(TABLES[table]) == set()


def refused_codes() -> Iterator[str]:
    """The codes of refusals in the source, those with a field's name in them written out."""
    for folder in ("routing", "web", "telephony"):
        for path in (ROOT / folder).rglob("*.py"):
            for code in re.findall(r'Refusal\(\s*f?"([^"]+)"', path.read_text("utf-8")):
                if "{field}" in code:
                    yield from (
                        code.replace("{field}", field)
                        for field in ("content", "caller_name", "caller_number")
                    )
                elif "{" not in code:
                    yield code


def test_every_refusal_that_a_person_can_meet_is_said_in_their_language() -> None:
    """A new refusal without words fails here, not at a desk."""
    met = {code for code in refused_codes() if not code.startswith(FOR_PROGRAMS)}
    assert len(met) > 15
    assert met - set(REFUSALS) == set()


def test_scripts_stay_small_and_never_make_markup_of_data() -> None:
    """Under sixty lines each; text goes into the page as text."""
    for path in (ROOT / "web/static/scripts").rglob("*.js"):
        text = path.read_text("utf-8")
        assert (path.name, len(text.splitlines()) < 60) == (path.name, True)
        for way in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
            assert (path.name, way in text) == (path.name, False)
