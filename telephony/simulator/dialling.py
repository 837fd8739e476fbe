"""Dial(): ring a desk's phone or an outside number from a channel, and what comes of it."""

from telephony.simulator.calls import Call
from telephony.simulator.channels import RINGING, UP, Channel
from telephony.simulator.people import Conduct

PRESENTATION = ("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")

ENDS = {
    "busy": ("BUSY", 17, "486"),
    "rejected": ("NOANSWER", 21, "603"),
    "switched_off": ("NOANSWER", 19, "480"),
    "unallocated": ("NOANSWER", 1, "404"),
    "congested": ("CONGESTION", 34, "503"),
}
"""Outcome of an outside party: DialStatus, Q.850 cause, SIP answer."""


def ring(call: Call, by: Channel, number: str) -> tuple[Channel, Conduct | None]:
    """Ring a phone or an outside number and plan what the other side does."""
    board = call.board
    target, where = _open(call, by, number)
    board.about("NewConnectedLine", target)
    board.dial("DialBegin", by, target, ("DialString", where))
    if by.connected_number != target.number:
        by.meet(target)
        board.about("NewConnectedLine", by)
    board.turn(target, RINGING)
    board.dial("DialState", by, target, ("DialStatus", "RINGING"))
    call.refresh(target)
    return target, expect(call, target, number)


def _open(call: Call, by: Channel, number: str) -> tuple[Channel, str]:
    """The new channel, before it rings, and Asterisk's dial string for it."""
    board, phone = call.board, call.pbx.phones.named(number)
    if phone is not None:
        target = board.open(
            phone.device, number=phone.number, caller=phone.name, linkedid=by.linkedid
        )
        where = number
    else:
        trunk = call.pbx.trunk
        name = trunk.removeprefix("PJSIP/")
        target = board.open(trunk, number="", context=f"from-{name}", linkedid=by.linkedid)
        where = f"{number}@{name}"
    call.own(target)
    target.application, target.data = "AppDial", "(Outgoing Line)"
    target.exten = by.exten
    target.meet(by)
    target.inherit(by)
    if phone is None:
        # Asterisk knows no name for the number and keeps that of whom `by` was connected to.
        target.number, target.caller = number, by.connected_name
        board.about("NewCallerid", target, PRESENTATION)
    return target, where


def expect(call: Call, target: Channel, number: str) -> Conduct | None:
    """Plan whether and when the other side answers; gives what it does afterwards."""
    if target.device in call.pbx.phones.known:
        conduct = call.pbx.phones.conduct(target.device)
    else:
        conduct = _outside(call, number)
    if conduct is None:
        return None
    call.later(conduct.answers, "picked", target)
    call.later(conduct.rejects, "declined", target)
    # Whoever is handed a call does not hand it on.
    return Conduct(hangs_up=conduct.hangs_up)


def _outside(call: Call, number: str) -> Conduct:
    fate = call.pbx.fate(number)
    if fate.outcome == "answered":
        return Conduct(answers=fate.seconds, hangs_up=fate.talk)
    rejects = None if fate.outcome == "no_answer" else fate.seconds
    return Conduct(answers=None, rejects=rejects)


def answered(call: Call, by: Channel, target: Channel) -> None:
    """The dialled one picked up: both are in a bridge."""
    board = call.board
    board.turn(target, UP)
    board.dial("DialEnd", by, target, ("DialStatus", "ANSWER"))
    bridge = board.span()
    target.exten = ""
    board.enter(bridge, target)
    board.enter(bridge, by)
    call.refresh(target)
    call.hear("speech")


def cancelled(call: Call, by: Channel, target: Channel, status: str = "CANCEL") -> None:
    """The dialling side gave up, or waited in vain (status NOANSWER)."""
    call.forget_timers()
    call.board.dial("DialEnd", by, target, ("DialStatus", status))
    call.close(target, 0)


def refused(call: Call, by: Channel | None, target: Channel, number: str) -> tuple[int, str]:
    """The dialled one cannot or will not: cause and SIP answer. Its channel still stands."""
    outside = target.device not in call.pbx.phones.known
    outcome = call.pbx.fate(number).outcome if outside else "busy"
    status, cause, tech = ENDS.get(outcome, ENDS["busy"])
    call.forget_timers()
    call.board.asked_to_hang_up(target, ("Cause", str(cause)), ("TechCause", tech))
    call.board.dial("DialEnd", by, target, ("DialStatus", status))
    return cause, tech
