"""How a conversation ends: who asks, who leaves the bridge first, what the queue notes."""

from typing import Literal

from telephony.simulator.calls import Call
from telephony.simulator.channels import Channel

After = Literal["gone", "left", "again"]
"""What a conversation leaves behind: the citizen gone; the agent gone and the citizen going on in
the dialplan; or nobody reached by a transfer, so that the citizen goes back to the queue."""

BY_COMMAND = 32  # SoftHangupRequest's cause where an AMI command hangs up


def ask(call: Call, channel: Channel, what: str) -> None:
    """The channel is to be hung up, by its far end or by command."""
    if what != "bye":
        call.board.told_to_hang_up(channel, BY_COMMAND)
        return
    # Whoever Dial() called says why it hangs up; one that a queue called does not.
    dialled = channel.application == "AppDial"
    call.board.asked_to_hang_up(channel, *([("Cause", "16")] if dialled else []))


def complete(call: Call, reason: str) -> None:
    """AgentComplete, once, while the queue's call is the first one."""
    member, agent = call.member, call.agent
    if member is None or agent is None:
        return
    call.member = None
    call.pbx.queue.took(member)
    call.pbx.queue.completed += 1
    # app_queue reckons in whole seconds of the clock.
    talked = int(call.board.clock().timestamp()) - int(call.connected_at)
    figures = ("HoldTime", str(call.hold_time)), ("TalkTime", str(talked)), ("Reason", reason)
    call.queue_event("AgentComplete", agent, member, *figures)


def citizen_leaves(call: Call, what: str) -> None:
    """The citizen hung up; the agent's leg ends with it."""
    board, agent = call.board, call.agent
    ask(call, call.caller, what)
    complete(call, "caller")
    board.part(call.caller, agent)
    if agent is not None:
        if agent is call.runs:
            board.told_to_hang_up(agent)
        call.close(agent, 16)
    call.agent = None


def agent_leaves(call: Call, what: str) -> None:
    """The agent hung up; the citizen goes on in the dialplan."""
    board, agent = call.board, call.agent
    if agent is None:
        return
    ask(call, agent, what)
    end_hold(call)
    complete(call, "agent")
    board.part(agent, call.caller)
    call.close(agent, 16)
    call.agent = None
    call.hear("silence")


def begin_hold(call: Call) -> None:
    """The citizen hears music."""
    call.board.about("MusicOnHoldStart", call.caller, ("Class", "default"))
    call.caller.on_hold = True
    call.refresh(call.caller)
    call.hear("music")


def end_hold(call: Call) -> bool:
    """The citizen hears the other side again; False where they did already."""
    if not call.caller.on_hold:
        return False
    call.caller.on_hold = False
    call.board.about("MusicOnHoldStop", call.caller)
    call.refresh(call.caller)
    call.hear("speech")
    return True
