"""A citizen's call through the dialplan: entry, greeting, recording, queue, talk, survey, end."""

from telephony.simulator.calls import Call, Pbx
from telephony.simulator.channels import RING, RINGING, UP, Channel
from telephony.simulator.people import Conduct, Visit
from telephony.simulator.queue import Caller, Member
from telephony.simulator.talk import talk

TRUNK_OF = {"962200": "city", "12345": "12345", "110": "110"}
SOURCE_OF = {"962200": "direct", "12345": "12345", "110": "110"}
_ADDRESS_OF = {"962200": "127.0.0.2", "12345": "127.0.0.3", "110": "127.0.0.4"}
_DID = "962200"


async def visit(pbx: Pbx, who: Visit) -> Call:
    """Play one citizen's call to its end."""
    call = _enter(pbx, who)
    cause = 0
    if await _greeted(call, who):
        _record(call)
        cause = await _served(call, who)
    _end(call, cause)
    return call


def _enter(pbx: Pbx, who: Visit) -> Call:
    board = pbx.board
    source = SOURCE_OF[who.way]
    trunk = TRUNK_OF[who.way]
    channel = board.open(
        f"PJSIP/trunk-{trunk}",
        number=who.number,
        caller=who.name,
        context=f"from-{trunk}",
        exten=_DID,
        state=RING,
    )
    call = Call(pbx, board.identity(), channel)
    call.own(channel)
    board.served += 1
    channel.variables = {"HL_SOURCE": source, "HL_CALLID": call.id}
    channel.at("hotline-in", "s", 2)
    board.about("UserEvent", channel, *_inbound_fields(call, who, source))
    channel.priority = 3
    board.turn(channel, UP)
    call.refresh(channel)
    return call


def _inbound_fields(call: Call, who: Visit, source: str) -> list[tuple[str, str]]:
    address = _ADDRESS_OF[who.way]
    asserted = f"<sip:{who.number}@{address}>" if who.number else ""
    if who.name and asserted:
        asserted = f"{who.name} {asserted}"
    passed_on = who.way != "962200"
    return [
        ("UserEvent", "HotlineInbound"),
        ("CallId", call.id),
        ("Source", source),
        ("Caller", who.number),
        ("CallerName", who.name),
        ("Did", _DID),
        ("RedirNum", who.way if passed_on else ""),
        ("RedirReason", "deflection" if passed_on else "unknown"),
        ("PAI", asserted),
        ("Diversion", f"<sip:{who.way}@{address}>;reason=deflection" if passed_on else ""),
        ("SipCallId", f"{call.board.chance.getrandbits(64):016x}@{address}"),
        ("Order", who.case),
    ]


async def _greeted(call: Call, who: Visit) -> bool:
    """The recording notice; False where the citizen hung up in it."""
    call.caller.at("hotline-in", "s", 4)
    call.caller.application = "Playback"
    if who.leaves == "greeting":
        call.later(who.patience, "bye", call.caller)
    signal = await call.next(call.pbx.greeting_seconds)
    call.forget_timers()
    if signal is None:
        return True
    _part(call, signal.what)
    return False


def _record(call: Call) -> None:
    call.caller.priority = 5
    call.caller.application = "MixMonitor"
    recording_id = call.board.identity()
    call.track = call.pbx.record(recording_id)
    call.board.about("MixMonitorStart", call.caller)
    call.board.about(
        "UserEvent",
        call.caller,
        ("UserEvent", "HotlineRecording"),
        ("CallId", call.id),
        ("RecordingId", recording_id),
    )


async def _served(call: Call, who: Visit) -> int:
    """The queue and what follows; gives the hang-up cause of the citizen's channel."""
    call.caller.priority = 6
    call.caller.application, call.caller.data = "Queue", f"{call.pbx.queue.name},tc,,,120"
    waiting = call.pbx.queue.join(call.caller)
    call.board.about("MusicOnHoldStart", call.caller, ("Class", "default"))
    if who.leaves == "queue":
        call.later(who.patience, "bye", call.caller)
    conduct = await _queued(call, who, waiting)
    if call.agent is None:
        return 0
    call.forget_timers()
    call.plan(call.agent, conduct)
    call.later(who.talk, "bye", call.caller)
    if await talk(call):
        await _surveyed(call, who)
    return 16


async def _queued(call: Call, who: Visit, waiting: Caller) -> Conduct | None:
    """Wait and ring until a member answers (`call.agent`) or the citizen is gone."""
    queue = call.pbx.queue
    while call.agent is None:
        if queue.waited(waiting) >= call.pbx.longest_wait:
            await _overflow(call, waiting)
            return None
        member = queue.next_for(waiting)
        if member is None:
            signal = await call.next(call.pbx.retry_seconds)
            if signal is not None and signal.channel is call.caller:
                _give_up(call, waiting, signal.what)
                return None
            continue
        waiting.ringing = True
        conduct = await _ring(call, who, waiting, member)
        waiting.ringing = False
        if (
            call.agent
            or call.caller.name not in call.board.channels
            or waiting not in queue.callers
        ):
            return conduct
    return None


async def _ring(call: Call, who: Visit, waiting: Caller, member: Member) -> Conduct | None:
    """Ring one member; on an answer `call.agent` is set and both are in a bridge."""
    agent = _call_member(call, member)
    conduct = call.pbx.phones.conduct(member.interface)
    if conduct:
        call.later(conduct.answers, "picked", agent)
        call.later(conduct.rejects, "declined", agent)
    if who.leaves == "ringing":
        call.later(who.patience, "bye", call.caller)
    began = call.board.clock()
    signal = await call.next(call.pbx.ring_seconds)
    rung = (call.board.clock() - began).total_seconds()
    if signal is None:
        call.queue_event("AgentRingNoAnswer", agent, member, ("RingTime", f"{int(rung) * 1000}"))
        call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "NOANSWER"))
        call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "CANCEL"))
        call.close(agent, 0)
        await call.next(call.pbx.retry_seconds)
    elif signal.channel is call.caller:
        _give_up(call, waiting, signal.what, agent)
    elif signal.what == "picked":
        _connect(call, waiting, member, agent, int(rung))
    else:
        _declined(call, member, agent, int(rung))
    return conduct


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


def _declined(call: Call, member: Member, agent: Channel, rung: int) -> None:
    why = ("TechCause", "486")
    call.board.asked_to_hang_up(agent, ("Cause", "17"), why)
    call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "NOANSWER"))
    call.queue_event("AgentRingNoAnswer", agent, member, ("RingTime", f"{rung * 1000}"))
    call.close(agent, 17, why)


def _give_up(call: Call, waiting: Caller, what: str, agent: Channel | None = None) -> None:
    _part(call, what)
    call.board.about("MusicOnHoldStop", call.caller)
    if agent is not None:
        call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "CANCEL"))
        call.board.dial("DialEnd", call.caller, agent, ("DialStatus", "CANCEL"))
    call.pbx.queue.abandon(waiting)
    if agent is not None:
        call.close(agent, 0)


async def _overflow(call: Call, waiting: Caller) -> None:
    """Nobody came: the citizen asks by key to be called back."""
    call.board.about("MusicOnHoldStop", call.caller)
    call.pbx.queue.leave(waiting)
    call.caller.at("hotline-callback", "s", 3)
    call.caller.application = "Read"
    await call.next(4)
    fields = ("CallId", call.id), ("Number", call.caller.number)
    call.board.about("UserEvent", call.caller, ("UserEvent", "HotlineCallback"), *fields)
    await call.next(2)


async def _surveyed(call: Call, who: Visit) -> None:
    """The agent hung up and the citizen is still there: one question."""
    if who.digit is None:
        return
    call.caller.at("hotline-survey", "s", 2)
    call.caller.application = "Read"
    signal = await call.next(5)
    if signal is not None:
        _part(call, signal.what)
        return
    fields = ("CallId", call.id), ("Digit", who.digit)
    call.board.about("UserEvent", call.caller, ("UserEvent", "HotlineSurvey"), *fields)


def _part(call: Call, what: str) -> None:
    """The citizen's channel is hung up, by the citizen or by command."""
    if what == "bye":
        call.board.asked_to_hang_up(call.caller)
    else:
        call.board.told_to_hang_up(call.caller, 32)


def _end(call: Call, cause: int) -> None:
    call.forget_timers()
    if call.caller.name in call.board.channels:
        call.board.told_to_hang_up(call.caller)
        call.close(call.caller, cause)
    if call.track:
        call.track.stop()
