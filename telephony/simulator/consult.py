"""Attended transfer by the agent's keys (`Atxfer` presses them): consult, hand over or come back.

Asterisk reaches the target through a Local channel, whose two halves bridge agent and target until
the agent hangs up; then the near half takes the agent's place with the citizen, and both halves are
soon optimised away. An agent who hangs up while the target rings has made a "blonde" transfer.
"""

from telephony.simulator.calls import Call, Signal
from telephony.simulator.channels import Channel
from telephony.simulator.halves import (
    Consultation,
    begin,
    drop_halves,
    introduce,
    merge,
    optimise,
    target_answers,
    tell_transferred,
)
from telephony.simulator.parting import After, ask, begin_hold, complete, end_hold

_NO_ANSWER_SECONDS = 20.0
_KEYS = (("*", 0.145), ("2", 0.1))
_CANCEL_KEYS = (("*", 0.145), ("1", 0.1))
_DIGIT_SECONDS = 0.045


async def consulted(call: Call, signal: Signal) -> After | None:
    """Play an attended transfer; None where the citizen has somebody to talk to again."""
    agent = call.agent
    if agent is None or signal.channel is not agent or agent.bridge is None:
        return None
    await _press(call, agent, _KEYS)
    if not call.caller.on_hold:
        call.board.about("Hold", agent)
        begin_hold(call)
    await _press(call, agent, tuple((digit, _DIGIT_SECONDS) for digit in signal.exten))
    if agent.bridge is None or agent.name not in call.board.channels:
        return None
    trying = begin(call, agent, agent.bridge, signal)
    return await _await_target(call, trying)


async def _press(call: Call, agent: Channel, keys: tuple[tuple[str, float], ...]) -> None:
    for digit, seconds in keys:
        pressed = ("Digit", digit), ("DurationMs", "0"), ("Direction", "Received")
        call.board.about("DTMFEnd", agent, *pressed)
        await call.board.pause(seconds)


async def _await_target(call: Call, trying: Consultation) -> After | None:
    """The target rings."""
    signal = await call.next(_NO_ANSWER_SECONDS)
    while signal is not None:
        if signal.what == "picked" and signal.channel is trying.target:
            target_answers(call, trying)
            if trying.blonde is None:
                return await _with_target(call, trying)
            call.close(trying.blonde, 16)
            await optimise(call, trying)
            return None
        after = _while_ringing(call, trying, signal)
        if after != "wait":
            return None if after == "back" else "gone" if after == "gone" else "again"
        signal = await call.next(_NO_ANSWER_SECONDS)
    return _in_vain(call, trying)


def _while_ringing(call: Call, trying: Consultation, signal: Signal) -> str:
    if signal.channel is call.caller and signal.what in ("bye", "dropped"):
        ask(call, call.caller, signal.what)
        _drop_all(call, trying)
        return "gone"
    if signal.channel is call.agent and signal.what in ("bye", "dropped"):
        _blonde(call, trying, signal.what)
    elif signal.channel is call.agent and signal.what == "cancel":
        _come_back(call, trying, keys=True)
        return "back"
    elif signal.channel is trying.target and signal.what in ("declined", "bye", "dropped"):
        return "again" if _in_vain(call, trying) else "back"
    return "wait"


def _in_vain(call: Call, trying: Consultation) -> After | None:
    """The target did not answer: back to the agent, or to the queue where the agent has left."""
    if trying.blonde is None:
        _come_back(call, trying, keys=False)
        return None
    drop_halves(call, trying, "NOANSWER")
    call.board.leave(call.caller)
    call.board.dissolve(trying.with_citizen)
    call.close(trying.blonde, 16)
    return "again"


async def _with_target(call: Call, trying: Consultation) -> After | None:
    """Agent and target talk; the citizen hears music."""
    while True:
        signal = await call.next()
        if signal is None:
            continue
        over = signal.what in ("bye", "dropped")
        if signal.channel is call.caller and over:
            ask(call, call.caller, signal.what)
            _drop_all(call, trying)
            return "gone"
        if signal.channel is call.agent and over:
            _hand_over(call, trying, signal.what)
            await optimise(call, trying)
            return None
        if signal.what == "cancel" or (signal.channel is trying.target and over):
            _come_back(call, trying, keys=signal.what == "cancel")
            return None


def _hand_over(call: Call, trying: Consultation, what: str) -> None:
    """The agent hung up: the near half takes their place with the citizen."""
    board, agent = call.board, call.agent
    if agent is None:
        return
    ask(call, agent, what)
    merge(call, trying)
    introduce(call, trying.near, call.caller)
    tell_transferred(call, trying, agent)
    board.leave(agent)
    introduce(call, trying.target, call.caller)
    introduce(call, call.caller, trying.target)
    complete(call, "transfer")
    board.dissolve(trying.with_agent)
    call.close(agent, 16)
    call.agent = trying.target


def _blonde(call: Call, trying: Consultation, what: str) -> None:
    """The agent hung up before the target answered; their channel stands until it does."""
    board, agent = call.board, call.agent
    if agent is None:
        return
    ask(call, agent, what)
    board.leave(agent)
    merge(call, trying)
    tell_transferred(call, trying, agent)
    introduce(call, call.caller, trying.target)
    complete(call, "transfer")
    introduce(call, trying.near, call.caller)
    introduce(call, trying.target, call.caller)
    board.dissolve(trying.with_agent)
    trying.blonde = agent
    call.agent = trying.target


def _come_back(call: Call, trying: Consultation, *, keys: bool) -> None:
    """The agent gives up, or the target does not answer or leaves: agent and citizen again."""
    board, agent = call.board, call.agent
    if agent is None:
        return
    if keys:
        for digit, _ in _CANCEL_KEYS:
            pressed = ("Digit", digit), ("DurationMs", "0"), ("Direction", "Received")
            board.about("DTMFEnd", agent, *pressed)
    board.leave(agent)
    board.enter(trying.with_citizen, agent)
    end_hold(call)
    board.about("Unhold", agent)
    drop_halves(call, trying, "CANCEL" if keys else "NOANSWER")
    introduce(call, agent, call.caller)
    call.linger()


def _drop_all(call: Call, trying: Consultation) -> None:
    """The citizen hung up: nothing is left to transfer."""
    board, agent = call.board, call.agent
    complete(call, "caller")
    board.leave(call.caller)
    board.dissolve(trying.with_citizen)
    if agent is not None and agent is not trying.target:
        board.leave(agent)
    drop_halves(call, trying, "CANCEL")
    gone = trying.blonde or agent
    if gone is not None:
        call.close(gone, 16)
    call.agent = None
