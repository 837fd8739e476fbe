"""Both legs moved by command: apart with music, together again, or into a room."""

from telephony.simulator.calls import Call, Signal
from telephony.simulator.channels import Bridge, Channel, describe, describe_bridge
from telephony.simulator.parting import After, ask, complete

_NOTICED_AFTER = 1.0  # seconds until one side notices that the other is gone


async def moved(call: Call, signal: Signal) -> After | None:
    """Play a Redirect of the citizen, the agent or both."""
    call.forget_timers()
    call.later(call.talk, "bye", call.caller)
    for channel, context, exten in signal.places():
        channel.at(context, exten, 1)
    call.board.part(call.agent, call.caller)
    for channel, _, _ in signal.places():
        _arrive(call, channel)
    return await _apart(call)


async def joined(call: Call, _signal: Signal) -> After | None:
    """Play a Bridge of channels that are not together."""
    together(call)
    return None


def together(call: Call) -> None:
    """Citizen and agent in a new bridge."""
    board = call.board
    _silence(call)
    if call.agent is None or call.agent.bridge is not None:
        return
    bridge = board.span()
    board.enter(bridge, call.caller)
    board.enter(bridge, call.agent)
    call.hear("speech")
    call.linger()


async def _apart(call: Call) -> After | None:
    """Apart, or in a room, until they are brought together or one leaves."""
    while True:
        signal = await call.next()
        if signal is None:
            continue
        over = signal.what in ("bye", "dropped")
        if over and signal.channel is call.caller:
            await _citizen_leaves(call, signal.what)
            return "gone"
        if over and signal.channel is call.agent:
            return await _agent_leaves(call, signal.what)
        if signal.what == "joined":
            together(call)
            return None
        if signal.what == "moved":
            for channel, context, exten in signal.places():
                channel.at(context, exten, 1)
                _depart(call, channel)
                _arrive(call, channel)
            if call.caller.context.endswith("-resume"):
                together(call)
                return None


def _arrive(call: Call, channel: Channel) -> None:
    if channel.name not in call.board.channels:
        return
    room = channel.exten if "conf" in channel.context else ""
    if room:
        _enter(call, channel, room)
        call.hear("speech")
    elif channel is call.caller and not channel.context.endswith("-resume"):
        channel.on_hold = True
        call.board.about("MusicOnHoldStart", channel, ("Class", "default"))
        call.hear("music")


def _depart(call: Call, channel: Channel) -> None:
    if channel.bridge is not None:
        leave_room(call, channel)
    if channel is call.caller:
        _silence(call)


def _silence(call: Call) -> None:
    if call.caller.on_hold:
        call.caller.on_hold = False
        call.board.about("MusicOnHoldStop", call.caller)


async def _citizen_leaves(call: Call, what: str) -> None:
    ask(call, call.caller, what)
    _depart(call, call.caller)
    complete(call, "caller")
    agent = call.agent
    if agent is None:
        return
    if agent.bridge is None:
        await call.board.pause(_NOTICED_AFTER)
    else:
        leave_room(call, agent)
    call.board.told_to_hang_up(agent)
    call.close(agent, 16)
    call.agent = None


async def _agent_leaves(call: Call, what: str) -> After:
    agent = call.agent
    if agent is None:
        return "left"
    ask(call, agent, what)
    in_room = agent.bridge is not None
    if in_room:
        leave_room(call, agent)
    complete(call, "agent")
    call.close(agent, 16)
    call.agent = None
    if in_room:
        _depart(call, call.caller)
        return "left"
    await call.board.pause(_NOTICED_AFTER)
    _silence(call)
    return "again"


# --- rooms


def _enter(call: Call, channel: Channel, room: str) -> None:
    """ConfBridge()."""
    board = call.board
    bridge = _room(call, room)
    first = bridge is None
    if bridge is None:
        bridge = board.span(
            Bridge(board.identity(), "base", "softmix", creator="ConfBridge", name=room)
        )
        board.device(f"confbridge:{room}", "INUSE")
    board.enter(bridge, channel)
    if first:
        board.tell("ConfbridgeStart", [("Conference", room)], describe_bridge(bridge))
    _tell_room(call, "ConfbridgeJoin", channel, bridge, ("Admin", "No"), ("Muted", "No"))


def leave_room(call: Call, channel: Channel) -> None:
    """The channel leaves its room, or whatever bridge it is in; an empty one is gone."""
    bridge, board = channel.bridge, call.board
    if bridge is None:
        return
    if bridge.creator:
        _tell_room(call, "ConfbridgeLeave", channel, bridge, ("Admin", "No"))
    board.leave(channel)
    if bridge.channels:
        return
    if bridge.creator:
        board.tell("ConfbridgeEnd", [("Conference", bridge.name)], describe_bridge(bridge))
        board.device(f"confbridge:{bridge.name}", "NOT_INUSE")
    board.dissolve(bridge)


async def sit(call: Call, room: str) -> None:
    """The third party's whole time in a room: until it hangs up or is alone."""
    _enter(call, call.caller, room)
    while True:
        signal = await call.next(_NOTICED_AFTER)
        if signal is not None and signal.what in ("bye", "dropped"):
            ask(call, call.caller, signal.what)
            break
        bridge = call.caller.bridge
        if bridge is None or not any(_at_desk(call, c) for c in bridge.channels):
            break
    leave_room(call, call.caller)


def _at_desk(call: Call, channel: Channel) -> bool:
    return channel.device in call.pbx.phones.known


def _room(call: Call, name: str) -> Bridge | None:
    rooms = call.board.bridges.values()
    return next((b for b in rooms if b.creator == "ConfBridge" and b.name == name), None)


def _tell_room(
    call: Call, name: str, channel: Channel, bridge: Bridge, *extra: tuple[str, str]
) -> None:
    where = [("Conference", bridge.name)]
    call.board.tell(name, where, describe_bridge(bridge), describe(channel), list(extra))
