"""The server as `hotline serve` runs it: a process of its own, killed and started again."""

import asyncio
import contextlib
import json
import resource
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, Self, TypeVar

import aiohttp

from tests.faults.rig import AGENTS, SECRET, Rig, free_port

T = TypeVar("T")

MAIN = (sys.executable, "-m", "config.cli")


class ServerProcess:
    """`hotline serve` beside an ill-treated Asterisk, and a client of its REST interface."""

    def __init__(self, folder: Path, rig: Rig) -> None:
        self.port = free_port()
        self.database = folder / "hotline.db"
        self.config = folder / "hotline.toml"
        self.config.write_text(_toml(folder, rig, self.port), encoding="utf-8")
        self._log = folder / "serve.log"
        self._process: asyncio.subprocess.Process | None = None
        self._tokens: dict[str, str] = {}
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(f"http://127.0.0.1:{self.port}")
        await self._command("migrate")
        for person in ("li.na", "wang.wei"):
            secret = self.config.with_name("password")
            secret.write_text("a long password", encoding="utf-8")
            await self._command(
                "user", "add", person, "--name", person, "--password-file", str(secret)
            )
            said = await self._command("token", "add", f"{person}-token", "--for", person)
            self._tokens[person] = said.split()[-1]
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._http:
            await self._http.close()
        if self._process and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def start(self, *, limits: str = "") -> None:
        """Start it and wait until telephone data is true; `limits` is a ulimit command."""
        command = " ".join(map(_quoted, (*MAIN, "--config", str(self.config), "serve")))
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                "bash", "-c", f"{limits}\nexec {command}", stdout=log, stderr=log
            )
        await eventually(self._hears, seconds=30)

    async def kill(self) -> None:
        """Die in the middle of whatever it does."""
        assert self._process
        self._process.kill()
        await self._process.wait()

    async def stop(self) -> int:
        """End as the service manager ends it; gives the exit code."""
        assert self._process
        self._process.send_signal(signal.SIGTERM)
        return await asyncio.wait_for(self._process.wait(), 20)

    def freeze(self) -> None:
        """Be there and do nothing."""
        assert self._process
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Go on."""
        assert self._process
        self._process.send_signal(signal.SIGCONT)

    async def _hears(self) -> bool:
        return bool((await self.desk("li.na")).get("telephone", {}).get("up"))

    def free_disk(self) -> None:
        """Files may grow again."""
        assert self._process
        endless = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(self._process.pid, resource.RLIMIT_FSIZE, endless)

    async def desk(self, person: str) -> dict[str, Any]:
        """What the person's desk shows; empty while the server does not answer."""
        with contextlib.suppress(aiohttp.ClientError):
            return (await self.ask("GET", "/desk", person))[1]
        return {}

    async def call(self, call_id: str) -> dict[str, Any]:
        """A call as REST gives it."""
        return (await self.ask("GET", f"/calls/{call_id}", "li.na"))[1]

    async def calls(self) -> list[dict[str, Any]]:
        """All calls, newest first."""
        found: list[dict[str, Any]] = (await self.ask("GET", "/calls", "li.na"))[1]["calls"]
        return found

    async def ask(
        self, method: str, path: str, person: str, body: object = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """One request in a person's name: status and JSON."""
        assert self._http
        headers = {"Authorization": f"Bearer {self._tokens.get(person, '')}", **headers}
        async with self._http.request(
            method, f"/api/v1{path}", headers=headers, json=body
        ) as answer:
            return answer.status, await answer.json(content_type=None)

    async def sit(self, person: str, device: str) -> None:
        """Sign in at a device and take calls."""
        for path, body in (("/desk/sign-in", {"device": device}), ("/desk/ready", None)):
            status, said = await self.ask("POST", path, person, body)
            assert status == 200, said

    def log(self) -> str:
        """What it said of itself."""
        return self._log.read_text(encoding="utf-8") if self._log.exists() else ""

    async def _command(self, *words: str) -> str:
        process = await asyncio.create_subprocess_exec(
            *MAIN, "--config", str(self.config), *words,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        said, _ = await process.communicate()
        assert process.returncode == 0, said.decode()
        return said.decode()


async def eventually(claim: Callable[[], Awaitable[T]], *, seconds: float = 20) -> T:
    """What the claim gives once it gives something."""
    async with asyncio.timeout(seconds):
        while True:
            if found := await claim():
                return found
            await asyncio.sleep(0.1)


@contextlib.asynccontextmanager
async def serving(folder: Path, rig: Rig) -> AsyncIterator[ServerProcess]:
    """A server that answers, with Li Na ready at the first telephone."""
    async with ServerProcess(folder, rig) as server:
        await server.start()
        await server.sit("li.na", "PJSIP/8001")
        yield server


def _quoted(word: str) -> str:
    return json.dumps(word)


def _toml(folder: Path, rig: Rig, port: int) -> str:
    plan = rig.asterisk.plan
    phones = "\n".join(f'{name} = "pw-{name}"' for name in AGENTS)
    return f"""
data_dir = "{folder}"
[database]
url = "sqlite:///{folder}/hotline.db"
[web]
port = {port}
[spool]
here = "{rig.asterisk.home}"
cel = "{rig.cel}"
[ami]
port = {plan.ami_port}
username = "{plan.ami_user}"
secret = "{SECRET}"
ping_seconds = 1
[asterisk]
server_url = "http://127.0.0.1:{port}"
key = "key-of-this-test"
[asterisk.phones]
{phones}
"""
