"""From the settings to the plain values that the adapters take."""

import ssl
from collections.abc import Sequence
from datetime import timedelta

from pydantic import SecretStr

from config.settings import Settings
from telephony.exchange import Exchange, Pace
from telephony.link import Address
from telephony.switch import AsteriskSwitch
from web.app import Front, origins_of
from web.bus import Broker
from web.keys import DemoAccount, Secrets
from web.passwords import LoginLimits
from web.sessions import Lifetimes


def devices_of(settings: Settings) -> tuple[str, ...]:
    """The telephones agents may sit at, as Asterisk's interfaces."""
    return tuple(f"PJSIP/{number}" for number in sorted(settings.asterisk.phones))


def asterisk_switch(exchange: Exchange, settings: Settings) -> AsteriskSwitch:
    """The commands to the installation's Asterisk."""
    return AsteriskSwitch(
        exchange,
        trunks=[f"PJSIP/{name}" for name in settings.trunks],
        outbound_trunk=settings.asterisk.outbound_trunk,
        devices=devices_of(settings),
        number=settings.asterisk.number,
        queue=settings.asterisk.queue,
    )


def address_of(settings: Settings) -> Address:
    """Where Asterisk's manager interface is, and our account there."""
    ami = settings.ami
    return Address(
        host=ami.host,
        port=ami.port,
        username=ami.username,
        secret=_clear(ami.secret) or "",
        tls=ssl.create_default_context() if ami.tls else None,
    )


def pace_of(settings: Settings) -> Pace:
    """How patient to be with Asterisk."""
    return Pace(ping=settings.ami.ping_seconds, answer=settings.ami.timeout_seconds)


def broker_of(settings: Settings) -> Broker | None:
    """The MQTT broker, None where none is used."""
    mqtt = settings.mqtt
    if mqtt.host is None:
        return None
    return Broker(
        host=mqtt.host,
        port=mqtt.port,
        username=mqtt.username,
        password=_clear(mqtt.password),
        tls=mqtt.tls,
        client_id=mqtt.client_id,
        prefix=mqtt.prefix,
    )


def front_of(settings: Settings, demo: Sequence[DemoAccount], *, can_answer: bool) -> Front:
    """How the world reaches the pages; `can_answer` where the page can lift the receiver."""
    listened = settings.web
    return Front(
        origins=origins_of(listened.public_url, host=listened.host, port=listened.port),
        proxies=frozenset(map(str, listened.trusted_proxies)),
        pbx_peers=tuple(map(str, settings.asterisk.asks_from)),
        secrets=Secrets(
            pbx_key=_clear(settings.asterisk.key), metrics_token=_clear(listened.metrics_token)
        ),
        lifetimes=Lifetimes(
            idle=timedelta(minutes=listened.session_idle_minutes),
            absolute=timedelta(hours=listened.session_hours),
        ),
        login_limits=LoginLimits(
            failures=listened.login_failures, wait_seconds=listened.login_wait_seconds
        ),
        demo=tuple(demo),
        can_answer=can_answer,
    )


def _clear(secret: SecretStr | None) -> str | None:
    return secret.get_secret_value() if secret else None
