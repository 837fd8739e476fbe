"""The screens' languages: Babel catalogs, read from their .po files when the server starts.

The texts in the code are the English ones; `zh_CN` is what a new person gets. Reading the .po
directly keeps a plain wheel working: there is no compiled file that a build could forget.

After a change of texts, from the project's folder (a test names what is missing or left over):

    pybabel extract -F web/locales/babel.cfg -k N_ --no-location --sort-output -o hotline.pot .
    pybabel update -D hotline -d web/locales -l zh_CN -i hotline.pot --no-fuzzy-matching
"""

import gettext
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

from routing.people import Language

LOCALES = Path(__file__).parent.parent / "locales"
DOMAIN = "hotline"

Catalogs = Mapping[Language, gettext.NullTranslations]


def load(folder: Path = LOCALES) -> Catalogs:
    """Every language's catalog; raises OSError or PoFileError when a catalog cannot be read."""
    return {"zh_CN": _read(folder / "zh_CN" / "LC_MESSAGES" / f"{DOMAIN}.po"), "en": _english()}


def _read(path: Path) -> gettext.NullTranslations:
    with path.open("rb") as file:
        catalog = read_po(file, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled, domain=DOMAIN)


def _english() -> gettext.NullTranslations:
    return gettext.NullTranslations()
