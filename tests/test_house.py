"""The rules of the house: sizes, directions, documents that agree with the code."""

import ast
import re
import shutil
import statistics
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic import BaseModel

from config.cli.group import COMMANDS
from config.settings import Settings
from config.sources import paths, section_of

ROOT = Path(__file__).parents[1]
PACKAGES = ("regulation", "routing", "telephony", "storage", "web", "config")
LONGEST_MODULE, MEDIAN_MODULE = 350, 120
LONGEST_FUNCTION, MEDIAN_FUNCTION = 50, 8
LONGEST_SCRIPT = 200
TEXTS = frozenset(
    (".py", ".js", ".css", ".html", ".md", ".toml", ".txt", ".yaml", ".conf", ".j2", ".po", ".json")
)


def project_files() -> list[Path]:
    """Files of the project itself: what git would take."""
    if shutil.which("git") and (ROOT / ".git").exists():
        asked = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
        done = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
        return [ROOT / name for name in done.stdout.splitlines() if (ROOT / name).is_file()]
    return [path for path in ROOT.rglob("*") if path.is_file() and not hidden(path)]


def hidden(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    return any(part.startswith(".") or part in ("__pycache__", "var") for part in parts)


def text_files() -> Iterator[tuple[str, str]]:
    for path in project_files():
        if path.suffix in TEXTS or path.name in ("Makefile", "run"):
            yield str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")


def product_modules() -> list[Path]:
    return [
        path
        for path in project_files()
        if path.suffix == ".py"
        and path.relative_to(ROOT).parts[0] in PACKAGES
        and "versions" not in path.parts
    ]


def functions() -> Iterator[tuple[str, int]]:
    """Name and lines of every function of the product."""
    for path in product_modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                where = f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
                yield where, node.end_lineno - node.lineno + 1


def test_no_module_is_long_and_most_are_short() -> None:
    sizes = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in product_modules()
    }
    assert {name: size for name, size in sizes.items() if size > LONGEST_MODULE} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_MODULE


def test_no_function_is_long_and_most_are_short() -> None:
    sizes = dict(functions())
    assert {name: size for name, size in sizes.items() if size > LONGEST_FUNCTION} == {}
    assert statistics.median(sizes.values()) <= MEDIAN_FUNCTION


def test_no_script_of_the_page_is_long() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in project_files()
        if path.suffix == ".js"
    }
    assert {name: size for name, size in lines.items() if size > LONGEST_SCRIPT} == {}


def test_nothing_is_left_unfinished() -> None:
    unfinished = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|NotImplemented" r"Error)\b")
    assert [name for name, text in text_files() if unfinished.search(text)] == []


def test_no_file_names_a_path_of_one_machine_or_a_package_registry() -> None:
    machine = re.compile(r"(?<![\w.:])/(work|farm|root|home/\w+)/")
    registry = re.compile(r"(registry\.npmjs|pypi\.org|pythonhosted|deb\.debian\.org)")
    found = [
        f"{name}: {match[0]}"
        for name, text in text_files()
        if name != "tests/test_house.py"
        for pattern in (machine, registry)
        if (match := pattern.search(text))
    ]
    assert found == []


def test_imports_point_inward() -> None:
    lint = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_generated_pages_agree_with_the_code() -> None:
    command = [sys.executable, "docs/generate.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def described(model: type[BaseModel], path: str) -> Iterator[tuple[str, str]]:
    """Every setting with its help."""
    for name, field in model.model_fields.items():
        section, named = section_of(field.annotation)
        if section is None or named:
            yield f"{path}{name}", field.description or ""
        if section is not None:
            yield from described(section, f"{path}{name}.")


def test_every_setting_has_help_that_is_a_sentence() -> None:
    helps = dict(described(Settings, ""))
    assert len(helps) > 40
    assert {name: text for name, text in helps.items() if not re.search(r"[.:]$", text)} == {}


def test_every_setting_is_read_by_something() -> None:
    """A setting that nothing reads would be a promise that nobody keeps."""
    readers = [
        path.read_text(encoding="utf-8")
        for path in product_modules()
        if path.parts[-3:-1] != ("config", "sections") and "config" in path.parts
    ]
    text = "\n".join(readers)
    unread = [
        ".".join(path)
        for path in paths(Settings)
        if not re.search(rf"\.{[part for part in path if part != 'NAME'][-1]}\b", text)
    ]
    assert unread == []


@pytest.mark.parametrize("page", ["README.md", "docs/handbook.zh.md", "docs/security.md"])
def test_a_page_names_only_commands_that_exist(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    named = set(re.findall(r"`hotline ([a-z-]+)", text))
    assert named - set(COMMANDS) == set()


def test_every_link_in_the_documents_leads_somewhere() -> None:
    dead = [
        f"{name}: {target}"
        for name, text in text_files()
        if name.endswith(".md")
        for target in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", text)
        if not ((ROOT / name).parent / target).exists()
    ]
    assert dead == []


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {plain(re.split(r"[\[<>=~; ]", line)[0]) for line in wanted}
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {plain(line.partition("==")[0]) for line in pins if "==" in line}
    assert names - pinned == set()


IMPORTED_AS = {
    "argon2-cffi": "argon2",
    "prometheus-client": "prometheus_client",
    "pydantic-settings": "pydantic_settings",
}
UNIMPORTED = {"tzdata"}
"""Data for the standard library's zoneinfo, where the system has none."""


def test_every_dependency_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {plain(re.split(r"[\[<>=~; ]", line)[0]) for line in project["dependencies"]}
    code = "\n".join(path.read_text(encoding="utf-8") for path in product_modules())
    unused = [
        name
        for name in sorted(names - UNIMPORTED)
        if not re.search(rf"^\s*(import|from) {IMPORTED_AS.get(name, name)}\b", code, re.MULTILINE)
    ]
    assert unused == []


def plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_make_tells_what_it_can_make() -> None:
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("help", "run", "test", "check", "bench", "pbx", "soak"):
        assert re.search(rf"^  make {target} +\w", done.stdout, re.MULTILINE), target


@pytest.mark.parametrize("script", ["scripts/venv", "scripts/test-packages", ".ci/run"])
def test_a_script_can_be_run_and_has_no_fault_of_syntax(script: str) -> None:
    path = ROOT / script
    shell = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("#!")
    assert path.stat().st_mode & 0o111
    done = subprocess.run([shell, "-n", path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
