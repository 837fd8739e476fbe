"""An unpacked Asterisk: where its parts lie, how its programs run on another system's libraries.

The packages come from another Debian than the machine's, so their programs must not meet the
machine's C library: each is started through the loader that lies in the tree.
"""

import platform
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TRIPLETS = {
    "x86_64": "x86_64-linux-gnu",
    "amd64": "x86_64-linux-gnu",
    "aarch64": "aarch64-linux-gnu",
}


class Unusable(Exception):  # noqa: N818 - says what the tree is
    """No Asterisk can be had or run here; the message names the remedy."""


def triplet() -> str:
    """The folder name of this machine's libraries in Debian; `Unusable` where there are none."""
    try:
        return TRIPLETS[platform.machine()]
    except KeyError:
        raise Unusable(
            f"no Asterisk packages are known for {platform.machine()}: "
            "run on amd64 or arm64, or name an Asterisk that is installed"
        ) from None


@dataclass(frozen=True)
class Tree:
    """An unpacked set of packages under `root`."""

    root: Path

    def loader(self) -> Path:
        """The dynamic loader in the tree."""
        found = sorted((self.root / "usr/lib" / triplet()).glob("ld-*.so*"))
        if not found:
            raise Unusable(f"no loader under {self.root}: remove that folder and fetch again")
        return found[0]

    def library_path(self) -> str:
        """Every folder of libraries, as the loader's --library-path takes it."""
        return ":".join(str(folder) for folder in self._library_folders())

    def modules(self) -> Path:
        """Asterisk's loadable modules."""
        return self.root / "usr/lib" / triplet() / "asterisk/modules"

    def data(self) -> Path:
        """Asterisk's architecture-independent data: documentation, sounds."""
        return self.root / "usr/share/asterisk"

    def command(self, program: str, *, name: str | None = None) -> list[str]:
        """The argument list that starts `usr/sbin/asterisk` or the like; `name` becomes argv[0]."""
        as_name = ["--argv0", name] if name else []
        libraries = ["--library-path", self.library_path()]
        return [str(self.loader()), *libraries, *as_name, str(self.root / program)]

    def version(self) -> str:
        """Asterisk's own version line; `Unusable` if the program in the tree does not run."""
        try:
            said = subprocess.run(  # noqa: S603 - our own loader and program
                [*self.command("usr/sbin/asterisk"), "-V"],
                capture_output=True, text=True, timeout=20, check=True,
            )  # fmt: skip
        except (OSError, subprocess.SubprocessError) as error:
            raise Unusable(f"the Asterisk under {self.root} does not run: {error}") from error
        return said.stdout.strip()

    def _library_folders(self) -> Iterator[Path]:
        """The system's folder, and those that packages keep for their own libraries."""
        folder = self.root / "usr/lib" / triplet()
        yield folder
        yield from sorted({library.parent for library in folder.glob("*/lib*.so*")})
