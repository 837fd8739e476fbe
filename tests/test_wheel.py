"""A wheel alone, installed anywhere, runs the demo: whatever it needs is in it."""

import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of a clean environment that holds the wheel, and our dependencies."""
    folder = tmp_path_factory.mktemp("wheel")
    source = folder / "source"
    skipped = shutil.ignore_patterns(
        ".*", "var", "__pycache__", "tests", "node_modules", "captures"
    )
    shutil.copytree(ROOT, source, ignore=skipped)
    shutil.copy(ROOT / ".gitignore", source)
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    clean = folder / "clean"
    venv.create(clean, with_pip=False)
    python = clean / "bin" / "python"
    pip("--python", str(python), "install", "--no-deps", "--no-index", str(wheel))
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(clean)}))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return clean / "bin"


def pip(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def demo(installed: Path, tmp_path: Path, unused_tcp_port: int) -> Iterator[str]:
    """The address of a demo that runs from the wheel."""
    command = [
        str(installed / "hotline"),
        "demo",
        "--port",
        str(unused_tcp_port),
        "--data-dir",
        "data",
    ]
    with (tmp_path / "said").open("wb") as said:
        process = subprocess.Popen(command, cwd=tmp_path, stdout=said, stderr=said, env=plain())
    try:
        yield f"http://127.0.0.1:{unused_tcp_port}"
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0, (tmp_path / "said").read_text(encoding="utf-8")


def plain() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}


def status(address: str) -> int:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 - our own demo
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


def test_the_demo_is_ready_and_shows_its_pages(demo: str) -> None:
    deadline = time.monotonic() + 60
    while status(f"{demo}/health/ready") != 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert status(f"{demo}/health/ready") == 200
    assert status(f"{demo}/login") == 200


def test_the_wheel_brings_its_own_code_and_no_tests(installed: Path, tmp_path: Path) -> None:
    asked = "import config, importlib.util as u; print(config.__file__, u.find_spec('tests'))"
    done = subprocess.run(
        [installed / "python", "-c", asked],
        cwd=tmp_path, env=plain(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    where, tests = done.stdout.split()
    assert Path(where).is_relative_to(installed.parent)
    assert tests == "None"
