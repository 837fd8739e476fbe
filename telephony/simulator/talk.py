"""Citizen and agent in one bridge: hold, transfers, and either side hanging up."""

from collections.abc import Awaitable, Callable

from telephony.simulator.calls import Call, Signal
from telephony.simulator.channels import RINGING, UP, Channel, describe, describe_bridge
from telephony.simulator.people import Conduct

_DIAL_SECONDS = 20.0

Gone = bool
"""True: the citizen is still there and the dialplan goes on; False: the citizen has hung up."""


async def talk(call: Call) -> Gone:
    """Until one of them is gone for good."""
    while True:
        signal = await call.next()
        if signal is None:
            continue
        act = _ACTS.get(signal.what)
        if act is None:
            continue
        ended = await act(call, signal)
        if ended is not None:
            return ended


async def _bye(call: Call, signal: Signal) -> Gone | None:
    if signal.channel is call.caller:
        citizen_leaves(call, signal.what)
        return False
    if signal.channel is not call.agent:
        return None
    agent_leaves(call, signal.what)
    return True


def citizen_leaves(call: Call, what: str) -> None:
    """The citizen hung up; the agent's leg ends with it."""
    board, agent = call.board, call.agent
    _ask(call, call.caller, what)
    complete(call, "caller")
    bridge = call.caller.bridge
    board.leave(call.caller)
    if agent is not None:
        board.leave(agent)
    if bridge is not None:
        board.dissolve(bridge)
    if agent is not None:
        call.close(agent, 16)
    call.agent = None


def agent_leaves(call: Call, what: str) -> None:
    """The agent hung up; the citizen goes on in the dialplan."""
    board, agent = call.board, call.agent
    if agent is None:
        return
    _ask(call, agent, what)
    unhold(call, tell=False)
    complete(call, "agent")
    bridge = agent.bridge
    board.leave(agent)
    board.leave(call.caller)
    if bridge is not None:
        board.dissolve(bridge)
    call.close(agent, 16)
    call.agent = None
    call.hear("silence")


def complete(call: Call, reason: str) -> None:
    """AgentComplete, once, while the queue's call is the first one."""
    member, agent = call.member, call.agent
    if member is None or agent is None:
        return
    call.member = None
    call.pbx.queue.took(member)
    call.pbx.queue.completed += 1
    talked = int(call.board.clock().timestamp() - call.connected_at)
    figures = ("HoldTime", str(call.hold_time)), ("TalkTime", str(talked)), ("Reason", reason)
    call.queue_event("AgentComplete", agent, member, *figures)


def _ask(call: Call, channel: Channel, what: str) -> None:
    if what == "bye":
        # Whoever Dial() called says why it hangs up; one that a queue called does not.
        why = [] if call.member or channel is call.caller else [("Cause", "16")]
        call.board.asked_to_hang_up(channel, *why)
    else:
        call.board.told_to_hang_up(channel, 32)


async def _hold(call: Call, signal: Signal) -> None:
    if signal.channel is not call.agent or call.caller.variables.get("_held"):
        return
    call.board.about("Hold", signal.channel, ("MusicClass", "default"))
    call.board.about("MusicOnHoldStart", call.caller, ("Class", "default"))
    call.caller.variables["_held"] = "1"
    call.refresh(call.caller)
    call.hear("music")


async def _unhold(call: Call, signal: Signal) -> None:
    if signal.channel is call.agent:
        unhold(call)


def unhold(call: Call, *, tell: bool = True) -> None:
    """The agent takes the citizen back; without `tell` because the agent is leaving."""
    if not call.caller.variables.pop("_held", ""):
        return
    if tell and call.agent is not None:
        call.board.about("Unhold", call.agent)
    call.board.about("MusicOnHoldStop", call.caller)
    call.refresh(call.caller)
    call.hear("speech")


# --- blind transfer


async def _blind(call: Call, signal: Signal) -> Gone | None:
    agent = call.agent
    if agent is None or signal.channel is not agent:
        return None
    _pass_on(call, agent, signal)
    return await dialled(call, signal.exten)


def _pass_on(call: Call, agent: Channel, signal: Signal) -> None:
    board, bridge = call.board, agent.bridge
    board.about("Unhold", agent)
    board.tell(
        "BlindTransfer",
        [("Result", "Success")],
        describe(agent, "Transferer"),
        describe(call.caller, "Transferee"),
        describe_bridge(bridge) if bridge else [],
        [("IsExternal", "Yes"), ("Context", signal.context), ("Extension", signal.exten)],
    )
    call.caller.at(signal.context, signal.exten, 1)
    complete(call, "transfer")
    board.leave(agent)
    board.leave(call.caller)
    if bridge is not None:
        board.dissolve(bridge)
    call.forget_timers()
    call.close(agent, 16)
    call.agent = None
    call.hear("silence")


async def dialled(call: Call, number: str) -> Gone:
    """Dial() of a phone or an outside number by the citizen's channel, and the talk after it."""
    target, conduct = ring(call, call.caller, number)
    signal = await call.next(_DIAL_SECONDS)
    if signal is not None and signal.what == "picked":
        answered(call, call.caller, target)
        call.agent = target
        call.plan(target, conduct)
        return await talk(call)
    if signal is not None and signal.channel is call.caller:
        _ask(call, call.caller, signal.what)
        not_answered(call, call.caller, target, "CANCEL", 0)
        return False
    busy = signal is not None
    not_answered(call, call.caller, target, "BUSY" if busy else "NOANSWER", 17 if busy else 0)
    return True


def ring(call: Call, by: Channel, number: str) -> tuple[Channel, Conduct | None]:
    """Call a phone or an outside number from `by`, as Dial() does."""
    board, phone = call.board, call.pbx.phones.named(number)
    outside = phone is None
    device = call.pbx.trunk if phone is None else phone.device
    target = board.open(
        device,
        number="" if phone is None else phone.number,
        caller="" if phone is None else phone.name,
        context="from-city" if outside else "internal",
        linkedid=by.linkedid,
    )
    call.own(target)
    target.application, target.data = "AppDial", "(Outgoing Line)"
    target.exten = by.exten
    target.meet(by)
    target.inherit(by)
    if outside:
        target.number = number
        board.about("NewCallerid", target, PRESENTATION)
    board.about("NewConnectedLine", target)
    where = f"{number}@{device.removeprefix('PJSIP/')}" if outside else number
    board.dial("DialBegin", by, target, ("DialString", where))
    by.meet(target)
    board.about("NewConnectedLine", by)
    board.turn(target, RINGING)
    board.dial("DialState", by, target, ("DialStatus", "RINGING"))
    call.refresh(target)
    return target, _expected(call, target, number, outside=outside)


PRESENTATION = ("CID-CallingPres", "0 (Presentation Allowed, Not Screened)")


def _expected(call: Call, target: Channel, number: str, *, outside: bool) -> Conduct | None:
    """Plan the answer of a colleague or of an outside party; a person's phone just rings."""
    if not outside:
        conduct = call.pbx.phones.conduct(target.device)
    else:
        fate = call.pbx.fate(number)
        conduct = Conduct(answers=None, hangs_up=fate.talk)
        if fate.outcome == "answered":
            conduct = Conduct(answers=fate.seconds, hangs_up=fate.talk)
        elif fate.outcome != "no_answer":
            conduct = Conduct(answers=None, rejects=fate.seconds)
    if conduct:
        call.later(conduct.answers, "picked", target)
        call.later(conduct.rejects, "declined", target)
        # One transfer is enough: whoever was handed the call does not hand it on.
        return Conduct(holds=None, passes=None, hangs_up=conduct.hangs_up)
    return None


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


def not_answered(call: Call, by: Channel, target: Channel, status: str, cause: int) -> None:
    """The dialled one did not pick up."""
    call.forget_timers()
    if cause:
        call.board.asked_to_hang_up(target, ("Cause", str(cause)), ("TechCause", "486"))
    call.board.dial("DialEnd", by, target, ("DialStatus", status))
    call.close(target, cause)


_ACTS: dict[str, Callable[[Call, Signal], Awaitable[Gone | None]]] = {
    "bye": _bye,
    "dropped": _bye,
    "hold": _hold,
    "unhold": _unhold,
    "blind": _blind,
}
