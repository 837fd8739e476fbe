"""What truly happened in every capture, as it was done and measured at the phones.

Nothing here was taken from a tracker. Seconds are rounded to what the phones' own clocks say;
offers, talks and transfers are in order, devices by their extension.
"""

from typing import Any, NamedTuple


class Truth(NamedTuple):
    """One call: who, how it ended, whose phone rang, who talked how long, to whom it was passed.

    `talks` are whole times together, `hold` the part of them on hold, `waited` time in the queue.
    """

    way: str
    number: str | None
    outcome: str | None
    offers: str = ""
    talks: str = ""
    transfers: str = ""
    hold: float = 0.0
    waited: float | None = None
    cause: int | None = 16
    name: str | None = None
    case: str | None = None
    did: str | None = "962200"


def city(
    number: str | None,
    outcome: str,
    offers: str = "",
    talks: str = "",
    passed: str = "",
    **more: Any,
) -> Truth:
    return Truth("962200", number, outcome, offers, talks, passed, **more)


def out(
    number: str, outcome: str, offers: str = "", talks: str = "", passed: str = "", **more: Any
) -> Truth:
    return Truth("outbound", number, outcome, offers, talks, passed, did=None, **more)


def inside(outcome: str, offers: str = "", **more: Any) -> Truth:
    return Truth("internal", None, outcome, offers, did=None, **more)


ONE = "8001 answered"
BOTH = "8001 answered, 8003 answered"

TRUTHS: dict[str, list[Truth]] = {
    # ---- a citizen calls in
    "answered_citizen_hangs_up": [city("13800001111", "answered", ONE, "8001 6.0", waited=1.0)],
    "answered_agent_hangs_up": [city("13800001112", "answered", ONE, "8001 4.0", waited=1.0)],
    "abandoned_in_greeting": [city("13800000301", "abandoned_greeting", cause=0)],
    # The citizen was meant to wait, and gave up when the welcome had just been said.
    "queue_timeout_nobody": [city("13800003335", "abandoned_greeting", cause=0)],
    "abandoned_waiting": [city("13800000302", "abandoned_queue", waited=4.9, cause=0)],
    "abandoned_in_queue": [
        city("13800002222", "abandoned_ringing", "8001 withdrawn", waited=3.0, cause=0)
    ],
    # Nobody is in the queue, its patience of 120 s ends and the dialplan hangs up.
    "queue_timeout": [city("13800000801", "no_agent", waited=120.2)],
    "ring_no_answer_then_second_agent": [
        city("13800003333", "answered", "8001 missed, 8002 answered", "8002 5.0", waited=8.0)
    ],
    "silent_line_agent_second_try": [
        city("13800000903", "answered", "8001 missed, 8001 answered", "8001 3.0", waited=8.0)
    ],
    "agent_rejects_then_second_agent": [
        city("13800003334", "answered", "8001 rejected, 8002 answered", "8002 3.0", waited=2.0)
    ],
    "agent_declines_603": [
        city("13800002001", "answered", "8001 rejected, 8002 answered", "8002 2.0", waited=2.0)
    ],
    # The phone answers at once, without ringing, that it is not available.
    "agent_do_not_disturb_480": [
        city("13800002002", "answered", "8001 unreachable, 8002 answered", "8002 2.0", waited=1.3)
    ],
    "gives_up_while_second_rings": [
        city("13800002011", "abandoned_ringing", "8001 missed, 8002 withdrawn", waited=9.9, cause=0)
    ],
    "gives_up_between_ringings": [
        city("13800002012", "abandoned_queue", "8001 missed", waited=6.4, cause=0)
    ],
    # A line without the entry's UserEvent.
    "load_queue_without_entry": [
        city("13800002014", "answered", ONE, "8001 2.0", waited=1.0, did="962201")
    ],
    "colleague_picks_up": [
        city("13800002101", "answered", "8001 withdrawn", "8002 3.0", waited=1.0)
    ],
    "page_ends_the_call": [city("13800002015", "answered", ONE, "8001 2.0")],
    "redirected_to_the_queue_again": [
        city("13800002018", "answered", "8001 answered, 8002 answered", "8001 2.0, 8002 2.0")
    ],
    "phone_dies_while_ringing": [
        city("13800000401", "answered", "8001 unreachable, 8002 answered", "8002 2.0", waited=8.0)
    ],
    # Dead as well, but no event says so: what is not known is not told.
    "phone_dies_unnoticed": [
        city("13800000401", "answered", "8001 missed, 8002 answered", "8002 2.0", waited=8.0)
    ],
    "phone_unregisters_while_ringing": [
        city("13800000402", "answered", "8001 unreachable, 8002 answered", "8002 2.0", waited=8.0)
    ],
    "agent_pause_unpause": [
        city("13800005551", "answered", "8002 answered", "8002 2.0", waited=1.0)
    ],
    "agent_device_unregister": [
        city("13800005552", "answered", "8002 answered", "8002 2.0", waited=1.0)
    ],
    "two_calls_same_second": [
        city("13800000201", "answered", "8001 answered", "8001 3.0", waited=1.0),
        city("13800000202", "answered", "8002 answered", "8002 4.0", waited=2.0),
    ],
    "via_12345": [
        Truth("12345", "13900005555", "answered", ONE, "8001 5.0", case="12345-20261123-000017")
    ],
    "via_12345_anonymous": [
        Truth("12345", "13900005556", "answered", ONE, "8001 2.0", case="HD2026112300999")
    ],
    "via_110": [Truth("110", "13900001101", "answered", ONE, "8001 3.0", case="JC2026112300110")],
    "via_110_anonymous": [
        Truth("110", None, "answered", ONE, "8001 2.0", name="Anonymous", case="JC2026112300111")
    ],
    "anonymous_city": [city(None, "answered", ONE, "8001 2.0", name="Anonymous")],
    "utf8_caller_name": [city("13800004444", "answered", ONE, "8001 2.0", name="王小明 甲")],
    "evil_caller": [
        city(
            "13800138000&PJSIP/trunk-city",
            "answered",
            ONE,
            "8001 2.0",
            name="<img src=x onerror=alert(1)>=cmd|'/c calc'!A1 Asterisk Call Manager/11.0.0",
        )
    ],
    # The entry's UserEvent is cut at the commas; the fields that the name adds to it are not ours.
    "evil_pai_name": [
        city(
            "13800138001",
            "answered",
            ONE,
            "8001 2.0",
            name="=HYPERLINK(1), Event: Hangup, Caller: 110",
        )
    ],
    "mixmonitor_by_ami": [city("13800006661", "answered", ONE, "8001 9.0")],
    "supervisor_listen_whisper_barge": [
        city("13800006662", "answered", ONE, "8001 13.2"),
        inside("answered", cause=0),
        inside("answered", cause=0),
        inside("answered", cause=0),
    ],
    "fax_audio": [inside("answered")],
    "fax_t38": [inside("answered")],
    # ---- on hold
    "hold_unhold": [city("13800007777", "answered", ONE, "8001 8.0", hold=4.0)],
    "held_twice": [city("13800002008", "answered", ONE, "8001 7.0", hold=3.0)],
    "hold_then_citizen_hangs_up": [city("13800000902", "answered", ONE, "8001 5.0", hold=3.0)],
    # Both legs redirected to wait apart, four seconds later joined by the Bridge action.
    "hold_by_page": [city("13800000541", "answered", ONE, "8001 9.0", hold=4.0)],
    "hold_by_page_citizen_gives_up": [city("13800000542", "answered", ONE, "8001 5.0", hold=3.0)],
    # ---- passed on without a word
    "blind_transfer_ami": [
        city("13800008882", "answered", BOTH, "8001 3.0, 8003 3.0", "blind 8001>8003 completed")
    ],
    "blind_transfer_to_liaison_mobile": [
        city("13800008883", "answered", ONE, "8001 2.0", "blind 8001>13712340001 completed")
    ],
    "phone_refer_blind": [
        city("13800000501", "answered", BOTH, "8001 2.0, 8003 3.0", "blind 8001>8003 completed")
    ],
    "phone_refer_blind_no_answer": [
        city(
            "13800000502",
            "answered",
            "8001 answered, 8003 missed",
            "8001 2.0",
            "blind 8001>8003 no_answer",
        )
    ],
    "blind_ami_no_answer": [
        city(
            "13800000532",
            "answered",
            "8001 answered, 8003 missed",
            "8001 2.0",
            "blind 8001>8003 no_answer",
        )
    ],
    "blind_ami_busy": [
        city(
            "13800000531",
            "answered",
            "8001 answered, 8003 rejected",
            "8001 2.0",
            "blind 8001>8003 busy",
            cause=17,
        )
    ],
    "blind_to_liaison_busy": [
        city(
            "13800002003",
            "answered",
            ONE,
            "8001 2.0",
            "blind 8001>13712340003 busy",
            cause=17,
        )
    ],
    "phone_refer_to_liaison": [
        city("13800002004", "answered", ONE, "8001 2.0", "blind 8001>13712340004 completed")
    ],
    "blind_ami_citizen_gives_up": [
        city(
            "13800000533",
            "answered",
            "8001 answered, 8003 withdrawn",
            "8001 2.0",
            "blind 8001>8003 no_answer",
        )
    ],
    "blind_ami_unregistered": [
        city("13800000534", "answered", ONE, "8001 2.0", "blind 8001>8003 failed", cause=3)
    ],
    "blind_ami_wrong_exten": [
        city("13800000535", "answered", ONE, "8001 2.0", "blind 8001>7777 failed")
    ],
    "agent_answers_twice_transferred_back": [
        city(
            "13800000901",
            "answered",
            "8001 answered, 8003 answered, 8001 answered",
            "8001 2.0, 8003 2.0, 8001 2.0",
            "blind 8001>8003 completed, blind 8003>8001 completed",
        )
    ],
    "handback_12345": [
        Truth(
            "12345",
            "13900005559",
            "answered",
            ONE,
            "8001 2.0",
            "handback 8001>12345 completed",
            case="HD1",
        )
    ],
    # ---- passed on after a consultation; the agent dials half a second before he has left
    "attended_transfer_ami_completed": [
        city(
            "13800008892",
            "answered",
            BOTH,
            "8001 2.5, 8003 3.0",
            "attended 8001>8003 completed",
            hold=0.2,
        )
    ],
    "attended_transfer_ami_cancelled": [
        city(
            "13800008895",
            "answered",
            "8001 answered, 8003 withdrawn",
            "8001 2.5, 8001 2.8",
            "attended 8001>8003 cancelled",
            hold=0.2,
        )
    ],
    "attended_transfer_ami_blonde": [
        city(
            "13800008893",
            "answered",
            BOTH,
            "8001 2.5, 8003 3.0",
            "attended 8001>8003 completed",
            hold=0.2,
        )
    ],
    "atxfer_no_answer": [
        city(
            "13800000521",
            "answered",
            "8001 answered, 8003 missed",
            "8001 2.4, 8001 3.0",
            "attended 8001>8003 no_answer",
            hold=0.2,
        )
    ],
    "atxfer_busy": [
        city(
            "13800000522",
            "answered",
            "8001 answered, 8003 rejected",
            "8001 2.4, 8001 3.0",
            "attended 8001>8003 busy",
            hold=0.2,
        )
    ],
    # Refused within milliseconds: nobody was consulted, the talk went on.
    "atxfer_unregistered": [
        city("13800000526", "answered", ONE, "8001 6.0", "attended 8001>8003 failed", hold=0.2)
    ],
    # The target answers, hears the matter and hangs up; the agent goes on.
    "atxfer_cancelled_after_answer": [
        city(
            "13800000523",
            "answered",
            BOTH,
            "8001 2.4, 8001 3.0",
            "attended 8001>8003 cancelled",
            hold=0.2,
        )
    ],
    # Passed on while ringing; nobody answers, 8001 is rung back and does not answer either.
    "atxfer_blonde_never_answered": [
        city(
            "13800000524",
            "answered",
            "8001 answered, 8003 missed, 8001 missed",
            "8001 2.4",
            "attended 8001>8003 no_answer",
            hold=0.2,
        )
    ],
    "atxfer_citizen_gives_up_meanwhile": [
        city("13800002009", "answered", BOTH, "8001 2.4", "attended 8001>8003 cancelled", hold=0.2)
    ],
    "atxfer_citizen_gives_up_ringing": [
        city(
            "13800002010",
            "answered",
            "8001 answered, 8003 withdrawn",
            "8001 2.4",
            "attended 8001>8003 cancelled",
            hold=0.2,
        )
    ],
    "second_line_to_the_outside_then_back": [
        city(
            "13800002103",
            "answered",
            ONE,
            "8001 5.8",
            "attended 8001>13712340103 cancelled",
            hold=2.8,
        )
    ],
    "phone_attended_to_liaison": [
        city(
            "13800002005",
            "answered",
            ONE,
            "8001 5.3",
            "attended 8001>13712340005 completed",
            hold=3.3,
        )
    ],
    "atxfer_to_liaison": [
        city(
            "13800000525",
            "answered",
            ONE,
            "8001 2.8",
            "attended 8001>13712340009 completed",
            hold=0.5,
        )
    ],
    # By the phone itself: the citizen's channel stays with the agent's, on hold, meanwhile.
    "phone_attended_completed": [
        city(
            "13800000511",
            "answered",
            BOTH,
            "8001 5.3, 8003 3.5",
            "attended 8001>8003 completed",
            hold=3.3,
        )
    ],
    "phone_attended_cancelled": [
        city("13800000512", "answered", BOTH, "8001 7.8", "attended 8001>8003 cancelled", hold=3.8)
    ],
    # The phone's transfer had no effect; the consultation went on until the citizen hung up.
    "phone_attended_blonde": [
        city("13800000513", "answered", BOTH, "8001 9.3", "attended 8001>8003 cancelled", hold=7.3)
    ],
    "phone_attended_blonde2": [
        city(
            "13800000516",
            "answered",
            BOTH,
            "8001 3.3, 8003 3.0",
            "attended 8001>8003 completed",
            hold=1.3,
        )
    ],
    "phone_attended_blonde_no_answer": [
        city(
            "13800000517",
            "answered",
            "8001 answered, 8003 missed",
            "8001 3.3",
            "attended 8001>8003 no_answer",
            hold=1.3,
        )
    ],
    "phone_attended_no_answer": [
        city(
            "13800000514",
            "answered",
            "8001 answered, 8003 missed",
            "8001 24.8",
            "attended 8001>8003 no_answer",
            hold=20.8,
        )
    ],
    "phone_attended_busy": [
        city(
            "13800000515",
            "answered",
            "8001 answered, 8003 rejected",
            "8001 5.3",
            "attended 8001>8003 busy",
            hold=1.3,
        )
    ],
    # ---- with a third
    "conference_three_way": [
        city("13800009991", "answered", ONE, "8001 9.7", "threeway 8001>13712340002 completed")
    ],
    "conference_no_answer": [
        city("13800000601", "answered", ONE, "8001 12.0", "threeway 8001>13712340002 no_answer")
    ],
    "conference_busy": [
        city("13800000602", "answered", ONE, "8001 6.0", "threeway 8001>13712340002 busy")
    ],
    "conference_agent_leaves": [
        city("13800000603", "answered", ONE, "8001 6.0", "threeway 8001>13712340002 completed")
    ],
    "conference_citizen_leaves_first": [
        city("13800002006", "answered", ONE, "8001 6.0", "threeway 8001>13712340006 completed")
    ],
    "conference_third_declines": [
        city("13800002007", "answered", ONE, "8001 7.0", "threeway 8001>13712340007 busy")
    ],
    "conference_with_agent": [
        city("13800000604", "answered", BOTH, "8001 7.0, 8003 2.0", "threeway 8001>8003 completed")
    ],
    # ---- we call: a click in the page, a phone, an alert to a liaison
    "click_to_call_answered": [out("13811110001", "answered", ONE, "8001 4.0")],
    "click_to_call_agent_no_answer": [out("13811110003", "no_agent", "8001 missed", cause=19)],
    "c2c_server_cancels": [out("13811112013", "no_agent", "8001 withdrawn")],
    "c2c_agent_rejects": [out("13811110108", "no_agent", "8001 rejected", cause=17)],
    "c2c_agent_hangs_up": [out("13811110110", "answered", ONE, "8001 4.0")],
    "c2c_agent_gives_up": [out("13811110104", "no_answer", ONE)],
    "c2c_no_answer": [out("13811110103", "no_answer", ONE, cause=0)],
    "c2c_busy": [out("13811110101", "busy", ONE, cause=17)],
    "c2c_rejected_by_citizen": [out("13811110105", "rejected", ONE, cause=21)],
    "c2c_wrong_number": [out("13811110102", "wrong_number", ONE, cause=1)],
    "c2c_switched_off": [out("13811110106", "unreachable", ONE, cause=19)],
    "c2c_congestion": [out("13811110107", "failed", ONE, cause=34)],
    "c2c_dead_trunk": [out("13811110109", "failed", ONE, cause=18)],
    "c2c_then_transfer": [
        out("13811110111", "answered", BOTH, "8001 2.0, 8003 2.0", "blind 8001>8003 completed")
    ],
    "phone_dials_out": [out("13811110120", "answered", "", "8002 3.0")],
    "two_agents_meet_in_a_room": [inside("answered")],
    "internal_call": [inside("answered", "8003 answered")],
    "liaison_ack": [out("13700000001", "answered")],
    "liaison_refuses_digit2": [out("13700000002", "answered")],
    "liaison_no_digit": [out("13700000004", "answered")],
    "liaison_busy": [out("13700000006", "busy", cause=17)],
    "liaison_rejected": [out("13700000007", "rejected", cause=21)],
    "liaison_no_answer": [out("13700000008", "no_answer", cause=19)],
    "liaison_switched_off": [out("13700000009", "unreachable", cause=19)],
    "liaison_wrong_number": [out("13700000010", "wrong_number", cause=1)],
    "liaison_trunk_congested": [out("13700000011", "failed", cause=34)],
    "liaison_dead_trunk": [out("13700000099", "failed", cause=19)],
    # ---- the connection or the switch is lost
    "restart_mid_call_core_restart_now": [
        city("13800011111", "lost", ONE, "8001 1.9", cause=None),
        city("13800011112", "answered", "8002 answered", "8002 2.0"),
    ],
    # Stopped in good order: the call was hung up, and that was told.
    "restart_mid_call_core_stop_now": [
        city("13800011111", "answered", ONE, "8001 2.0"),
        city("13800011112", "answered", ONE, "8001 2.0"),
    ],
    "restart_kill9": [
        city("13800001001", "lost", ONE, "8001 1.9", cause=None),
        city("13800001002", "answered", "8002 answered", "8002 2.0"),
    ],
    "restart_kill9_waiting": [city("13800001003", "lost", waited=0.0, cause=None)],
    # The last events came a second and a half after Hold, and two seconds after the ringing began.
    "restart_kill9_on_hold": [city("13800002019", "lost", ONE, "8001 3.5", hold=1.5, cause=None)],
    "restart_kill9_ringing": [
        city("13800002020", "lost", "8001 withdrawn", waited=1.8, cause=None)
    ],
    "ami_cut_without_lists": [city("13800002016", "answered", ONE, "8001 6.0")],
    # By the phone, unseen; the first talk ended with the last event received.
    "ami_cut_transferred_meanwhile": [city("13800002017", "answered", BOTH, "8001 1.9, 8003 2.0")],
    "ami_cut_call_goes_on": [city("13800000701", "answered", ONE, "8001 7.0")],
    # Nothing says when it ended: after the last event that was received, not later.
    "ami_cut_call_ends_meanwhile": [city("13800000702", "answered", ONE, "8001 1.9", cause=None)],
    # Known from the lists only, from the reconnection on; nobody tells the number dialled.
    "ami_cut_call_begins_meanwhile": [city("13800000703", "answered", ONE, "8001 2.0", did=None)],
}
