"""Debian packages unpacked into a folder of our own: no root, no chroot, nothing installed.

apt resolves and downloads with a private state folder and an empty list of installed packages, so
that every library comes along; dpkg-deb unpacks. apt checks the archive's signature as always.
"""

import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.pbx.tree import Tree, Unusable

SUITE = "sid"  # the only one with an Asterisk that is still maintained
ASTERISK = ("asterisk", "asterisk-core-sounds-en-gsm")
VOICE = ("espeak-ng", "sox")
DEFAULT_MIRROR = re.compile(r'^DEF_MIRROR="([^"]+)"', re.MULTILINE)
MIRROR = "HOTLINE_DEBIAN_ARCHIVE"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
BALLAST = (
    "doc",
    "man",
    "locale",
    "info",
    "perl",
    "perl5",
    "zoneinfo",
    "python3",
    "lintian",
    "icons",
)

Say = Callable[[str], None]


def cache_folder() -> Path:
    """Where fetched packages stay: the user's cache; a system folder where root's home is closed.

    Asterisk started by root runs as nobody, who must be able to read its own programs.
    """
    named = os.environ.get("XDG_CACHE_HOME")
    if named:
        return Path(named) / "hotline"
    home = Path.home()
    if os.getuid() == 0 and not home.stat().st_mode & 0o001:
        return Path("/var/cache/hotline")
    return home / ".cache/hotline"


def asterisk(cache: Path, *, say: Say = print, mirror: str | None = None) -> Tree:
    """The unpacked Asterisk below `cache`, fetched if it is not there (about 80 MB, 15 s).

    Raises `Unusable`, whose message names what to do.
    """
    tree = Tree(cache / "asterisk")
    with _alone(cache):
        if (tree.root / ".complete").exists():
            return tree
        say("Fetching Asterisk from Debian's archive (80 MB, nothing is installed) ...")
        try:
            _unpack(tree.root, ASTERISK, cache=cache, mirror=mirror)
            _check(tree)
        except Unusable as trouble:
            raise Unusable(
                f"no Asterisk could be fetched: {trouble}\n"
                "If Debian's newest packages do not fit together today, name a snapshot of its "
                f"archive from another day: {MIRROR}=URL"
            ) from trouble
        say(f"{tree.version()} is in {tree.root}")
    return tree


def voice(cache: Path, *, say: Say = print, mirror: str | None = None) -> Tree:
    """A speaking voice and an audio converter for a machine that has none, unpacked likewise."""
    tree = Tree(cache / "voice")
    with _alone(cache):
        if not (tree.root / ".complete").exists():
            say("Fetching a voice for the announcements (nothing is installed) ...")
            _unpack(tree.root, VOICE, cache=cache, mirror=mirror)
            (tree.root / ".complete").touch()
    return tree


def _check(tree: Tree) -> None:
    """Make the unpacked Asterisk usable outside a chroot and prove that it starts."""
    sounds = tree.data() / "sounds"
    english = sounds / "en_US_f_Allison"
    for name in ("en", "en_US"):  # absolute links into /etc/alternatives, dangling here
        link = sounds / name
        if english.is_dir() and link.is_symlink():
            link.unlink()
            link.symlink_to(english.name)
    tree.version()
    (tree.root / ".complete").touch()


@dataclass(frozen=True)
class _Apt:
    """apt-get with a state folder of its own, so that the machine's is neither read nor changed."""

    work: Path

    def run(self, *arguments: str, options: Sequence[str] = (), cwd: Path | None = None) -> str:
        state = self.work / "state"
        own = [
            f"Dir::State={state}", f"Dir::State::lists={self.work}/lists",
            f"Dir::State::status={self.work}/status", f"Dir::Cache={self.work}/cache",
            "Acquire::Check-Valid-Until=false", "Acquire::Languages=none", "Debug::NoLocking=1",
            f"APT::Sandbox::User={_user()}", "Acquire::Retries=2", *options,
        ]  # fmt: skip
        for folder in (state, self.work / "lists/partial", self.work / "cache/archives/partial"):
            folder.mkdir(parents=True, exist_ok=True)
        (self.work / "status").touch()
        given = [part for option in own for part in ("-o", option)]
        return _run(["apt-get", *given, "-qq", *arguments], cwd=cwd)


def _unpack(root: Path, packages: Sequence[str], *, cache: Path, mirror: str | None) -> None:
    with tempfile.TemporaryDirectory(dir=cache, prefix="fetch-") as folder:
        work = Path(folder)
        keyring = _keyring(cache)
        sources = work / "sources.list"
        sources.write_text(f"deb [signed-by={keyring}] {mirror or _mirror(cache)} {SUITE} main\n")
        apt = _Apt(work)
        only_ours = (f"Dir::Etc::sourcelist={sources}", "Dir::Etc::sourceparts=-")
        apt.run("update", options=only_ours)
        wanted = ("install", "-y", "--no-install-recommends", "--download-only", *packages)
        apt.run(*wanted, options=only_ours)
        unpacked = work / "tree"
        unpacked.mkdir()
        for package in sorted((work / "cache/archives").glob("*.deb")):
            _run(["dpkg-deb", "-x", str(package), str(unpacked)])
        _lighten(unpacked)
        shutil.rmtree(root, ignore_errors=True)
        unpacked.rename(root)
        root.chmod(0o755)


def _lighten(unpacked: Path) -> None:
    """Drop what no program here reads (documentation, Perl): two fifths of the size."""
    for name in BALLAST:
        shutil.rmtree(unpacked / "usr/share" / name, ignore_errors=True)
    for folder in unpacked.glob("usr/lib/*/perl*"):
        shutil.rmtree(folder, ignore_errors=True)


def _mirror(cache: Path) -> str:
    """The archive named by the user, the mirror this machine uses, or Debian's default elsewhere.

    Other systems know that default from the installer of Debian systems that they pack.
    """
    if named := os.environ.get(MIRROR):
        return named.rstrip("/")
    listed = _run(["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)"])
    for line in listed.splitlines():
        origin, _, uri = line.partition(" ")
        if origin == "Debian" and "security" not in uri:
            return uri.rstrip("/")
    with _from_own_archive("debootstrap", cache) as unpacked:
        installer = unpacked / "usr/sbin/debootstrap"
        default = DEFAULT_MIRROR.search(installer.read_text())
    if default is None:
        raise Unusable(f"where Debian's archive is could not be found out: set {MIRROR}=URL")
    return default[1]


def _keyring(cache: Path) -> Path:
    """Debian's signing keys: the machine's, or from its own archive's package (Ubuntu has one)."""
    kept = cache / KEYRING.name
    for path in (KEYRING, kept):
        if path.exists():
            return path
    with _from_own_archive("debian-archive-keyring", cache) as unpacked:
        shutil.copy(unpacked / KEYRING.relative_to("/"), kept)
    return kept


@contextmanager
def _from_own_archive(package: str, cache: Path) -> Iterator[Path]:
    """A package of this machine's own system, whose keys it trusts, unpacked for a moment."""
    with tempfile.TemporaryDirectory(dir=cache, prefix="own-") as folder:
        work = Path(folder)
        apt = _Apt(work)
        try:
            apt.run("update")
            apt.run("download", package, cwd=work)
            _run(["dpkg-deb", "-x", str(next(work.glob("*.deb"))), str(work / "unpacked")])
        except (Unusable, StopIteration) as trouble:
            raise Unusable(
                f"{package} could not be fetched: run `sudo apt-get update` and try again, "
                f"or `sudo apt-get install {package}`"
            ) from trouble
        yield work / "unpacked"


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Two runs that need the same packages fetch them once."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _user() -> str:
    """Apt drops to `_apt` when root runs it, who cannot write into our folder."""
    return "root" if os.getuid() == 0 else os.environ.get("USER", "nobody")


def _run(command: Sequence[str], *, cwd: Path | None = None) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - fixed programs, arguments of our own
            command, capture_output=True, text=True, timeout=900, check=True, cwd=cwd,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )  # fmt: skip
    except FileNotFoundError as error:
        raise Unusable(
            f"{command[0]} is missing: run on Debian or Ubuntu, or install it"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise Unusable(
            f"{command[0]} did not finish within 15 minutes: check the network"
        ) from error
    except subprocess.CalledProcessError as error:
        raise Unusable(f"{command[0]} failed: {error.stderr.strip()[-800:]}") from error
    return done.stdout
