"""What the simulated PBX does for each AMI action, with the answers and errors of Asterisk 22."""

from collections.abc import Callable

from telephony.simulator.calls import Pbx
from telephony.simulator.channel_actions import channel_table
from telephony.simulator.orders import Unacceptable, originate_of
from telephony.simulator.outbound import Order
from telephony.simulator.queue_actions import queue_table
from telephony.simulator.sessions import Action, Perform, Session


def table(pbx: Pbx, originate: Callable[[Order], None]) -> dict[str, tuple[str, Perform]]:
    """Action name (lower case) to the classes one of which it needs, and what it does."""
    plain = _Plain(pbx)

    def start_call(session: Session, action: Action) -> None:
        try:
            order = originate_of(action)
        except Unacceptable as complaint:
            session.fail(action, str(complaint))
            return
        session.succeed(action, "Originate successfully queued")
        originate(order)

    actions: dict[str, tuple[str, Perform]] = {
        **channel_table(pbx),
        **queue_table(pbx),
        "ping": ("", plain.ping),
        "corestatus": ("system,reporting", plain.core_status),
        "command": ("command", plain.refuse),
        "mixmonitor": ("system", plain.refuse),
        "originate": ("originate", start_call),
        "coresettings": ("system,reporting", plain.core_settings),
    }

    def commands(session: Session, action: Action) -> None:
        session.succeed(action, "", *_allowed(session, actions))

    actions["listcommands"] = ("", commands)
    return actions


def _allowed(session: Session, actions: dict[str, tuple[str, Perform]]) -> list[tuple[str, str]]:
    """What the account may do, by the names that Asterisk writes them with."""
    rights = session.account.write if session.account else frozenset()
    return [
        (_WRITTEN.get(name, name.capitalize()), f"Simulated (Priv: {needed or '<none>'})")
        for name, (needed, _) in sorted(actions.items())
        if not needed or rights.intersection(needed.split(","))
    ]


_WRITTEN = {
    name.lower(): name
    for name in (
        *("BlindTransfer", "BridgeInfo", "BridgeList", "CancelAtxfer", "CoreSettings"),
        *("CoreShowChannels", "CoreStatus", "DemoAnswer", "DemoHangup", "DeviceStateList"),
        *("ListCommands", "MixMonitor", "MixMonitorMute", "QueueAdd", "QueuePause"),
        *("QueuePenalty", "QueueRemove", "QueueStatus", "QueueSummary"),
    )
}


class _Plain:
    def __init__(self, pbx: Pbx) -> None:
        self._board = pbx.board

    def ping(self, session: Session, action: Action) -> None:
        stamp = f"{self._board.clock().timestamp():.6f}"
        session.succeed(action, "", ("Ping", "Pong"), ("Timestamp", stamp))

    def core_status(self, session: Session, action: Action) -> None:
        day, hour = f"{self._board.booted_at:%Y-%m-%d %H:%M:%S}".split()
        session.succeed(
            action,
            "",
            ("CoreStartupDate", day),
            ("CoreStartupTime", hour),
            ("CoreReloadDate", day),
            ("CoreReloadTime", hour),
            ("CoreCurrentCalls", str(self._board.talking())),
            ("CoreProcessedCalls", str(self._board.served)),
        )

    def core_settings(self, session: Session, action: Action) -> None:
        session.succeed(
            action,
            "",
            ("AMIversion", "11.0.0"),
            ("AsteriskVersion", "22.10.1"),
            ("SystemName", self._board.system),
            ("CoreMaxCalls", "0"),
            ("CoreMaxLoadAvg", "0.000000"),
            ("CoreRunUser", ""),
            ("CoreRunGroup", ""),
            ("CoreMaxFilehandles", "0"),
            ("CoreRealTimeEnabled", "No"),
            ("CoreCDRenabled", "Yes"),
            ("CoreHTTPenabled", "No"),
            ("SoundsSearchCustomDir", "No"),
        )

    def refuse(self, session: Session, action: Action) -> None:
        session.fail(action, "Permission denied")
