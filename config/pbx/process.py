"""One real Asterisk, run without privileges from an unpacked tree, started and stopped by us."""

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from config.asterisk import Folders, Plan, render
from config.pbx.tree import Tree, Unusable

NOBODY = 65534
# Many calls need many sockets; a crash must not fill the disk with its memory.
LIMITS = "ulimit -n $(ulimit -H -n); ulimit -c 0"
BOOT_SECONDS = 60.0
STOP_SECONDS = 10.0


def folders(home: Path, tree: Tree, *, prompts: Path) -> Folders:
    """Every folder of an Asterisk that lives in `home` and runs the programs of `tree`."""
    return Folders(
        etc=home / "etc", modules=tree.modules(), data=home / "data", var=home / "var",
        spool=home / "spool", run=home / "run", log=home / "log", sbin=home,
        prompts=prompts, recordings=home / "recordings", voicemails=home / "voicemails",
    )  # fmt: skip


@dataclass
class Asterisk:
    """An Asterisk with its home folder; `plan.folders` must come from `folders`."""

    tree: Tree
    home: Path
    plan: Plan
    pid: int | None = None
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Write the configuration, start, return when booted; raises `Unusable` if it dies."""
        self._end_leftover()
        self.configure()
        with (self.home / "log/console").open("ab") as console:
            process = subprocess.Popen(  # noqa: S603 - our own wrapper
                [str(self._wrapper()), "-C", str(self._main_file()), "-f"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console, cwd=self.home,
                start_new_session=True, env=self._environment(),
                user=_user(), group=_user(), extra_groups=_groups(),
            )  # fmt: skip
        self._process = process
        self.pid = process.pid
        self._wait_for_boot()

    def configure(self) -> None:
        """Write the configuration and the folders it names, owned by who will run it."""
        own = self.plan.folders
        for folder in (
            own.etc, own.var / "keys", own.spool / "outgoing", own.run, own.recordings,
            own.voicemails, own.log / "cel-custom", own.log / "cdr-csv", own.var / "cache",
            own.data / "sounds",
        ):  # fmt: skip
            folder.mkdir(parents=True, exist_ok=True)
        render(self.plan, own.etc)
        self._link_data()
        if os.getuid() == 0:
            _hand_over(self.home)

    def ask(self, command: str) -> str:
        """What Asterisk's own command line answers; empty if it cannot be reached."""
        program = [str(self._wrapper()), "-C", str(self._main_file()), "-rx", command]
        try:
            done = subprocess.run(  # noqa: S603 - our own wrapper
                program, capture_output=True, text=True, timeout=15, check=False,
                env=self._environment(), user=_user(), group=_user(), extra_groups=_groups(),
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            return ""
        return done.stdout

    def stop(self) -> None:
        """End it: asked first, then told, always by the id it was started with."""
        if self.is_running():
            self.thaw()
            self.ask("core stop now")
            if not self._ended_within(STOP_SECONDS):
                self.kill()
        self.pid = None

    def kill(self) -> None:
        """SIGKILL, as a machine that loses power."""
        self._signal(signal.SIGKILL)
        self._ended_within(STOP_SECONDS)

    def freeze(self) -> None:
        """SIGSTOP: connected, but silent."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def restart(self) -> None:
        """`core restart now`, which keeps the process id; returns when booted again."""
        before = self.ask("core show uptime seconds")
        self.ask("core restart now")
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline:
            time.sleep(0.2)
            after = self.ask("core show uptime seconds")
            if "System uptime" in after and _uptime(after) < _uptime(before) + 1:
                break
        self._wait_for_boot()

    def is_running(self) -> bool:
        """Whether the process started by us is there (frozen counts)."""
        return self._process is not None and self._process.poll() is None

    def _end_leftover(self) -> None:
        """An Asterisk of this very home whose starter was killed would answer in our place."""
        try:
            pid = int((self.plan.folders.run / "asterisk.pid").read_text())
            words = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError):
            return
        if str(self._main_file()).encode() not in words:
            return
        os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + STOP_SECONDS
        while Path(f"/proc/{pid}").exists() and time.monotonic() < deadline:
            time.sleep(0.05)

    def _wait_for_boot(self) -> None:
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline:
            if not self.is_running():
                raise Unusable(f"Asterisk ended while starting:\n{self._last_words()}")
            if "fully booted" in self.ask("core waitfullybooted"):
                return
            time.sleep(0.1)
        raise Unusable(f"Asterisk did not boot within {BOOT_SECONDS:.0f} s:\n{self._last_words()}")

    def _last_words(self) -> str:
        logs = [self.home / "log/console", self.home / "log/messages"]
        return "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())

    def _ended_within(self, seconds: float) -> bool:
        if self._process is None:
            return True
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        return self._process.poll() is not None

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)

    def _wrapper(self) -> Path:
        """`core restart` executes argv[0] again: this script, so that the loader is used again."""
        script = self.home / "asterisk"
        if not script.exists():
            words = self.tree.command("usr/sbin/asterisk", name="$0")
            quoted = " ".join(f'"{word}"' for word in words)
            script.write_text(f'#!/bin/sh\n{LIMITS}\nexec {quoted} "$@"\n')
            script.chmod(0o755)
        return script

    def _main_file(self) -> Path:
        return self.plan.folders.etc / "asterisk.conf"

    def _environment(self) -> dict[str, str]:
        return {
            "HOME": str(self.home),
            "LANG": "C.UTF-8",
            "PATH": os.environ.get("PATH", "/usr/bin"),
        }

    def _link_data(self) -> None:
        """Asterisk's data folder with our sounds: numbers are spoken from `sounds/zh/digits`."""
        data = self.plan.folders.data
        for source in sorted(self.tree.data().iterdir()):
            if source.name != "sounds":
                _link(data / source.name, source)
        for source in sorted((self.tree.data() / "sounds").iterdir()):
            _link(data / "sounds" / source.name, source)
        _link(data / "sounds/zh", self.plan.folders.prompts)


def plan_for(plan: Plan, home: Path, tree: Tree, *, prompts: Path) -> Plan:
    """The same plan with every folder inside `home`."""
    return replace(plan, folders=folders(home, tree, prompts=prompts))


def _link(link: Path, target: Path) -> None:
    if not link.is_symlink():
        link.symlink_to(target)


def _user() -> int | None:
    """Root's Asterisk runs as nobody; anybody else's as themselves."""
    return NOBODY if os.getuid() == 0 else None


def _groups() -> list[int] | None:
    return [] if os.getuid() == 0 else None


def _hand_over(home: Path) -> None:
    closed = [folder for folder in home.resolve().parents if not folder.stat().st_mode & 0o001]
    if closed:
        raise Unusable(
            f"{closed[0]} is closed to other users, and Asterisk started by root runs as `nobody`: "
            "choose another folder, or run as an ordinary user"
        )
    for path in (home, *home.rglob("*")):
        if not path.is_symlink():
            shutil.chown(path, NOBODY, NOBODY)


def _uptime(said: str) -> int:
    found = re.search(r"System uptime: (\d+)", said)
    return int(found.group(1)) if found else 0
