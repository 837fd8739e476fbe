"""The queue's part of a call: wait, ring one member after another, connect the one who answers."""

import asyncio
from typing import Literal

from telephony.simulator.calls import Call, Signal
from telephony.simulator.channels import RINGING, UP, Channel
from telephony.simulator.parting import ask
from telephony.simulator.people import Visit
from telephony.simulator.queue import Caller, Member

Outcome = Literal["answered", "gone", "nobody"]


async def queued(call: Call, who: Visit) -> Outcome:
    """Until a member answers (`call.agent`), the citizen gives up, or nobody is there."""
    queue = call.pbx.queue
    if not queue.staffed:
        return "nobody"
    call.caller.at("hotline-queue", "s", 10)
    call.caller.application, call.caller.data = "Queue", f"{queue.name},ct,,,120"
    waiting = queue.join(call.caller)
    call.board.about("MusicOnHoldStart", call.caller, ("Class", "default"))
    call.hear("music")
    if who.leaves == "queue":
        call.later(who.patience, "bye", call.caller)
    time = asyncio.get_running_loop().time
    patient_until = time() + call.pbx.longest_wait / call.board.speed
    while True:
        if time() >= patient_until or not queue.staffed:
            call.forget_timers()
            call.board.about("MusicOnHoldStop", call.caller)
            queue.leave(waiting)
            return "nobody"
        member = queue.next_for(waiting)
        if member is not None:
            outcome = await _ring(call, who, waiting, member)
        else:
            outcome = await _wait(call, waiting)
        if outcome is not None:
            return outcome


async def _wait(call: Call, waiting: Caller) -> Outcome | None:
    """Nobody is free: try again soon."""
    signal = await call.next(call.pbx.retry_seconds)
    if signal is None or not _is_over(call, signal):
        return None
    _give_up(call, waiting, signal.what, None)
    return "gone"


async def _ring(call: Call, who: Visit, waiting: Caller, member: Member) -> Outcome | None:
    waiting.ringing = True
    agent = _call_member(call, member)
    conduct = call.pbx.phones.conduct(member.interface)
    if conduct:
        call.later(conduct.answers, "picked", agent)
        call.later(conduct.rejects, "declined", agent)
    if who.leaves == "ringing":
        call.later(who.patience, "bye", call.caller)
    began = waiting.round_began = waiting.round_began or call.board.clock()
    signal = await call.next(call.pbx.ring_seconds)
    rung = int(call.board.clock().timestamp()) - int(began.timestamp())
    waiting.ringing = False
    if signal is None:
        return await _missed(call, waiting, member, agent, rung)
    if _is_over(call, signal):
        _give_up(call, waiting, signal.what, agent)
        return "gone"
    if signal.what != "picked":
        _declined(call, member, agent, rung)
        return None
    call.forget_timers()
    _connect(call, waiting, member, agent, rung)
    call.plan(agent, conduct)
    call.later(call.talk, "bye", call.caller)
    return "answered"


def _is_over(call: Call, signal: Signal) -> bool:
    return signal.channel is call.caller and signal.what in ("bye", "dropped", "moved")


def _call_member(call: Call, member: Member) -> Channel:
    board = call.board
    phone = call.pbx.phones.known[member.interface]
    agent = board.open(
        phone.device, number=phone.number, caller=phone.name, linkedid=call.caller.linkedid
    )
    call.own(agent)
    agent.application, agent.data = "AppQueue", "(Outgoing Line)"
    agent.meet(call.caller)
    agent.inherit(call.caller)
    board.about("NewConnectedLine", agent)
    call.queue_event("AgentCalled", agent, member)
    board.dial("DialBegin", call.caller, agent, ("DialString", member.interface))
    call.caller.meet(agent)
    board.about("NewConnectedLine", call.caller)
    board.turn(agent, RINGING)
    board.dial("DialState", call.caller, agent, ("DialStatus", "RINGING"))
    call.refresh(agent)
    return agent


def _connect(call: Call, waiting: Caller, member: Member, agent: Channel, rung: int) -> None:
    board = call.board
    board.turn(agent, UP)
    board.dial("DialEnd", call.caller, agent, ("DialStatus", "ANSWER"))
    board.about("MusicOnHoldStop", call.caller)
    call.hold_time = call.pbx.queue.waited(waiting)
    call.pbx.queue.leave(waiting)
    times = ("HoldTime", str(call.hold_time)), ("RingTime", str(rung))
    call.queue_event("AgentConnect", agent, member, *times)
    bridge = board.span()
    board.enter(bridge, agent)
    board.enter(bridge, call.caller)
    member.in_call = True
    call.agent, call.member = agent, member
    call.connected_at = board.clock().timestamp()
    call.hear("speech")


async def _missed(
    call: Call, waiting: Caller, member: Member, agent: Channel, rung: int
) -> Outcome | None:
    call.queue_event("AgentRingNoAnswer", agent, member, ("RingTime", f"{rung * 1000}"))
    call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "NOANSWER"))
    call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "CANCEL"))
    call.close(agent, 0)
    waiting.round_began = None
    return await _wait(call, waiting)


def _declined(call: Call, member: Member, agent: Channel, rung: int) -> None:
    why = ("TechCause", "486")
    call.board.asked_to_hang_up(agent, ("Cause", "17"), why)
    call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "NOANSWER"))
    call.queue_event("AgentRingNoAnswer", agent, member, ("RingTime", f"{rung * 1000}"))
    call.close(agent, 17, why)


def _give_up(call: Call, waiting: Caller, what: str, agent: Channel | None) -> None:
    call.forget_timers()
    ask(call, call.caller, what)
    call.board.about("MusicOnHoldStop", call.caller)
    if agent is not None:
        call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "CANCEL"))
        call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "CANCEL"))
    call.pbx.queue.abandon(waiting)
    if agent is not None:
        call.close(agent, 0)
