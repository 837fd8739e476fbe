"""A citizen's call through the dialplan: entry, notice, recording, queue, talk, survey, end."""

from telephony.simulator.calls import Call, Pbx
from telephony.simulator.channels import RING, UP
from telephony.simulator.parting import ask
from telephony.simulator.people import Visit, Way
from telephony.simulator.talk import talk
from telephony.simulator.waiting import queued

TRUNK_OF: dict[Way, str] = {"962200": "trunk-city", "12345": "trunk-12345", "110": "trunk-110"}
_SOURCE_OF: dict[Way, str] = {"962200": "direct", "12345": "12345", "110": "110"}
_ADDRESS_OF: dict[Way, str] = {
    "962200": "192.0.2.62",
    "12345": "192.0.2.123",
    "110": "192.0.2.110",
}
_DID = "962200"
_KEY_SECONDS = 4.0
_SURVEY_SECONDS = 5.0
_MESSAGE_SECONDS = 12.0


async def visit(pbx: Pbx, who: Visit) -> None:
    """Play one citizen's call to its end."""
    call = _enter(pbx, who)
    cause = 0
    if await _noticed(call, who):
        call.caller.at("hotline-record", "s", 3)
        call.record(call.caller)
        cause = await _served(call, who)
    _end(call, cause)


def _enter(pbx: Pbx, who: Visit) -> Call:
    board, trunk = pbx.board, TRUNK_OF[who.way]
    channel = board.open(
        f"PJSIP/{trunk}",
        number=who.number,
        caller=who.name,
        context=f"from-{trunk}",
        exten=_DID,
        state=RING,
    )
    call = Call(pbx, board.identity(), channel, runs=channel, talk=who.talk)
    call.own(channel)
    board.served += 1
    channel.variables = {"HL_CALLID": call.id}
    channel.account = call.id
    channel.at("hotline-entry", "s", 1)
    board.about("UserEvent", channel, *_inbound_fields(call, who))
    channel.priority = 2
    board.turn(channel, UP)
    call.refresh(channel)
    return call


def _inbound_fields(call: Call, who: Visit) -> list[tuple[str, str]]:
    address = _ADDRESS_OF[who.way]
    asserted = f"<sip:{who.number}@{address}>" if who.number else ""
    if who.name and asserted:
        asserted = f"{who.name} {asserted}"
    passed_on = who.way != "962200"
    return [
        ("UserEvent", "HotlineInbound"),
        ("CallId", call.id),
        ("Source", _SOURCE_OF[who.way]),
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


async def _noticed(call: Call, who: Visit) -> bool:
    """The recording notice; False where the citizen hung up in it."""
    call.caller.priority = 3
    call.caller.application = "Playback"
    if who.leaves == "greeting":
        call.later(who.patience, "bye", call.caller)
    return not await _leaves(call, call.pbx.greeting_seconds)


async def _leaves(call: Call, seconds: float) -> bool:
    """Whether the citizen's channel is hung up within some seconds."""
    signal = await call.next(seconds)
    call.forget_timers()
    if signal is not None:
        ask(call, call.caller, signal.what)
    return signal is not None


async def _served(call: Call, who: Visit) -> int:
    """The queue and what follows; gives the hang-up cause of the citizen's channel."""
    while True:
        outcome = await queued(call, who)
        if outcome == "gone":
            return 0
        if outcome == "nobody":
            await _overflow(call, who)
            return 16
        after = await talk(call)
        if after == "left":
            await _survey(call, who)
        if after != "again":
            return 16
        call.talk = who.talk


async def _overflow(call: Call, who: Visit) -> None:
    """Nobody could answer: a key for "call me back", or a message."""
    board, citizen = call.board, call.caller
    citizen.at("hotline-overflow", "s", 1)
    citizen.application = "Read"
    call.hear("silence")
    if await _leaves(call, _KEY_SECONDS):
        return
    told = ("CallId", call.id)
    if who.calls_back and who.number:
        number = ("Number", who.number)
        board.about("UserEvent", citizen, ("UserEvent", "HotlineCallback"), told, number)
        await _leaves(call, _KEY_SECONDS)
        return
    kept = ("RecordingId", call.recording_id)
    board.about("UserEvent", citizen, ("UserEvent", "HotlineVoicemail"), told, kept)
    call.hear("speech")
    await _leaves(call, _MESSAGE_SECONDS)


async def _survey(call: Call, who: Visit) -> None:
    """The agent hung up and the citizen is still there: one question."""
    if who.digit is None:
        return
    call.caller.at("hotline-survey", "s", 4)
    call.caller.application = "Read"
    if not await _leaves(call, _SURVEY_SECONDS):
        fields = ("CallId", call.id), ("Digit", who.digit)
        call.board.about("UserEvent", call.caller, ("UserEvent", "HotlineSurvey"), *fields)


def _end(call: Call, cause: int) -> None:
    if call.caller.name in call.board.channels:
        call.board.told_to_hang_up(call.caller)
        call.close(call.caller, cause)
    call.finish()
