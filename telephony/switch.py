"""Commands to one Asterisk: what the desk asks for, as AMI actions into the hotline's dialplan.

Which channels a call has is asked of Asterisk each time, so a command acts on what there is and not
on what we believe. Channels go to contexts of `config.asterisk` only. Nothing is sent twice: a
command whose answer got lost is looked for by the channel id that we gave it.
"""

import asyncio
import re
from collections.abc import Collection
from datetime import datetime
from hashlib import blake2b
from typing import Protocol
from uuid import uuid4

from regulation.refusal import Refusal
from routing.ports import SwitchUnavailable
from routing.seats import Member
from telephony.actions import Fields
from telephony.failures import Declined, LinkDown, NoAnswer, NotSent
from telephony.legs import Leg, Legs, legs
from telephony.members import at, joining, pausing
from telephony.wire import Message

RECONCILE_SECONDS = 20.0  # to wait for Asterisk to come back, when it is unknown whether it dialled

_DIGITS = re.compile(r"[0-9]{3,20}")
_DEVICE = re.compile(r"PJSIP/[A-Za-z0-9_-]{1,40}")
_CALL_ID = re.compile(r"[A-Za-z0-9._-]{1,80}")


class Line(Protocol):
    """What a switch needs of its exchange."""

    async def ask(self, action: str, fields: Fields | None = None) -> list[Message]:
        """Ask Asterisk once."""
        ...

    async def until_up(self) -> None:
        """Return when telephone data is true."""
        ...

    def knows(self, call_id: str) -> bool:
        """Whether the call has been seen."""
        ...

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        """Note who sits at a device."""
        ...


class AsteriskSwitch:
    """Implements `routing.ports.Switch` for one Asterisk.

    Args:
        exchange: the conversation with that Asterisk.
        trunks: the trunks' channel technology and endpoint (`PJSIP/trunk-city`).
        outbound_trunk: the endpoint that calls out.
        devices: the agents' telephones (`PJSIP/8001`), reached without a trunk.
        number: what the called party sees.
        queue: the hotline's queue.
        ring_seconds: how long a telephone rings before a call we start is given up.
    """

    def __init__(
        self,
        exchange: Line,
        *,
        trunks: Collection[str],
        outbound_trunk: str,
        devices: Collection[str],
        number: str = "962200",
        queue: str = "hotline",
        ring_seconds: int = 30,
    ) -> None:
        self._exchange = exchange
        self._trunks = frozenset(trunks)
        self._outbound_trunk = outbound_trunk
        self._devices = frozenset(devices)
        self._number = number
        self._queue = queue
        self._ring_seconds = ring_seconds

    def seat(self, device: str, agent: str | None, *, at: datetime) -> None:
        """See `Switch.seat`."""
        self._exchange.seat(device, agent, at=at)

    async def queue_add(self, device: str, name: str, *, paused: bool) -> None:
        """See `Switch.queue_add`."""
        member = Member(_device(device), name, paused)
        await self._do(*joining(self._queue, member), settled="Already there")

    async def queue_pause(self, device: str, *, paused: bool, reason: str) -> None:
        """See `Switch.queue_pause`."""
        await self._do(*pausing(self._queue, _device(device), paused=paused, reason=reason))

    async def queue_remove(self, device: str) -> None:
        """See `Switch.queue_remove`."""
        await self._do("QueueRemove", at(self._queue, _device(device)), settled="Not there")

    async def click_to_call(self, device: str, number: str, *, call_id: str) -> None:
        """See `Switch.click_to_call`; the agent's channel bears the call's id as its Uniqueid."""
        number = _digits(number, "number")
        fields = {
            "Channel": _device(device),
            "Context": "hotline-outbound",
            "Exten": number,
            "CallerID": f'"{number}" <{number}>',
            "ChannelId": _call_id(call_id),
        }
        try:
            await self._originate(call_id, fields)
        except (LinkDown, NoAnswer) as why:
            await self._reconcile(call_id, why)

    async def answer(self, device: str) -> None:
        """See `Switch.answer`."""
        raise Refusal(
            "switch.by_hand", f"device: pick up {device} by hand", field="device", status=409
        )

    async def hang_up(self, call_id: str) -> None:
        """See `Switch.hang_up`; while there is no citizen yet, every leg ends."""
        found = await self._legs(call_id)
        citizen = found.citizen(self._trunks)
        for leg in [citizen] if citizen else found.all:
            await self._do("Hangup", {"Channel": leg.channel, "Cause": "16"}, settled="No such")

    async def hold(self, call_id: str) -> None:
        """See `Switch.hold`."""
        citizen, agent = self._together(await self._legs(call_id))
        await self._move(citizen, "hotline-wait-citizen", agent, "hotline-wait-agent")

    async def resume(self, call_id: str) -> None:
        """See `Switch.resume`."""
        found = await self._legs(call_id)
        citizen = found.citizen(self._trunks)
        agent = next((leg for leg in found.all if leg.context == "hotline-wait-agent"), None)
        if not citizen or not agent or citizen.context != "hotline-wait-citizen":
            raise Refusal("switch.not_held", "call: it is not held from here", status=409)
        await self._set(citizen, "HL_PEER", agent.channel)
        await self._do("Redirect", _to(citizen, "hotline-resume"))

    async def transfer(self, call_id: str, *, device: str, to: str) -> None:
        """See `Switch.transfer`."""
        await self._pass_on("BlindTransfer", call_id, device, to)

    async def consult(self, call_id: str, *, device: str, to: str) -> None:
        """See `Switch.consult`."""
        await self._pass_on("Atxfer", call_id, device, to)

    async def cancel_consult(self, call_id: str, *, device: str) -> None:
        """See `Switch.cancel_consult`."""
        leg = _present((await self._legs(call_id)).of(_device(device)))
        await self._do("CancelAtxfer", {"Channel": leg.channel})

    async def conference(self, call_id: str, *, device: str, third: str) -> None:
        """See `Switch.conference`; a third who does not answer leaves the two together."""
        inside = f"PJSIP/{_digits(third, 'third')}"
        channel = inside if inside in self._devices else f"{inside}@{self._outbound_trunk}"
        citizen, agent = self._together(await self._legs(call_id), _device(device))
        room = _room(call_id)
        await self._move(citizen, "hotline-conference", agent, "hotline-conference", exten=room)
        fields = {
            "Channel": channel,
            "Context": "hotline-conference",
            "Exten": room,
            "CallerID": f'"{self._number}" <{self._number}>',
            "ChannelId": f"{uuid4()}",
        }
        try:
            await self._originate(call_id, fields, "HL_THIRD=1")
        except (LinkDown, NoAnswer) as why:
            raise SwitchUnavailable(f"whether {third} was dialled is unknown: {why}") from why

    async def mute_recording(self, call_id: str, *, muted: bool) -> None:
        """See `Switch.mute_recording`."""
        citizen = _present((await self._legs(call_id)).citizen(self._trunks))
        state = "1" if muted else "0"
        fields = {"Channel": citizen.channel, "Direction": "both", "State": state}
        await self._do("MixMonitorMute", fields)

    async def _legs(self, call_id: str) -> Legs:
        found = legs(await self._do("CoreShowChannels"), _call_id(call_id))
        if not found.all:
            raise Refusal("switch.call_over", "call: it has ended", field="call", status=409)
        return found

    def _together(self, found: Legs, device: str | None = None) -> tuple[Leg, Leg]:
        """Citizen and agent in their one bridge."""
        citizen = found.citizen(self._trunks)
        for agent in found.all:
            if (
                citizen is not None
                and agent.device == (device or agent.device)
                and agent.device not in self._trunks
                and agent.bridge == citizen.bridge != ""
            ):
                return citizen, agent
        raise Refusal("switch.not_talking", "call: agent and citizen are not talking", status=409)

    async def _pass_on(self, action: str, call_id: str, device: str, to: str) -> None:
        number = _digits(to, "to")
        _, agent = self._together(await self._legs(call_id), _device(device))
        fields = {"Channel": agent.channel, "Context": "hotline-transfer", "Exten": number}
        await self._do(action, fields)

    async def _move(
        self, citizen: Leg, place: str, agent: Leg, other_place: str, *, exten: str = "s"
    ) -> None:
        """Send both legs elsewhere at once, each knowing the other."""
        await self._set(citizen, "HL_CITIZEN", "1")
        await self._set(citizen, "HL_PEER", agent.channel)
        await self._set(agent, "HL_PEER", citizen.channel)
        extra = _to(agent, other_place, exten)
        both = _to(citizen, place, exten) | {f"Extra{key}": value for key, value in extra.items()}
        await self._do("Redirect", both)

    async def _set(self, leg: Leg, name: str, value: str) -> None:
        await self._do("Setvar", {"Channel": leg.channel, "Variable": name, "Value": value})

    async def _originate(self, call_id: str, fields: dict[str, str], *variables: str) -> None:
        order: Fields = {
            **fields,
            "Priority": "1",
            "Timeout": str(self._ring_seconds * 1000),
            "Async": "true",
            "Variable": [f"__HL_CALLID={_call_id(call_id)}", *variables],
        }
        try:
            await self._exchange.ask("Originate", order)
        except Declined as refusal:
            raise SwitchUnavailable(f"Asterisk refused to dial: {refusal.message}") from refusal
        except NotSent as why:
            raise SwitchUnavailable(f"not dialled: {why}") from why

    async def _reconcile(self, call_id: str, why: Exception) -> None:
        """An unanswered Originate may have been obeyed: look for its channel, never dial again."""
        try:
            async with asyncio.timeout(RECONCILE_SECONDS):
                await self._exchange.until_up()
        except TimeoutError:
            raise SwitchUnavailable(f"whether it was dialled is unknown: {why}") from why
        if self._exchange.knows(call_id):
            return
        if not legs(await self._do("CoreShowChannels"), call_id).all:
            raise SwitchUnavailable(f"not dialled: {why}") from why

    async def _do(
        self, action: str, fields: Fields | None = None, *, settled: str = ""
    ) -> list[Message]:
        """Ask; an error that says that things are so already (`settled`) is none."""
        try:
            return await self._exchange.ask(action, fields)
        except Declined as refusal:
            if settled and settled.lower() in refusal.message.lower():
                return []
            raise SwitchUnavailable(f"Asterisk refused {refusal}") from refusal
        except (LinkDown, NoAnswer) as why:
            raise SwitchUnavailable(str(why)) from why


def _to(leg: Leg, context: str, exten: str = "s") -> dict[str, str]:
    return {"Channel": leg.channel, "Context": context, "Exten": exten, "Priority": "1"}


def _room(call_id: str) -> str:
    """A conference's number: digits, one room a call."""
    return str(int.from_bytes(blake2b(call_id.encode(), digest_size=6).digest()))


def _present(leg: Leg | None) -> Leg:
    if leg is None:
        raise Refusal("switch.not_in_call", "device: it is not in this call", status=409)
    return leg


def _digits(number: str, field: str) -> str:
    if not _DIGITS.fullmatch(number):
        raise Refusal("switch.number", f"{field}: 3 to 20 digits and nothing else", field=field)
    return number


def _device(device: str) -> str:
    if not _DEVICE.fullmatch(device):
        raise Refusal("switch.device", "device: a telephone such as PJSIP/8001", field="device")
    return device


def _call_id(call_id: str) -> str:
    if not _CALL_ID.fullmatch(call_id):
        raise Refusal("switch.call", "call: letters, digits, dot and dash only", field="call")
    return call_id
