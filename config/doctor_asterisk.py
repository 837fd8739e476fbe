"""What the server needs of Asterisk: an account with enough rights and no more, and one folder.

Nothing is changed: the program that the account is asked to run is one that Asterisk has to refuse,
and what is written into the shared folder is taken away again.
"""

import secrets
import wave
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

from config.ami_probe import Probe, Silent, probing
from config.findings import Finding, failed, fine, warned
from config.settings import Settings
from routing.ports import Clock

NEEDED = (
    *("Atxfer", "BlindTransfer", "BridgeList", "CoreShowChannels", "Hangup", "MixMonitorMute"),
    *("Originate", "QueueAdd", "QueuePause", "QueueRemove", "QueueStatus", "Redirect"),
)
DANGEROUS = ("Command", "ModuleLoad", "Reload", "UpdateConfig")
"""Actions of the classes system, command and config."""

RIGHTS = "give the account write=call,agent,originate,reporting and nothing else in manager.conf"
CLOCK_SECONDS = 2.0


async def examine_asterisk(settings: Settings, *, clock: Clock) -> AsyncIterator[Finding]:
    """Log in, try what must be allowed and what must not, and share a folder."""
    ami = settings.ami
    try:
        async with probing(ami.host, ami.port, tls=ami.tls) as probe:
            finding = await _login(probe, settings)
            yield finding
            if finding.state == "failed":
                return
            yield await _clock(probe, clock)
            yield await _rights(probe)
            yield await _refusal(probe)
            yield await _folder(probe, settings.recordings)
    except Silent as reason:
        remedy = "start Asterisk, or correct ami.host, ami.port and ami.tls"
        yield failed("Asterisk", str(reason), remedy)


async def _login(probe: Probe, settings: Settings) -> Finding:
    ami = settings.ami
    who = f"{ami.username} at {ami.host}:{ami.port}"
    secret = ami.secret.get_secret_value() if ami.secret else ""
    if not secret or not secret.isprintable():
        return failed("AMI login", who, 'set ami.secret = "file:PATH" or a credential')
    answer = await probe.ask(
        "Login", {"Username": ami.username, "Secret": secret, "Events": "user"}
    )
    if answer.get("Response") != "Success":
        remedy = "make ami.username and ami.secret agree with manager.conf"
        return failed("AMI login", f"{who}: {answer.get('Message')}", remedy)
    return fine("AMI login", who)


async def _clock(probe: Probe, clock: Clock) -> Finding:
    answer = await probe.ask("Ping", {})
    theirs = answer.get("Timestamp")
    if theirs is None:
        remedy = "set timestampevents=yes in manager.conf"
        return failed("clock", "Asterisk's events bear no time", remedy)
    apart = abs((clock() - datetime.fromtimestamp(float(theirs), UTC)).total_seconds())
    seen = f"{apart:.1f} s apart from Asterisk's"
    if apart > CLOCK_SECONDS:
        return warned("clock", seen, "let both machines keep time by NTP")
    return fine("clock", seen)


async def _rights(probe: Probe) -> Finding:
    """What the account may do, by Asterisk's own list."""
    listed = await probe.ask("ListCommands", {})
    allowed = {name.casefold() for name, _ in listed.items()}
    missing = [name for name in NEEDED if name.casefold() not in allowed]
    if missing:
        return failed("AMI rights", f"may not {', '.join(missing)}", RIGHTS)
    excess = [name for name in DANGEROUS if name.casefold() in allowed]
    if excess:
        return failed("AMI rights", f"too strong: may {', '.join(excess)}", RIGHTS)
    return fine("AMI rights", "enough, and no class that can change Asterisk")


async def _refusal(probe: Probe) -> Finding:
    """Asked to run a program, Asterisk must refuse; there is no such extension to run it for."""
    answer = await probe.ask(
        "Originate",
        {
            "Channel": f"Local/doctor-{secrets.token_hex(4)}@hotline-doctor",
            "Application": "System",
            "Data": ":",
            "Async": "true",
        },
    )
    said = answer.get("Message") or ""
    if answer.get("Response") == "Error" and "Forbidden" in said:
        return fine("AMI programs", "Originate of System is refused")
    return failed("AMI programs", f"Originate of System was not refused ({said})", RIGHTS)


async def _folder(probe: Probe, folder: Path) -> Finding:
    """Write a sound here, let Asterisk play and record it there, read what it recorded here."""
    proof = secrets.token_hex(8)
    ours, theirs = folder / f"doctor-{proof}-here.wav", folder / f"doctor-{proof}-there.wav"
    try:
        _write_sound(ours)
        told = await _ask_for_it(probe, proof)
        if told != "SUCCESS":
            remedy = "set spool.there to the same folder as Asterisk sees it, readable by Asterisk"
            return failed("recordings", f"Asterisk does not find what was written {folder}", remedy)
        if not theirs.is_file() or not theirs.read_bytes().startswith(b"RIFF"):
            remedy = "let Asterisk write into the folder, and this account read what it wrote"
            return failed("recordings", f"what Asterisk recorded is not in {folder}", remedy)
    except OSError as error:
        remedy = "set spool.here to the shared folder, writable by this account"
        return failed("recordings", f"{error.filename}: {error.strerror}", remedy)
    except Silent:
        remedy = "render Asterisk's configuration again: it does not know `hotline-doctor`"
        return failed("recordings", "Asterisk did not say whether it reads the folder", remedy)
    finally:
        for file in (ours, theirs):
            file.unlink(missing_ok=True)
    return fine("recordings", f"{folder}: written here, read there, and back")


def _write_sound(path: Path) -> None:
    """A tenth of a second of silence, as Asterisk plays it."""
    with path.open("wb") as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    path.chmod(0o644)


async def _ask_for_it(probe: Probe, proof: str) -> str | None:
    await probe.ask(
        "Originate",
        {
            "Channel": "Local/s@hotline-doctor",
            "Application": "Wait",
            "Data": "3",
            "Variable": f"__HL_DOCTOR={proof}",
            "Async": "true",
        },
    )
    event = await probe.find(
        lambda m: m.get("UserEvent") == "HotlineDoctor" and m.get("Proof") == proof, "Originate"
    )
    return event.get("Read")
