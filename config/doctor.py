"""What a server needs before it is trusted with calls; each fault has its remedy."""

import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from config import parts
from config.doctor_asterisk import examine_asterisk
from config.findings import Finding, failed, fine, warned
from config.settings import Settings
from routing.ports import Clock, StoreUnavailable
from storage import open_store
from web.bus import Broker, trouble_of

ZONE = "Asia/Shanghai"
GIB = 1 << 30
LEAST_SPACE = 1 * GIB
SHORT_SPACE = 10 * GIB


async def examine(settings: Settings, *, clock: Clock) -> AsyncIterator[Finding]:
    """Look at everything in turn; each finding as it is made."""
    yield time_zone()
    yield await database(settings, clock=clock)
    yield disk("data", settings.data_dir)
    yield disk("shared folder", settings.spool.here)
    yield dial_plan_key(settings)
    async for finding in examine_asterisk(settings, clock=clock):
        yield finding
    yield channel_events(settings.spool.cel)
    if (broker := parts.broker_of(settings)) is not None:
        yield await mqtt(broker)


def time_zone() -> Finding:
    """Days are reckoned in Shanghai's time."""
    try:
        ZoneInfo(ZONE)
    except ZoneInfoNotFoundError:
        return failed("time zone", f"{ZONE} is not known here", "install tzdata")
    return fine("time zone", ZONE)


async def database(settings: Settings, *, clock: Clock) -> Finding:
    """It opens, has this program's schema, and can be written."""
    try:
        async with open_store(settings.store_address, clock=clock) as store:
            await store.ping()
    except StoreUnavailable as reason:
        return failed("database", settings.database_url, str(reason))
    return fine("database", f"{settings.database_url} can be read and written")


def disk(subject: str, folder: Path) -> Finding:
    """Room for rows and recordings; an hour of a hundred calls fills about 5 GiB."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        remedy = "make the folder, or correct the setting"
        return failed(f"disk ({subject})", f"{folder}: {error.strerror}", remedy)
    seen = f"{free / GIB:.1f} GiB free at {folder}"
    if free < LEAST_SPACE:
        return failed(f"disk ({subject})", seen, "make room now: recordings will break off")
    if free < SHORT_SPACE:
        return warned(f"disk ({subject})", seen, "make room, or move the folder to a larger disk")
    return fine(f"disk ({subject})", seen)


def dial_plan_key(settings: Settings) -> Finding:
    """Without the key the dial plan's questions are refused, and calls take the default route."""
    if settings.asterisk.key is None:
        remedy = 'set asterisk.key = "file:PATH" and render Asterisk\'s configuration again'
        return failed("dial plan's key", "not set", remedy)
    return fine("dial plan's key", "set")


async def mqtt(broker: Broker) -> Finding:
    """The broker takes our account; while it does not, events wait in the database."""
    where = f"{broker.host}:{broker.port}"
    if trouble := await trouble_of(broker):
        remedy = "start the broker, or correct mqtt.host, port, username, password or tls"
        return failed("MQTT", f"{where}: {trouble}", remedy)
    return fine("MQTT", f"{where} takes our account")


def channel_events(file: Path) -> Finding:
    """From Asterisk's CEL file gaps in the events are filled."""
    remedy = "set spool.cel to Asterisk's cel-custom/Master.csv, readable by this account"
    if not file.is_file():
        return failed("CEL", f"{file} is not there", remedy)
    if not os.access(file, os.R_OK):
        return failed("CEL", f"{file} cannot be read", remedy)
    return fine("CEL", f"{file}, {file.stat().st_size} bytes")
