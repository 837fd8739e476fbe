"""From the settings to the plan of the Asterisk that shall stand beside the server."""

from collections.abc import Mapping

from pydantic import SecretStr

from config.asterisk import BadPlan, Device, Folders, Plan, Queue, Taken, Trunk
from config.asterisk.plan import Source
from config.complaints import SettingsRefused
from config.sections import telephony
from config.settings import Settings

SOURCES: Mapping[str, Source] = {"962200": "direct", "12345": "12345", "110": "110"}


def plan_of(settings: Settings, names: Mapping[str, str]) -> Plan:
    """The plan that `hotline asterisk-config` renders.

    Args:
        settings: the installation's.
        names: device number to the name shown on other telephones, as far as known.

    Raises SettingsRefused for what a start without Asterisk's files can do without.
    """
    wanted = settings.asterisk
    try:
        return Plan(
            devices=tuple(
                Device(number, password.get_secret_value(), names.get(number, ""))
                for number, password in sorted(wanted.phones.items())
            ),
            trunks=tuple(_trunk(name, trunk, wanted) for name, trunk in settings.trunks.items()),
            ami_secret=_needed("ami.secret", settings.ami.secret),
            server_key=_needed("asterisk.key", wanted.key),
            server=wanted.server_url,
            number=wanted.number,
            queues=(_queue(wanted),),
            outbound_trunk=wanted.outbound_trunk,
            folders=_folders(settings),
            sip_bind=f"{wanted.sip_host}:{wanted.sip_port}",
            media_address=wanted.media_address,
            ami_user=settings.ami.username,
            ami_bind=wanted.ami_host,
            ami_port=settings.ami.port,
            ami_permit=wanted.ami_permit,
            rtp_from=wanted.rtp_first,
            rtp_to=wanted.rtp_last,
            survey=wanted.survey,
        )
    except BadPlan as bad:
        raise SettingsRefused([f"asterisk: {bad}"]) from None


def _trunk(name: str, trunk: telephony.Trunk, wanted: telephony.Asterisk) -> Trunk:
    if not trunk.match:
        raise SettingsRefused([f"trunks.{name}.match: name the addresses its calls come from"])
    return Trunk(
        name=name,
        source=SOURCES[trunk.way],
        hosts=trunk.match,
        contact=f"sip:{trunk.host or trunk.match[0].partition('/')[0]}",
        caller=Taken(trunk.caller, header=trunk.caller_header or ""),
        case=Taken(trunk.case, header=trunk.case_header or "", skip=trunk.case_skip),
        queue=wanted.queue,
    )


def _queue(wanted: telephony.Asterisk) -> Queue:
    return Queue(
        name=wanted.queue,
        ring_seconds=wanted.ring_seconds,
        max_wait_seconds=wanted.wait_seconds,
        announce_seconds=wanted.announce_seconds,
    )


def _folders(settings: Settings) -> Folders:
    there = settings.spool_there
    return Folders(
        modules=settings.asterisk.modules,
        prompts=settings.asterisk.prompts,
        recordings=there / "recordings",
        voicemails=there / "voicemails",
    )


def _needed(field: str, secret: SecretStr | None) -> str:
    if secret is None:
        raise SettingsRefused([f'{field}: not set; write {field} = "file:PATH" or a credential'])
    return secret.get_secret_value()
