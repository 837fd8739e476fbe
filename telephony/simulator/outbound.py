"""Calls that a command starts: ring the first party, then run its dialplan."""

from dataclasses import dataclass

from telephony.simulator.calls import Call, Pbx, Signal
from telephony.simulator.channels import RINGING, UP, Channel, shown_variables
from telephony.simulator.people import Conduct, Fate
from telephony.simulator.talk import PRESENTATION, answered, not_answered, ring, talk

NO_ANSWER, FAILED, ANSWERED = "3", "0", "4"
"""OriginateResponse's reasons, as little telling as Asterisk's own: every refusal is 0."""

ENDS = {
    "busy": ("BUSY", 17, "486"),
    "rejected": ("NOANSWER", 21, "603"),
    "switched_off": ("NOANSWER", 19, "480"),
    "unallocated": ("NOANSWER", 1, "404"),
    "congested": ("CONGESTION", 34, "503"),
}
"""Outcome of an outside party: DialStatus, Q.850 cause, SIP answer."""


@dataclass(frozen=True)
class Order:
    """An Originate action."""

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
    board = pbx.board
    phone = pbx.phones.known.get(order.device)
    first = board.open(
        order.device,
        number=phone.number if phone else "",
        caller=phone.name if phone else "",
        context="internal" if phone else "from-city",
        uniqueid=order.channel_id,
    )
    first.variables = dict(order.variables)
    call = Call(pbx, order.variables.get("HL_CALLID", "") or first.uniqueid, first)
    call.own(first)
    board.served += 1
    first.application, first.data = "AppDial2", "(Outgoing Line)"
    if await _picked(call, order):
        _respond(call, order, "Success", ANSWERED)
        await _go_on(call, order)
    call.forget_timers()
    if first.name in board.channels:
        board.told_to_hang_up(first)
        call.close(first, 16)
    if call.track:
        call.track.stop()


async def _picked(call: Call, order: Order) -> bool:
    board, first = call.board, call.caller
    if order.caller_number:
        first.connected_number, first.connected_name = order.caller_number, order.caller_name
        if order.device not in call.pbx.phones.known:
            first.number, first.caller = order.caller_number, order.caller_name
        board.about("NewCallerid", first, PRESENTATION)
        board.about("NewConnectedLine", first)
    conduct, fate = _expectation(call, order)
    board.dial("DialBegin", None, first, ("DialString", _dial_string(order)))
    board.turn(first, RINGING)
    board.dial("DialState", None, first, ("DialStatus", "RINGING"))
    call.refresh(first)
    if conduct:
        call.later(conduct.answers, "picked", first)
        call.later(conduct.rejects, "declined", first)
    signal = await call.next(order.timeout)
    call.forget_timers()
    if signal is not None and signal.what == "picked":
        board.turn(first, UP)
        board.dial("DialEnd", None, first, ("DialStatus", "ANSWER"))
        call.refresh(first)
        return True
    _failed(call, order, signal, fate)
    return False


def _expectation(call: Call, order: Order) -> tuple[Conduct | None, Fate | None]:
    if order.device in call.pbx.phones.known:
        return call.pbx.phones.conduct(order.device), None
    fate = call.pbx.fate(order.number)
    if fate.outcome == "answered":
        return Conduct(answers=fate.seconds), fate
    if fate.outcome == "no_answer":
        return Conduct(answers=None), fate
    return Conduct(answers=None, rejects=fate.seconds), fate


def _failed(call: Call, order: Order, signal: Signal | None, fate: Fate | None) -> None:
    first = call.caller
    if signal is None:
        _respond(call, order, "Failure", NO_ANSWER)
        call.close(first, 19, ("TechCause", "480"))
        return
    outcome = fate.outcome if fate else "busy"
    status, cause, tech = ENDS.get(outcome, ENDS["busy"])
    call.board.asked_to_hang_up(first, ("Cause", str(cause)), ("TechCause", tech))
    call.board.dial("DialEnd", None, first, ("DialStatus", status))
    _respond(call, order, "Failure", FAILED)
    call.close(first, cause, ("TechCause", tech))


def _respond(call: Call, order: Order, result: str, reason: str) -> None:
    first = call.caller
    done = result == "Success"
    if done:
        first.at(order.context, order.exten, order.priority)
    body = [
        ("ActionID", order.action_id),
        ("Response", result),
        ("Channel", first.name if done else order.device),
        ("Context", order.context),
        ("Exten", order.exten),
        ("Reason", reason),
        ("Uniqueid", first.uniqueid),
        ("CallerIDNum", order.caller_number or "<unknown>"),
        ("CallerIDName", order.caller_name or "<unknown>"),
    ]
    if done:
        body += [(f"ChanVariable({first.name})", each) for each in shown_variables(first)]
    call.board.tell("OriginateResponse", body)


async def _go_on(call: Call, order: Order) -> None:
    """The dialplan of the channel that picked up."""
    board, first = call.board, call.caller
    if not order.exten.isdigit():
        await call.next(5)
        return
    first.number = "962200"
    board.about("NewCallerid", first, PRESENTATION)
    call.track = call.pbx.record(recording_id := board.identity())
    board.about("MixMonitorStart", first)
    said = ("CallId", call.id), ("RecordingId", recording_id)
    board.about("UserEvent", first, ("UserEvent", "HotlineRecording"), *said)
    await _dial_on(call, order)


async def _dial_on(call: Call, order: Order) -> None:
    first = call.caller
    target, conduct = ring(call, first, order.exten)
    signal = await call.next(40)
    if signal is not None and signal.what == "picked":
        answered(call, first, target)
        call.agent = target
        call.plan(target, conduct)
        await talk(call)
    elif signal is not None and signal.channel is first:
        call.board.asked_to_hang_up(first)
        not_answered(call, first, target, "CANCEL", 0)
    elif signal is None:
        not_answered(call, first, target, "NOANSWER", 0)
    else:
        _refused(call, first, target, order.exten)


def _refused(call: Call, first: Channel, target: Channel, number: str) -> None:
    status, cause, tech = ENDS.get(call.pbx.fate(number).outcome, ENDS["busy"])
    call.forget_timers()
    call.board.asked_to_hang_up(target, ("Cause", str(cause)), ("TechCause", tech))
    call.board.dial("DialEnd", first, target, ("DialStatus", status))
    call.close(target, cause, ("TechCause", tech))


def _dial_string(order: Order) -> str:
    return (
        order.device.removeprefix("PJSIP/")
        if not order.number
        else (f"{order.number}@{order.device.removeprefix('PJSIP/')}")
    )
