"""A real PostgreSQL of our own: unprivileged, on a unix socket in a folder, stopped by its PID."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

NOBODY = "nobody"
DEADLINE_SECONDS = 30


class PostgresServer:
    """One cluster in a temporary folder; `url(name)` is a database of it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="hotline-pg-", dir="/tmp"))
        self.binaries = _binaries()
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            who = pwd.getpwnam(NOBODY)
            os.chown(self.folder, who.pw_uid, who.pw_gid)
        initdb = ("initdb", "-D", "data", "-A", "trust", "-U", "hotline", "-E", "UTF8")
        self._run(*initdb, "--locale=C.UTF-8", "--no-sync")

    def url(self, database: str) -> str:
        """The URL that the product takes."""
        return f"postgresql://hotline@/{database}?host={self.folder}"

    def sql(self, statement: str, database: str = "postgres") -> str:
        """Run a statement with psql, as an administrator would."""
        return self._run(
            "psql", "-h", str(self.folder), "-U", "hotline", "-d", database, "-qtAXc", statement
        )

    def start(self) -> None:
        """Start it and return when it lets clients in."""
        # No test takes the machine's power away, so nothing is lost by leaving out fsync.
        options = ("-D", "data", "-k", str(self.folder), "-c", "listen_addresses=", "-F")
        with (self.folder.parent / f"{self.folder.name}.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self.binaries / "postgres"), *options],
                cwd=self.folder,
                stdout=log,
                stderr=log,
                **_identity(),
            )
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not self._answers():
            if time.monotonic() > deadline:
                raise TimeoutError("PostgreSQL did not start")
            time.sleep(0.05)

    def crash(self) -> None:
        """Stop at once without a checkpoint, as `pg_ctl stop -m immediate`."""
        self._stop(signal.SIGQUIT)

    def close(self) -> None:
        """Stop it and remove its folder."""
        self._stop(signal.SIGINT)
        shutil.rmtree(self.folder)
        (self.folder.parent / f"{self.folder.name}.log").unlink(missing_ok=True)

    def _stop(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait(DEADLINE_SECONDS)
            self._process = None

    def _answers(self) -> bool:
        with contextlib.suppress(subprocess.CalledProcessError):
            self._run("pg_isready", "-q", "-h", str(self.folder), "-U", "hotline")
            return True
        return False

    def _run(self, program: str, *arguments: str) -> str:
        found: subprocess.CompletedProcess[str] = subprocess.run(
            [str(self.binaries / program), *arguments],
            cwd=self.folder,
            check=True,
            capture_output=True,
            text=True,
            **_identity(),
        )
        return found.stdout.strip()


def _binaries() -> Path:
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if installed:
        return installed[-1].parent
    found = shutil.which("postgres")
    if found is None:
        raise FileNotFoundError("PostgreSQL is missing: install the package postgresql")
    return Path(found).parent


def _identity() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return {"user": NOBODY, "group": "nogroup"} if os.geteuid() == 0 else {}
