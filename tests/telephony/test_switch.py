"""What the desk asks for, as Asterisk gets it: once, into our dialplan, and nothing else."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from regulation.refusal import Refusal
from routing.ports import SwitchUnavailable
from telephony.switch import AsteriskSwitch
from tests.telephony.diary import NOON, Diary, conversation
from tests.telephony.peer import Action, Peer, Script, error, obliging, running, success, until

CALL = "5f0c2a52-7c0d-4e6c-9a58-0d8d7d5f0a11"
CITIZEN = ("PJSIP/trunk-city-0000000b", "pbx-1795408443.22", "hotline-queue", "b1")
AGENT = ("PJSIP/8001-0000000c", "pbx-1795408448.23", "hotline-agents", "b1")
OTHER = ("PJSIP/8002-0000000d", "pbx-1795408449.24", "hotline-agents", "b7")

Channel = tuple[str, str, str, str]


def channels(action: Action, *present: Channel, call_id: str = CALL) -> str:
    """The answer to CoreShowChannels; channel, Uniqueid, context and bridge each."""
    action_id = action["ActionID"]
    start, _, end = (obliging(action) or "").partition("\r\n\r\n")
    events = "".join(
        f"Event: CoreShowChannel\r\nActionID: {action_id}\r\nChannel: {name}\r\n"
        f"Uniqueid: {uniqueid}\r\nContext: {context}\r\nChanVariable: HL_CALLID={call_id}\r\n"
        f"BridgeId: {bridge}\r\n\r\n"
        for name, uniqueid, context, bridge in present
    )
    return f"{start}\r\n\r\n{events}{end}"


def having(*present: Channel, otherwise: Script = obliging) -> Script:
    """An Asterisk with these channels of the call, and another call's."""

    def script(action: Action) -> str | bytes | None:
        if action["Action"] != "CoreShowChannels":
            return otherwise(action)
        return channels(action, *present)

    return script


@contextlib.asynccontextmanager
async def switch(script: Script = obliging) -> AsyncIterator[tuple[AsteriskSwitch, Peer, Diary]]:
    async with running(script) as peer, conversation(peer) as (exchange, diary):
        await asyncio.wait_for(exchange.until_up(), 2)
        peer.actions.clear()
        yield (
            AsteriskSwitch(
                exchange,
                trunks=["PJSIP/trunk-city", "PJSIP/trunk-12345"],
                outbound_trunk="trunk-city",
                devices=["PJSIP/8001", "PJSIP/8002"],
            ),
            peer,
            diary,
        )


def sent(peer: Peer) -> list[dict[str, str]]:
    """The actions that change something, without their ids."""
    return [
        {key: value for key, value in action.items() if key != "ActionID"}
        for action in peer.actions
        if action["Action"] not in ("Ping", "CoreShowChannels")
    ]


class TestClickToCall:
    async def test_rings_the_agents_own_phone_first_under_the_id_of_the_call(self) -> None:
        async with switch() as (it, peer, _):
            await it.click_to_call("PJSIP/8001", "13811110001", call_id=CALL)
            assert sent(peer) == [
                {
                    "Action": "Originate",
                    "Channel": "PJSIP/8001",
                    "Context": "hotline-outbound",
                    "Exten": "13811110001",
                    "Priority": "1",
                    "CallerID": '"13811110001" <13811110001>',
                    "Timeout": "30000",
                    "Async": "true",
                    "ChannelId": CALL,
                    "Variable": f"__HL_CALLID={CALL}",
                }
            ]

    @pytest.mark.parametrize(
        ("device", "number", "call_id", "field"),
        [
            ("PJSIP/8001", "13800138000&PJSIP/trunk-city", CALL, "number"),
            ("PJSIP/8001", "+8613800138000", CALL, "number"),
            ("PJSIP/8001", "138\r\nAction: Logoff", CALL, "number"),
            ("PJSIP/8001", "１３８００１３８０００", CALL, "number"),
            ("Local/s@anywhere", "13800138000", CALL, "device"),
            ("PJSIP/8001&PJSIP/8002", "13800138000", CALL, "device"),
            ("PJSIP/8001", "13800138000", "x,CHANNEL(hangup_handler_push)=evil", "call"),
        ],
    )
    async def test_takes_plain_digits_and_devices_only(
        self, device: str, number: str, call_id: str, field: str
    ) -> None:
        async with switch() as (it, peer, _):
            with pytest.raises(Refusal) as refused:
                await it.click_to_call(device, number, call_id=call_id)
            assert refused.value.field == field
            assert sent(peer) == []

    async def test_asterisks_no_is_told(self) -> None:
        def refuse(action: Action) -> str | None:
            return error(action, "No") if action["Action"] == "Originate" else obliging(action)

        async with switch(refuse) as (it, _, _):
            with pytest.raises(SwitchUnavailable, match="Asterisk refused to dial: No"):
                await it.click_to_call("PJSIP/8001", "13800138000", call_id=CALL)


class TestAnAnswerLostBetweenDialAndAnswer:
    """The connection breaks after the Originate: dialled once or not at all, never twice."""

    async def dial(
        self, after: Script, *, known: bool = False
    ) -> tuple[Peer, "asyncio.Task[None]"]:
        mute: Any = lambda a: None if a["Action"] == "Originate" else obliging(a)  # noqa: E731
        async with switch(mute) as (it, peer, diary):
            task = asyncio.create_task(it.click_to_call("PJSIP/8001", "13800138000", call_id=CALL))
            assert await until(lambda: peer.named("Originate"))
            if known:
                diary.calls.add(CALL)
            peer.script = after
            peer.hang_up()
            await asyncio.wait([task], timeout=3)
            return peer, task

    async def test_a_channel_found_afterwards_is_the_call(self) -> None:
        peer, task = await self.dial(having(("PJSIP/8001-0000000c", CALL, "", "")))
        task.result()
        assert len(peer.named("Originate")) == 1

    async def test_a_call_heard_of_meanwhile_is_the_call(self) -> None:
        peer, task = await self.dial(obliging, known=True)
        task.result()
        assert len(peer.named("Originate")) == 1

    async def test_without_a_channel_nothing_was_dialled(self) -> None:
        peer, task = await self.dial(obliging)
        with pytest.raises(SwitchUnavailable, match="not dialled"):
            task.result()
        assert len(peer.named("Originate")) == 1

    async def test_while_asterisk_stays_away_it_is_unknown(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("telephony.switch.RECONCILE_SECONDS", 0.1)
        peer, task = await self.dial(lambda _action: None)
        with pytest.raises(SwitchUnavailable, match="whether it was dialled is unknown"):
            task.result()
        assert len(peer.named("Originate")) == 1


class TestHangUp:
    async def test_ends_the_citizens_channel(self) -> None:
        async with switch(having(AGENT, CITIZEN)) as (it, peer, _):
            await it.hang_up(CALL)
            assert sent(peer) == [{"Action": "Hangup", "Channel": CITIZEN[0], "Cause": "16"}]

    async def test_of_two_outside_legs_the_older_is_the_citizens(self) -> None:
        liaison = ("PJSIP/trunk-city-0000000f", "pbx-1795408460.30", "hotline-outbound", "b1")
        ours = ("PJSIP/trunk-city-0000000e", "a-channel-we-named", "hotline-conference", "b1")
        async with switch(having(ours, liaison, CITIZEN)) as (it, peer, _):
            await it.hang_up(CALL)
            assert [action["Channel"] for action in sent(peer)] == [CITIZEN[0]]

    async def test_before_the_citizen_is_reached_stops_the_agents_phone(self) -> None:
        async with switch(having(("PJSIP/8001-0000000c", CALL, "", ""))) as (it, peer, _):
            await it.hang_up(CALL)
            assert [action["Channel"] for action in sent(peer)] == ["PJSIP/8001-0000000c"]

    async def test_a_call_that_is_over_is_said_to_be(self) -> None:
        async with switch() as (it, _, _):
            with pytest.raises(Refusal) as refused:
                await it.hang_up(CALL)
            assert (refused.value.code, refused.value.status) == ("switch.call_over", 409)

    async def test_a_channel_that_ended_meanwhile_is_no_error(self) -> None:
        gone: Script = lambda a: (  # noqa: E731
            error(a, "No such channel") if a["Action"] == "Hangup" else obliging(a)
        )
        async with switch(having(CITIZEN, otherwise=gone)) as (it, _, _):
            await it.hang_up(CALL)


class TestHoldFromThePage:
    async def test_moves_both_legs_at_once_and_each_knows_the_other(self) -> None:
        async with switch(having(CITIZEN, AGENT, OTHER)) as (it, peer, _):
            await it.hold(CALL)
            assert sent(peer) == [
                self.setting(CITIZEN, "HL_CITIZEN", "1"),
                self.setting(CITIZEN, "HL_PEER", AGENT[0]),
                self.setting(AGENT, "HL_PEER", CITIZEN[0]),
                {
                    "Action": "Redirect",
                    "Channel": CITIZEN[0],
                    "Context": "hotline-wait-citizen",
                    "Exten": "s",
                    "Priority": "1",
                    "ExtraChannel": AGENT[0],
                    "ExtraContext": "hotline-wait-agent",
                    "ExtraExten": "s",
                    "ExtraPriority": "1",
                },
            ]

    @staticmethod
    def setting(leg: Channel, name: str, value: str) -> dict[str, str]:
        return {"Action": "Setvar", "Channel": leg[0], "Variable": name, "Value": value}

    async def test_of_a_call_still_in_the_queue_is_refused(self) -> None:
        async with switch(having((*CITIZEN[:3], ""))) as (it, peer, _):
            with pytest.raises(Refusal) as refused:
                await it.hold(CALL)
            assert refused.value.code == "switch.not_talking"
            assert sent(peer) == []

    async def test_ends_by_the_citizens_leg_fetching_the_agents(self) -> None:
        held = having(
            (*CITIZEN[:2], "hotline-wait-citizen", ""), (*AGENT[:2], "hotline-wait-agent", "")
        )
        async with switch(held) as (it, peer, _):
            await it.resume(CALL)
            assert sent(peer) == [
                self.setting(CITIZEN, "HL_PEER", AGENT[0]),
                {
                    "Action": "Redirect",
                    "Channel": CITIZEN[0],
                    "Context": "hotline-resume",
                    "Exten": "s",
                    "Priority": "1",
                },
            ]

    async def test_of_a_call_that_is_not_held_cannot_end(self) -> None:
        async with switch(having(CITIZEN, AGENT)) as (it, _, _):
            with pytest.raises(Refusal) as refused:
                await it.resume(CALL)
            assert refused.value.code == "switch.not_held"


class TestPassingOn:
    @pytest.mark.parametrize(
        ("command", "action"), [("transfer", "BlindTransfer"), ("consult", "Atxfer")]
    )
    async def test_goes_through_the_gate_of_the_dialplan(self, command: str, action: str) -> None:
        async with switch(having(CITIZEN, AGENT)) as (it, peer, _):
            await getattr(it, command)(CALL, device="PJSIP/8001", to="8002")
            assert sent(peer) == [
                {
                    "Action": action,
                    "Channel": AGENT[0],
                    "Context": "hotline-transfer",
                    "Exten": "8002",
                }
            ]

    async def test_is_for_the_agent_who_talks_with_the_citizen(self) -> None:
        async with switch(having(CITIZEN, AGENT, OTHER)) as (it, peer, _):
            with pytest.raises(Refusal) as refused:
                await it.transfer(CALL, device="PJSIP/8002", to="8003")
            assert refused.value.code == "switch.not_talking"
            assert sent(peer) == []

    async def test_a_consultation_is_given_up_on_the_agents_own_leg(self) -> None:
        async with switch(having(CITIZEN, AGENT)) as (it, peer, _):
            await it.cancel_consult(CALL, device="PJSIP/8001")
            assert sent(peer) == [{"Action": "CancelAtxfer", "Channel": AGENT[0]}]

    @pytest.mark.parametrize(
        ("third", "channel"),
        [("8002", "PJSIP/8002"), ("13712340002", "PJSIP/13712340002@trunk-city")],
    )
    async def test_three_meet_in_a_room_of_the_calls_own(self, third: str, channel: str) -> None:
        async with switch(having(CITIZEN, AGENT)) as (it, peer, _):
            await it.conference(CALL, device="PJSIP/8001", third=third)
            redirect, originate = sent(peer)[-2:]
            room = redirect["Exten"]
            assert room.isdigit()
            assert (redirect["Context"], redirect["ExtraContext"], redirect["ExtraExten"]) == (
                "hotline-conference",
                "hotline-conference",
                room,
            )
            assert (originate["Channel"], originate["Context"], originate["Exten"]) == (
                channel,
                "hotline-conference",
                room,
            )


class TestQueueMembers:
    async def test_signing_in_twice_and_out_twice_is_no_error(self) -> None:
        def twice(action: Action) -> str | None:
            messages = {
                "QueueAdd": "Unable to add interface: Already there",
                "QueueRemove": "Unable to remove interface: Not there",
            }
            message = messages.get(action["Action"])
            return error(action, message) if message else obliging(action)

        async with switch(twice) as (it, peer, _):
            await it.queue_add("PJSIP/8001", "王小明", paused=True)
            await it.queue_remove("PJSIP/8001")
            await it.queue_pause("PJSIP/8001", paused=False, reason="")
            assert [action["Action"] for action in sent(peer)] == [
                "QueueAdd",
                "QueueRemove",
                "QueuePause",
            ]

    async def test_a_queue_that_asterisk_does_not_have_is_told(self) -> None:
        unknown: Script = lambda a: (  # noqa: E731
            error(a, "No such queue") if a["Action"] == "QueueAdd" else obliging(a)
        )
        async with switch(unknown) as (it, _, _):
            with pytest.raises(SwitchUnavailable, match="No such queue"):
                await it.queue_add("PJSIP/8001", "王小明", paused=True)

    async def test_who_sits_where_is_noted_for_the_calls_to_come(self) -> None:
        async with switch() as (it, _, diary):
            it.seat("PJSIP/8001", "wang", at=NOON)
            assert diary.seats == [("PJSIP/8001", "wang", NOON)]


async def test_a_recording_is_silenced_on_the_citizens_channel() -> None:
    async with switch(having(CITIZEN, AGENT)) as (it, peer, _):
        await it.mute_recording(CALL, muted=True)
        await it.mute_recording(CALL, muted=False)
        assert sent(peer) == [
            {
                "Action": "MixMonitorMute",
                "Channel": CITIZEN[0],
                "Direction": "both",
                "State": state,
            }
            for state in ("1", "0")
        ]


async def test_a_real_telephone_is_picked_up_by_hand() -> None:
    async with switch() as (it, peer, _):
        with pytest.raises(Refusal, match="by hand"):
            await it.answer("PJSIP/8001")
        assert sent(peer) == []


async def test_a_command_that_asterisk_does_not_answer_is_not_repeated() -> None:
    silent: Script = lambda a: None if a["Action"] == "Hangup" else success(a)  # noqa: E731
    async with switch(having(CITIZEN, otherwise=silent)) as (it, peer, _):
        with pytest.raises(SwitchUnavailable, match="Hangup: no answer within"):
            await it.hang_up(CALL)
        assert len(peer.named("Hangup")) == 1
