"""AMI events are read as facts, or as nothing; whatever they contain, nothing is raised."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telephony import facts
from telephony.calls import Tracker
from telephony.facts import Fact
from telephony.messages import LONGEST, READERS, USER_EVENTS, translate
from telephony.wire import Decoder, Message

NOW = 1_795_408_000.0


def event(name: str, **fields: str) -> Message:
    lines = [f"Event: {name}", *(f"{key}: {value}" for key, value in fields.items())]
    (message,) = Decoder().feed(("\r\n".join(lines) + "\r\n\r\n").encode())
    return message


def read(name: str, **fields: str) -> Fact | None:
    return translate(event(name, **fields), NOW)


LEG = {"Uniqueid": "u-1", "Channel": "PJSIP/8001-00000001", "Linkedid": "l-1"}
WHO = ("u-1", "PJSIP/8001-00000001", "l-1")
DEST = {f"Dest{key}": value for key, value in LEG.items()}


@pytest.mark.parametrize(
    ("message", "fact"),
    [
        (
            event("Newchannel", **LEG, ChannelState="4", CallerIDNum="138", Exten="<unknown>"),
            facts.Born(NOW, *WHO, dials=True, number="138"),
        ),
        (event("Newstate", **LEG, ChannelState="5"), facts.Ringing(NOW, *WHO)),
        (event("Newstate", **LEG, ChannelState="6"), facts.Up(NOW, *WHO)),
        (event("Newstate", **LEG, ChannelState="0"), None),
        (event("Newstate", Channel="PJSIP/8001-1", ChannelState="6"), None),
        (event("DialBegin", **DEST, DialString="8001"), facts.Dialled(NOW, *WHO, to="8001")),
        (event("DialState", **DEST, DialStatus="RINGING"), facts.Ringing(NOW, *WHO)),
        (event("DialState", DialStatus="RINGING"), None),
        (event("DialEnd", **DEST, DialStatus="BUSY"), facts.DialOver(NOW, *WHO, status="BUSY")),
        (event("DialEnd", **DEST, DialStatus="ODD"), None),
        (event("AgentRingNoAnswer", **DEST), facts.DialOver(NOW, *WHO, status="NOANSWER")),
        (event("BridgeEnter", **LEG, BridgeUniqueid="b"), facts.Joined(NOW, *WHO, "b")),
        (event("BridgeEnter", **LEG), None),
        (event("BridgeLeave", **LEG, BridgeUniqueid="b", Context="conf"),
         facts.Left(NOW, *WHO, "b", "conf")),
        (event("BridgeLeave", BridgeUniqueid="b"), None),
        (event("Hangup", **LEG, Cause="16"), facts.Ended(NOW, *WHO, 16)),
        (event("Hangup", **LEG, Cause="99999"), facts.Ended(NOW, *WHO, None)),
        (event("Hangup", **LEG, Cause="²"), facts.Ended(NOW, *WHO, None)),
        (event("HangupRequest", **LEG), facts.HungUp(NOW, *WHO)),
        (event("Hold", **LEG), facts.Held(NOW, *WHO)),
        (event("Hold", Uniqueid="u-1", Channel="OutgoingSpoolFailed"), None),
        (event("Hold", Uniqueid="u-1", Channel="PJSIP/8001-1<ZOMBIE>"), None),
        (event("OriginateResponse", Uniqueid="<unknown>", Channel="PJSIP/138@t", Exten="9001"),
         facts.Destined(NOW, "", "PJSIP/138@t", "", "9001")),
        (event("OriginateResponse", Uniqueid="u-1", Channel="PJSIP/138@t"), None),
        (event("ConfbridgeJoin", **LEG, Conference="9001"), facts.Conferred(NOW, *WHO, "9001")),
        (event("ContactStatus", EndpointName="8001", ContactStatus="Removed"),
         facts.Reachable(NOW, "PJSIP/8001", reachable=False)),
        (event("ContactStatus", EndpointName="8001", ContactStatus="NonQualified"), None),
        (event("QueueMemberStatus", Interface="PJSIP/8001", Status="5"),
         facts.Reachable(NOW, "PJSIP/8001", reachable=False)),
        (event("QueueMemberStatus", Status="5"), None),
        (event("DeviceStateChange", Device="PJSIP/8001", State="INUSE"),
         facts.Reachable(NOW, "PJSIP/8001", reachable=True)),
        (event("DeviceStateChange", Device="Queue:hotline", State="INUSE"), None),
        (event("FullyBooted", Uptime="12"), facts.Booted(NOW, 12.0)),
        (event("FullyBooted", Uptime="soon"), None),
        (event("UserEvent", **LEG, UserEvent="HotlineSurvey", CallId="c", Digit="5"),
         facts.Surveyed(NOW, *WHO, "c", "5")),
        (event("UserEvent", **LEG, UserEvent="HotlineSurvey", CallId="c"), None),
        (event("UserEvent", **LEG, UserEvent="SomebodyElses"), None),
        (event("UserEvent", **LEG, UserEvent="HotlineOutbound", CallId="c", Number="138"),
         facts.Outgoing(NOW, *WHO, call="c", number="138")),
        (event("AgentComplete", **LEG), None),
        (event("Cdr", **LEG), None),
    ],
)  # fmt: skip
def test_an_event_tells_its_fact(message: Message, fact: Fact | None) -> None:
    """One small reader each."""
    assert translate(message, NOW) == fact


@pytest.mark.parametrize(
    ("told", "believed"),
    [
        ("1795407444.125", 1795407444.125),
        ("nan", NOW),
        ("inf", NOW),
        ("-5", NOW),
        ("1e300", NOW),
        ("yesterday", NOW),
        ("", NOW),
    ],
)
def test_an_instant_is_believed_if_it_can_be_one(told: str, believed: float) -> None:
    """Else the time of reception stands in."""
    fact = read("Hold", **LEG, Timestamp=told)

    assert fact == facts.Held(believed, *WHO)


def test_a_callers_name_cannot_add_fields_to_the_entry() -> None:
    """Commas in it end a field of UserEvent; the last field is ours, a doubled one is nobody's."""
    lines = (
        b"Event: UserEvent\r\nUserEvent: HotlineInbound\r\nUniqueid: u-1\r\nChannel: PJSIP/t-1\r\n"
        b"CallId: c\r\nSource: direct\r\nCaller: 138\r\nCallerName: x\r\nDid: 110\r\n"
        b"Order: faked\r\nDid: 962200\r\nOrder: HD-1\r\n\r\n"
    )
    (message,) = Decoder().feed(lines)
    fact = translate(message, NOW)

    assert isinstance(fact, facts.Entered)
    assert (fact.number, fact.did, fact.case) == ("138", "", "HD-1")


def test_text_is_one_line_of_bounded_length() -> None:
    """Control characters are left out, the unknown is empty."""
    fact = read(
        "Newchannel", **LEG, CallerIDName="a\x00b\x1b[31mc" + "x" * 999, CallerIDNum="<unknown>"
    )

    assert isinstance(fact, facts.Born)
    assert (fact.caller[:7], len(fact.caller), fact.number) == ("ab[31mc", LONGEST, "")


VALUES = st.sampled_from(
    ["", "u-1", "u-2", "PJSIP/8001-1", "Local/8003@internal-1;1", "4", "6", "nan", "Success", "b-1",
     "5", "BUSY", "-1", "1795408000.5", "9" * 400, "<unknown>"]
)  # fmt: skip
KEYS = st.sampled_from(
    ["Uniqueid", "Channel", "Linkedid", "ChannelState", "Timestamp", "Cause", "DestUniqueid",
     "DestChannel", "DestLinkedid", "DialStatus", "DialString", "BridgeUniqueid", "Context",
     "Exten", "TransfererUniqueid", "TransfererChannel", "TransfereeUniqueid", "Result",
     "OrigTransfererUniqueid", "OrigTransfererChannel", "SecondTransfererUniqueid", "Extension",
     "Conference", "Uptime", "CallId", "Source", "Caller", "Number", "Digit", "RecordingId",
     "Interface", "Status", "EndpointName", "ContactStatus"]
)  # fmt: skip


@given(
    st.lists(
        st.tuples(
            st.sampled_from([*READERS, *USER_EVENTS]), st.dictionaries(KEYS, VALUES, max_size=9)
        ),
        max_size=25,
    )
)
def test_no_event_whatsoever_makes_the_tracker_fail(told: list[tuple[str, dict[str, str]]]) -> None:
    """Missing fields, odd values, channels that never were: calls may be odd, nothing is raised."""
    tracker = Tracker()
    for name, fields in told:
        if name in USER_EVENTS:
            fact = read("UserEvent", UserEvent=name, **fields)
        else:
            fact = read(name, **fields)
        if fact:
            tracker.apply(fact)

    assert all(call.id for call in tracker.calls())
