"""The simulated PBX answers managers as Asterisk 22 does: logins, rights, masks, errors, lists."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from telephony.simulator import Conduct, Simulator, Visit
from tests.telephony.captured import capture
from tests.telephony.manager import Manager, running

SPEED = 50.0


@asynccontextmanager
async def quiet_pbx() -> AsyncIterator[tuple[Simulator, Manager]]:
    """A simulated PBX on which nobody calls, and a manager of it."""
    simulator = Simulator(
        username="hotline", secret="s", colleagues=["PJSIP/8002"], quiet=True, speed=SPEED
    )
    async with running(simulator) as port, Manager.at(port, "hotline", "s") as manager:
        yield simulator, manager


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (
            {"Action": "Foo"},
            "Invalid/unknown command: Foo. Use Action: ListCommands to show available commands.",
        ),
        ({"Action": ""}, "Missing action in request"),
        ({"Action": "Command", "Command": "core show channels"}, "Permission denied"),
        ({"Action": "Hangup"}, "No channel specified"),
        ({"Action": "Hangup", "Channel": "PJSIP/8001-1"}, "No such channel"),
        ({"Action": "QueueAdd", "Interface": "PJSIP/8001"}, "'Queue' not specified."),
        ({"Action": "QueueAdd", "Queue": "hotline"}, "'Interface' not specified."),
        (
            {"Action": "QueueAdd", "Queue": "other", "Interface": "PJSIP/8001"},
            "Unable to add interface to queue: No such queue",
        ),
        (
            {"Action": "QueueRemove", "Queue": "hotline", "Interface": "PJSIP/8001"},
            "Unable to remove interface: Not there",
        ),
        (
            {"Action": "QueueRemove", "Queue": "hotline", "Interface": "PJSIP/8002"},
            "Member not dynamic",
        ),
        ({"Action": "QueuePause", "Interface": "PJSIP/9", "Paused": "1"}, "Interface not found"),
        ({"Action": "Originate"}, "Channel not specified"),
        ({"Action": "Originate", "Channel": "8001"}, "Invalid channel"),
        (
            {"Action": "Originate", "Channel": "Local/a@b", "Application": "System", "Data": "x"},
            "Originate Access Forbidden: app or data blacklisted",
        ),
        (
            {"Action": "BlindTransfer", "Channel": "PJSIP/8001-1", "Exten": "8003"},
            "Channel specified does not exist",
        ),
        (
            {"Action": "Redirect", "Channel": "PJSIP/8001-1"},
            "Channel does not exist: PJSIP/8001-1",
        ),
        ({"Action": "Bridge", "Channel1": "a"}, "Missing channel parameter in request"),
        ({"Action": "BridgeInfo"}, "BridgeUniqueid must be provided"),
        ({"Action": "DemoAnswer", "Interface": "PJSIP/8001"}, "No channel rings there"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_asterisks_words(
    action: dict[str, str], message: str
) -> None:
    async with quiet_pbx() as (_, manager):
        answer = dict(await manager.ask_raw(list(action.items())))

    assert (answer["Response"], answer["Message"]) == ("Error", message)


async def test_nothing_is_done_before_the_login_and_a_wrong_secret_ends_the_line() -> None:
    async with running(Simulator(username="hotline", secret="s", quiet=True)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        banner = await reader.readline()
        writer.write(b"Action: Ping\r\nActionID: 1\r\n\r\n")
        early = await reader.readuntil(b"\r\n\r\n")
        writer.write(b"Action: Login\r\nUsername: hotline\r\nSecret: x\r\n\r\n")
        refused = await reader.read()
        writer.close()

    assert banner == b"Asterisk Call Manager/11.0.0\r\n"
    assert early == b"Response: Error\r\nActionID: 1\r\nMessage: Permission denied\r\n\r\n"
    assert refused == b"Response: Error\r\nMessage: Authentication failed\r\n\r\n"


async def test_the_secret_may_be_proven_without_sending_it() -> None:
    async with running(Simulator(username="hotline", secret="s", quiet=True)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        await reader.readline()
        writer.write(b"Action: Challenge\r\nAuthType: MD5\r\n\r\n")
        challenge = (await reader.readuntil(b"\r\n\r\n")).split(b"Challenge: ")[1].strip()
        key = hashlib.md5(challenge + b"s", usedforsecurity=False).hexdigest()
        writer.write(
            f"Action: Login\r\nAuthType: MD5\r\nUsername: hotline\r\nKey: {key}\r\n\r\n".encode()
        )
        answer = await reader.readuntil(b"\r\n\r\n")
        writer.close()

    assert answer == b"Response: Success\r\nMessage: Authentication accepted\r\n\r\n"


async def test_a_login_is_answered_byte_for_byte_as_asterisk_does() -> None:
    """But for how long it has been up."""
    real = capture("answered_citizen_hangs_up")
    async with running(Simulator(username="hotline", secret="s", quiet=True)) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"Action: Login\r\nActionID: cap-1\r\nUsername: hotline\r\nSecret: s\r\n\r\n")
        said = await reader.readuntil(b"Fully Booted\r\n\r\n")
        writer.write(b"Action: Logoff\r\nActionID: cap-2\r\n\r\n")
        goodbye = await reader.read()
        writer.close()

    expected = real[: real.index(b"Fully Booted\r\n\r\n") + len(b"Fully Booted\r\n\r\n")]
    assert said == expected.replace(b"308", b"0")
    assert goodbye == (
        b"Response: Goodbye\r\nActionID: cap-2\r\nMessage: Thanks for all the fish.\r\n\r\n"
    )


async def test_a_manager_hears_only_the_classes_it_asked_for() -> None:
    async with quiet_pbx() as (simulator, manager):
        on = await manager.ask("Events", EventMask="agent")
        simulator.place(Visit("13800001111", leaves="queue", patience=1))
        await manager.event("QueueCallerLeave")
        off = await manager.ask("Events", EventMask="off")
        heard = len(manager.events)
        simulator.place(Visit("13800001112", leaves="greeting", patience=1))
        await asyncio.sleep(3 / SPEED)
        kinds = {dict(event)["Privilege"] for event in manager.events[1:]}

    assert (on["Events"], off["Events"]) == ("On", "Off")
    assert kinds == {"agent,all"}
    assert len(manager.events) == heard


async def test_lists_tell_what_there_is() -> None:
    """Channels with application and bridge, bridges, members, and who waits."""
    async with quiet_pbx() as (simulator, manager):
        simulator.phones.automate("PJSIP/8002", lambda _: Conduct(answers=1))
        simulator.place(Visit("13800001111", name="王小明"))
        await manager.event("AgentConnect")
        bridge = await manager.event("BridgeEnter", BridgeNumChannels="2")
        simulator.place(Visit("13800001112"))
        await manager.event("QueueCallerJoin", CallerIDNum="13800001112")
        await manager.ask("CoreShowChannels")
        await manager.ask("BridgeList")
        await manager.ask("QueueStatus")
        await manager.event("QueueStatusComplete")
        told = [dict(event) for event in manager.events]

    shown = {e["Channel"]: e for e in told if e["Event"] == "CoreShowChannel"}
    talking = shown[bridge["Channel"]]
    assert (talking["Application"], talking["ConnectedLineNum"]) == ("Queue", "8002")
    assert talking["BridgeId"] == bridge["BridgeUniqueid"]
    assert [e["BridgeUniqueid"] for e in told if e["Event"] == "BridgeListItem"] == [
        bridge["BridgeUniqueid"]
    ]
    (member,) = [e for e in told if e["Event"] == "QueueMember"]
    assert (member["Location"], member["Membership"], member["InCall"]) == (
        "PJSIP/8002",
        "static",
        "1",
    )
    (waiting,) = [e for e in told if e["Event"] == "QueueEntry"]
    assert (waiting["CallerIDNum"], waiting["Position"]) == ("13800001112", "1")
    (end,) = [e for e in told if e["Event"] == "QueueStatusComplete"]
    assert end["ListItems"] == "3"


async def test_a_paused_member_is_not_rung_and_a_free_one_is() -> None:
    async with quiet_pbx() as (simulator, manager):
        await manager.ask("QueueAdd", Queue="hotline", Interface="PJSIP/8001", Penalty="0")
        paused = await manager.ask(
            "QueuePause", Queue="hotline", Interface="PJSIP/8001", Paused="true", Reason="lunch"
        )
        told = await manager.event("QueueMemberPause")
        simulator.place(Visit("13800001111"))
        rung = await manager.event("AgentCalled")

    assert paused["Message"] == "Interface paused successfully"
    assert (told["Paused"], told["PausedReason"]) == ("1", "lunch")
    assert rung["Interface"] == "PJSIP/8002"


async def test_a_member_is_added_once() -> None:
    async with quiet_pbx() as (_, manager):
        fields = {"Queue": "hotline", "Interface": "PJSIP/8001"}
        answers = [await manager.ask("QueueAdd", **fields) for _ in range(2)]

    assert [answer["Message"] for answer in answers] == [
        "Added interface to queue",
        "Unable to add interface: Already there",
    ]


async def test_a_person_may_sit_down_at_a_colleagues_desk_and_leave_it_again() -> None:
    """While they sit there the phone rings until they pick it up; afterwards it acts by itself."""
    async with quiet_pbx() as (simulator, manager):
        fields = {"Queue": "hotline", "Interface": "PJSIP/8002"}
        await manager.ask("QueueAdd", **fields, MemberName="agent2")
        simulator.place(Visit("13800001111"))
        await manager.event("AgentCalled", MemberName="agent2")
        await asyncio.sleep(10 / SPEED)
        rang_on = not any(dict(e)["Event"] == "AgentConnect" for e in manager.events)
        assert simulator.pick_up("PJSIP/8002")
        await manager.event("AgentConnect", MemberName="agent2")
        simulator.put_down("PJSIP/8002")
        await manager.event("AgentComplete")
        await manager.ask("QueueRemove", **fields)
        await manager.ask("QueueStatus")
        member = await manager.event("QueueMember")

    assert rang_on
    assert (member["Location"], member["Membership"]) == ("PJSIP/8002", "static")


async def test_the_account_may_do_what_the_hotline_needs_and_no_more() -> None:
    async with quiet_pbx() as (_, manager):
        commands = await manager.ask("ListCommands")

    assert {"Originate", "Redirect", "QueueAdd", "CoreShowChannels"} <= commands.keys()
    assert not {"Command", "MixMonitor", "Reload"} & commands.keys()


async def test_a_line_longer_than_asterisk_reads_is_dropped() -> None:
    """The action goes on without it, as there."""
    async with quiet_pbx() as (_, manager):
        answer = dict(await manager.ask_raw([("Action", "Ping"), ("Padding", "x" * 2_000)]))

    assert answer["Ping"] == "Pong"
