"""The Local channel of an attended transfer: its two halves, and the bridges they stand in."""

from dataclasses import dataclass

from telephony.simulator.calls import Call, Signal
from telephony.simulator.channels import RINGING, UP, Bridge, Channel, describe, describe_bridge
from telephony.simulator.dialling import PRESENTATION, expect
from telephony.simulator.parting import end_hold
from telephony.simulator.people import Conduct

_OPTIMISED_AFTER = 0.45


@dataclass(eq=False)
class Consultation:
    """Who and what an attended transfer in progress consists of."""

    near: Channel  # the half that faces the agent, and later the citizen
    far: Channel
    target: Channel
    with_citizen: Bridge
    with_agent: Bridge
    conduct: Conduct | None
    with_target: Bridge | None = None
    blonde: Channel | None = None  # the agent, gone while the target rings


def begin(call: Call, agent: Channel, bridge: Bridge, signal: Signal) -> Consultation:
    """Open both halves, take the agent to the near one and ring the target from the far one."""
    board = call.board
    near, far = board.open_local(signal.context, signal.exten, linkedid=agent.linkedid)
    for half in (near, far):
        half.inherit(agent)
        board.about("Newchannel", half)
    near.meet(agent)
    board.about("NewConnectedLine", near)
    between = board.span()
    far.number, far.caller = agent.number, agent.caller
    board.about("NewCallerid", far, PRESENTATION)
    place = ("Context", signal.context), ("Exten", signal.exten), ("LocalOptimization", "Yes")
    _halves(call, "LocalBridge", near, far, *place)
    board.enter(between, near)
    board.leave(agent)
    board.enter(between, agent)
    target, conduct = _ring(call, agent, near, far, signal.exten)
    return Consultation(near, far, target, bridge, between, conduct)


def _ring(
    call: Call, agent: Channel, near: Channel, far: Channel, number: str
) -> tuple[Channel, Conduct | None]:
    board, phone = call.board, call.pbx.phones.named(number)
    device = call.pbx.trunk if phone is None else phone.device
    target = board.open(
        device,
        number=number,
        caller="" if phone is None else phone.name,
        linkedid=agent.linkedid,
    )
    call.own(target)
    target.application, target.data = "AppDial", "(Outgoing Line)"
    target.exten = number
    target.meet(agent)
    target.inherit(agent)
    board.about("NewConnectedLine", target)
    agent.connected_number = agent.connected_name = ""
    board.about("NewConnectedLine", agent)
    board.dial("DialBegin", far, target, ("DialString", number))
    far.meet(target)
    board.about("NewConnectedLine", far)
    agent.meet(target)
    board.about("NewConnectedLine", agent)
    board.turn(target, RINGING)
    call.refresh(target)
    near.number, near.caller = target.number, target.caller
    board.turn(near, RINGING)
    board.about("NewCallerid", near, PRESENTATION)
    board.dial("DialState", None, near, ("DialStatus", "RINGING"))
    board.device(near.device, "INUSE")
    board.dial("DialState", far, target, ("DialStatus", "RINGING"))
    return target, expect(call, target, number)


def target_answers(call: Call, trying: Consultation) -> None:
    """The target picked up: it talks to whoever faces the near half."""
    board = call.board
    call.forget_timers()
    board.turn(trying.target, UP)
    if trying.blonde:
        take_citizens_number(call, trying)
    board.dial("DialEnd", trying.far, trying.target, ("DialStatus", "ANSWER"))
    board.turn(trying.near, UP)
    board.dial("DialEnd", None, trying.near, ("DialStatus", "ANSWER"))
    board.turn(trying.far, UP)
    trying.with_target = board.span()
    trying.target.exten = ""
    board.enter(trying.with_target, trying.target)
    for _half in (trying.near, trying.far):
        board.device(trying.near.device, "INUSE")
    board.enter(trying.with_target, trying.far)
    call.plan(trying.target, trying.conduct)
    call.later(call.talk, "bye", call.caller)
    if call.pbx.phones.is_colleague(call.agent.device if call.agent else ""):
        call.later(5.0, "bye", call.agent or trying.target)


def introduce(call: Call, channel: Channel, other: Channel) -> None:
    """The channel learns whom it is connected to."""
    channel.meet(other)
    call.board.about("NewConnectedLine", channel)


def take_citizens_number(call: Call, trying: Consultation) -> None:
    """The far half stands for the citizen from now on."""
    trying.far.number, trying.far.caller = call.caller.number, call.caller.caller
    call.board.about("NewCallerid", trying.far, PRESENTATION)


def merge(call: Call, trying: Consultation) -> None:
    """The near half goes to the citizen."""
    board = call.board
    to, source = trying.with_citizen, trying.with_agent
    board.tell("BridgeMerge", describe_bridge(to, "To"), describe_bridge(source, "From"))
    board.leave(trying.near)
    end_hold(call)
    board.enter(to, trying.near)


def tell_transferred(call: Call, trying: Consultation, agent: Channel) -> None:
    """AttendedTransfer."""
    call.board.tell(
        "AttendedTransfer",
        [("Result", "Success")],
        describe(agent, "OrigTransferer"),
        describe_bridge(trying.with_citizen, "Orig"),
        describe(agent, "SecondTransferer"),
        describe_bridge(trying.with_agent, "Second"),
        describe(call.caller, "Transferee"),
        describe(trying.near, "TransferTarget"),
        [
            ("IsExternal", "No"),
            ("DestType", "Bridge"),
            ("DestBridgeUniqueid", trying.with_citizen.uniqueid),
        ],
    )


async def optimise(call: Call, trying: Consultation) -> None:
    """The target's channel takes the near half's place; both halves are gone."""
    board, near, far, target = call.board, trying.near, trying.far, trying.target
    await board.pause(_OPTIMISED_AFTER)
    begun = ("DestUniqueId", far.uniqueid), ("Id", "0")
    board.tell(
        "LocalOptimizationBegin",
        describe(near, "LocalOne"),
        describe(far, "LocalTwo"),
        describe(target, "Source"),
        list(begun),
    )
    board.leave(target)
    board.leave(near)
    board.enter(trying.with_citizen, target, ("SwapUniqueid", near.uniqueid))
    if not trying.blonde:
        take_citizens_number(call, trying)
    _halves(call, "LocalOptimizationEnd", near, far, ("Success", "No"), ("Id", "0"))
    board.asked_to_hang_up(far, ("Cause", "16"))
    board.hang_up(near, 16)
    board.leave(far)
    board.told_to_hang_up(far)
    board.hang_up(far, 16)
    if trying.with_target:
        board.dissolve(trying.with_target)
    for _half in (near, far):
        board.device(near.device, "NOT_INUSE")


def drop_halves(call: Call, trying: Consultation, status: str) -> None:
    """The target and both halves are gone."""
    board, near, far, target = call.board, trying.near, trying.far, trying.target
    call.forget_timers()
    answered = target.state == UP
    board.leave(near)
    board.dissolve(trying.with_agent)
    board.asked_to_hang_up(far, ("Cause", "16"))
    board.hang_up(near, 16)
    if answered:
        board.leave(target)
        board.leave(far)
    else:
        board.dial("DialEnd", far, target, ("DialStatus", status))
    if trying.with_target:
        board.dissolve(trying.with_target)
    board.told_to_hang_up(far)
    board.hang_up(far, 16)
    for _half in (near, far):
        board.device(near.device, "NOT_INUSE")
    call.close(target, 16)


def _halves(call: Call, name: str, near: Channel, far: Channel, *extra: tuple[str, str]) -> None:
    call.board.tell(name, describe(near, "LocalOne"), describe(far, "LocalTwo"), list(extra))
