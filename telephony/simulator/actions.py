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

    return {
        **channel_table(pbx),
        **queue_table(pbx),
        "ping": ("", plain.ping),
        "corestatus": ("system,reporting", plain.core_status),
        "command": ("command", plain.refuse),
        "mixmonitor": ("system", plain.refuse),
        "originate": ("originate", start_call),
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

    def refuse(self, session: Session, action: Action) -> None:
        session.fail(action, "Permission denied")
