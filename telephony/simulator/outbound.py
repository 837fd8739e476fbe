"""Calls that a command starts: ring the first party, then run its dialplan."""

from dataclasses import dataclass

from telephony.simulator.calls import Call, Pbx
from telephony.simulator.channels import RINGING, UP, shown_variables
from telephony.simulator.dialling import (
    PRESENTATION,
    answered,
    cancelled,
    expect,
    refused,
    ring,
)
from telephony.simulator.frames import Headers
from telephony.simulator.held import sit
from telephony.simulator.talk import talk

NO_ANSWER, FAILED, ANSWERED = "3", "0", "4"
"""OriginateResponse's reasons, as little telling as Asterisk's own: every refusal is 0."""

_DIAL_SECONDS = 40.0


@dataclass(frozen=True)
class Order:
    """An Originate action; `number` is what a trunk is to dial, empty for a desk's phone."""

    device: str
    number: str
    context: str
    exten: str
    priority: int
    timeout: float
    action_id: str
    channel_id: str
    caller_number: str
    caller_name: str
    variables: dict[str, str]


async def originate(pbx: Pbx, order: Order) -> None:
    """Play an Originate to its end."""
    if not order.number and order.device not in pbx.phones.known:
        pbx.board.tell("OriginateResponse", _response(order, "Failure", FAILED, order.device))
        return
    call = _open(pbx, order)
    if await _picked(call, order):
        _respond(call, order, "Success", ANSWERED)
        await _go_on(call, order)
    call.finish()


def _open(pbx: Pbx, order: Order) -> Call:
    board, phone = pbx.board, pbx.phones.known.get(order.device)
    first = board.open(
        order.device,
        number=phone.number if phone else "",
        caller=phone.name if phone else "",
        context="internal" if phone else f"from-{order.device.removeprefix('PJSIP/')}",
        uniqueid=order.channel_id,
    )
    first.variables = dict(order.variables)
    first.application, first.data = "AppDial2", "(Outgoing Line)"
    board.served += 1
    call = Call(pbx, order.variables.get("HL_CALLID", ""), first, runs=first)
    call.own(first)
    return call


async def _picked(call: Call, order: Order) -> bool:
    board, first = call.board, call.caller
    if order.caller_number:
        first.number, first.caller = order.caller_number, order.caller_name
        board.about("NewCallerid", first, PRESENTATION)
        first.connected_number, first.connected_name = order.caller_number, order.caller_name
        board.about("NewConnectedLine", first)
    board.dial("DialBegin", None, first, ("DialString", _dial_string(order)))
    board.turn(first, RINGING)
    board.dial("DialState", None, first, ("DialStatus", "RINGING"))
    call.refresh(first)
    conduct = expect(call, first, order.number)
    signal = await call.next(order.timeout)
    call.forget_timers()
    if signal is None:
        _respond(call, order, "Failure", NO_ANSWER)
        call.close(first, 19, ("TechCause", "480"))
        return False
    if signal.what != "picked":
        cause, tech = refused(call, None, first, order.number)
        _respond(call, order, "Failure", FAILED)
        call.close(first, cause, ("TechCause", tech))
        return False
    board.turn(first, UP)
    board.dial("DialEnd", None, first, ("DialStatus", "ANSWER"))
    call.refresh(first)
    call.later(conduct.hangs_up if conduct else None, "bye", first)
    return True


def _respond(call: Call, order: Order, result: str, reason: str) -> None:
    first = call.caller
    done = result == "Success"
    if done:
        first.at(order.context, order.exten, order.priority)
    name = first.name if done else order.device
    body = _response(order, result, reason, name, uniqueid=first.uniqueid)
    if done:
        body += [(f"ChanVariable({first.name})", each) for each in shown_variables(first)]
    call.board.tell("OriginateResponse", body)


def _response(
    order: Order, result: str, reason: str, channel: str, *, uniqueid: str = ""
) -> Headers:
    return [
        ("ActionID", order.action_id),
        ("Response", result),
        ("Channel", channel),
        ("Context", order.context),
        ("Exten", order.exten),
        ("Reason", reason),
        ("Uniqueid", uniqueid or order.channel_id or "<null>"),
        ("CallerIDNum", order.caller_number or "<unknown>"),
        ("CallerIDName", order.caller_name or "<unknown>"),
    ]


async def _go_on(call: Call, order: Order) -> None:
    """The dialplan of the channel that picked up: a room, a number to dial, or an announcement."""
    if "conf" in order.context:
        await sit(call, order.exten)
    elif order.exten.strip("+*#").isdigit():
        await _dial_on(call, order)
    else:
        await call.next(5)


async def _dial_on(call: Call, order: Order) -> None:
    board, first = call.board, call.caller
    call.id = call.id or board.identity()
    first.variables["HL_CALLID"] = call.id
    told = ("CallId", call.id), ("Device", order.device), ("Number", order.exten)
    board.about("UserEvent", first, ("UserEvent", "HotlineOutbound"), *told)
    first.number = first.caller = "962200"
    board.about("NewCallerid", first, PRESENTATION)
    target, conduct = ring(call, first, order.exten)
    signal = await call.next(_DIAL_SECONDS)
    if signal is None:
        cancelled(call, first, target, "NOANSWER")
    elif signal.channel is first:
        board.asked_to_hang_up(first)
        cancelled(call, first, target)
    elif signal.what == "picked":
        call.forget_timers()
        call.record(target)
        answered(call, first, target)
        # From here on the outside party is the citizen, whoever called whom.
        call.caller, call.agent = target, first
        call.talk = conduct.hangs_up if conduct else None
        call.later(call.talk, "bye", target)
        await talk(call)
    else:
        cause, tech = refused(call, first, target, order.exten)
        call.close(target, cause, ("TechCause", tech))


def _dial_string(order: Order) -> str:
    device = order.device.removeprefix("PJSIP/")
    return f"{order.number}@{device}" if order.number else device
