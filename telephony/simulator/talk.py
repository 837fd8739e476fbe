"""Citizen and agent in one bridge: hold, transfers, either side hanging up."""

from collections.abc import Awaitable, Callable

from telephony.simulator.calls import Call, Signal
from telephony.simulator.channels import Channel, describe, describe_bridge
from telephony.simulator.consult import consulted
from telephony.simulator.dialling import answered, cancelled, refused, ring
from telephony.simulator.held import joined, moved
from telephony.simulator.parting import (
    After,
    agent_leaves,
    ask,
    begin_hold,
    citizen_leaves,
    complete,
    end_hold,
)

_DIAL_SECONDS = 20.0


async def talk(call: Call) -> After:
    """Until one of them is gone for good."""
    while True:
        signal = await call.next()
        act = _ACTS.get(signal.what) if signal else None
        after = await act(call, signal) if act and signal else None
        if after is not None:
            return after


async def _bye(call: Call, signal: Signal) -> After | None:
    if signal.channel is call.caller:
        citizen_leaves(call, signal.what)
        return "gone"
    if signal.channel is call.agent:
        agent_leaves(call, signal.what)
        return "left"
    return None


async def _hold(call: Call, signal: Signal) -> None:
    if signal.channel is call.agent and not call.caller.on_hold:
        call.board.about("Hold", signal.channel, ("MusicClass", "default"))
        begin_hold(call)


async def _unhold(call: Call, signal: Signal) -> None:
    if signal.channel is call.agent and call.caller.on_hold:
        call.board.about("Unhold", signal.channel)
        end_hold(call)


async def _blind(call: Call, signal: Signal) -> After | None:
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
    end_hold(call)
    call.caller.at(signal.context, signal.exten, 1)
    call.runs = call.caller
    complete(call, "transfer")
    board.part(agent, call.caller)
    call.forget_timers()
    call.close(agent, 16)
    call.agent = None
    call.hear("silence")


async def dialled(call: Call, number: str) -> After:
    """The citizen's channel dials a phone or an outside number, and talks where it is answered."""
    target, conduct = ring(call, call.caller, number)
    signal = await call.next(_DIAL_SECONDS)
    while signal is not None and signal.what not in ("picked", "declined", "bye", "dropped"):
        signal = await call.next(_DIAL_SECONDS)
    if signal is None:
        cancelled(call, call.caller, target, "NOANSWER")
        return "again"
    if signal.channel is call.caller:
        ask(call, call.caller, signal.what)
        cancelled(call, call.caller, target)
        return "gone"
    if signal.what != "picked":
        cause, tech = refused(call, call.caller, target, number)
        call.close(target, cause, ("TechCause", tech))
        return "again"
    answered(call, call.caller, target)
    call.agent = target
    call.plan(target, conduct)
    call.later(call.talk, "bye", call.caller)
    return await talk(call)


_ACTS: dict[str, Callable[[Call, Signal], Awaitable[After | None]]] = {
    "bye": _bye,
    "dropped": _bye,
    "hold": _hold,
    "unhold": _unhold,
    "blind": _blind,
    "consult": consulted,
    "moved": moved,
    "joined": joined,
}
