"""AMI byte streams as a real Asterisk 22 sent them, named after what happened in them."""

import gzip
from pathlib import Path

FOLDER = Path(__file__).parent / "captures"


def names() -> list[str]:
    return sorted(path.name.removesuffix(".ami.gz") for path in FOLDER.glob("*.ami.gz"))


def capture(name: str) -> bytes:
    return gzip.decompress((FOLDER / f"{name}.ami.gz").read_bytes())
