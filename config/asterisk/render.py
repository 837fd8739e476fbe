"""Writing Asterisk's configuration from a plan."""

from pathlib import Path

import jinja2

from config.asterisk.plan import Plan, Taken, Trunk

HEADER = "; Written by `hotline asterisk-config`: change the settings and render again.\n"
TEMPLATES = Path(__file__).parent / "templates"
# Bytes of outside names that may appear in events: all but control characters and the quotes,
# brackets, dollars, commas and backslashes to which the dialplan gives a meaning.
TEXT = r"\x20\x21\x23\x25-\x27\x2a\x2b\x2d-\x5a\x5e-\x7a\x7c\x7e\x80-\xff"
CASE = r"A-Za-z0-9._/\x2d"
DIGITS = "0-9+"


def render(plan: Plan, target: Path) -> list[Path]:
    """Write every configuration file into `target` (created if missing); the paths written.

    Files may hold secrets and are readable by their owner and group only.
    """
    target.mkdir(parents=True, exist_ok=True)
    return [_write(target / name, text) for name, text in texts(plan).items()]


def texts(plan: Plan) -> dict[str, str]:
    """File name to content, in the order of names."""
    environment = jinja2.Environment(  # noqa: S701 - the output is no HTML; Plan refuses what would break a line
        loader=jinja2.FileSystemLoader(TEMPLATES),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    patience = {queue.name: queue.max_wait_seconds for queue in plan.queues}
    environment.globals.update(
        plan=plan,
        TEXT=TEXT,
        DIGITS=DIGITS,
        caller=_caller,
        case=_case,
        patience=lambda trunk: patience[trunk.queue],
    )
    names = sorted(environment.list_templates(extensions=["j2"]))
    return {
        name.removesuffix(".j2"): HEADER + environment.get_template(name).render() for name in names
    }


def _caller(trunk: Trunk) -> str:
    """The dialplan expression for the citizen's number; a P-Asserted-Identity is the caller id.

    Of a header that holds an address (`<sip:13800138000@10.0.0.1>`) the part before the @ counts.
    """
    return _filtered(DIGITS, trunk.caller, own="${CALLERID(num)}")


def _case(trunk: Trunk) -> str:
    """The dialplan expression for the sender's case number."""
    return _filtered(CASE, trunk.case, own="${CUT(HL_HEADER,@,1)}")


def _filtered(allowed: str, fact: Taken, *, own: str) -> str:
    raw = {
        "from": "${CALLERID(num)}",
        "pai": own,
        "diversion": "${REDIRECTING(from-num)}",
        "header": "${CUT(HL_HEADER,@,1)}",
        "did": "${EXTEN:" + str(fact.skip) + "}",
        "none": "",
    }[fact.where]
    return "${FILTER(" + allowed + "," + raw + ")}" if raw else ""


def _write(path: Path, text: str) -> Path:
    path.touch(mode=0o640)
    path.write_text(text, encoding="utf-8")
    return path
