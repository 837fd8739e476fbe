"""AMI actions about the queue, with app_queue's own answers."""

from telephony.simulator import frames
from telephony.simulator.calls import Pbx
from telephony.simulator.channels import describe
from telephony.simulator.queue import Member
from telephony.simulator.sessions import Action, Perform, Session

_TRUE = ("true", "yes", "1", "on", "y", "t")


def queue_table(pbx: Pbx) -> dict[str, tuple[str, Perform]]:
    """Action name (lower case) to the classes one of which it needs, and what it does."""
    act = _QueueActions(pbx)
    return {
        "queuestatus": ("", act.status),
        "queuesummary": ("", act.summary),
        "queueadd": ("agent", act.add),
        "queueremove": ("agent", act.remove),
        "queuepause": ("agent", act.pause),
        "queuepenalty": ("agent", act.penalty),
    }


class _QueueActions:
    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._queue = pbx.queue

    def status(self, session: Session, action: Action) -> None:
        rows = [self._row("QueueParams", self._params(), action)] if self._asked(action) else []
        if rows:
            wanted = action.get("Member").casefold()
            rows += [
                self._row("QueueMember", self._queue.listed(m), action)
                for m in self._queue.members
                if not wanted or m.interface.casefold() == wanted
            ]
            rows += [self._row("QueueEntry", self._entry(i), action) for i in self._waiting()]
        session.list(action, "Queue status will follow", rows, "QueueStatusComplete")

    def _asked(self, action: Action) -> bool:
        return action.get("Queue").casefold() in ("", self._queue.name.casefold())

    def _waiting(self) -> range:
        return range(len(self._queue.callers))

    def _row(self, name: str, body: frames.Headers, action: Action) -> bytes:
        # QueueStatus is the one list whose rows carry the ActionID last.
        tail = [("ActionID", action.id)] if action.id else []
        return frames.frame([("Event", name), *body, *tail])

    def _params(self) -> frames.Headers:
        queue = self._queue
        return [
            ("Queue", queue.name),
            ("Max", "0"),
            ("Strategy", queue.strategy),
            ("Calls", str(len(queue.callers))),
            ("Holdtime", "0"),
            ("TalkTime", "0"),
            ("Completed", str(queue.completed)),
            ("Abandoned", str(queue.abandoned)),
            ("ServiceLevel", "15"),
            ("ServicelevelPerf", "0.0"),
            ("ServicelevelPerf2", "0.0"),
            ("Weight", "0"),
        ]

    def _entry(self, index: int) -> frames.Headers:
        caller = self._queue.callers[index]
        fields = dict(describe(caller.channel))
        shown = ("CallerIDNum", "CallerIDName", "ConnectedLineNum", "ConnectedLineName")
        return [
            ("Queue", self._queue.name),
            ("Position", str(index + 1)),
            ("Channel", caller.channel.name),
            ("Uniqueid", caller.channel.uniqueid),
            *((key, fields[key]) for key in shown),
            ("Wait", str(self._queue.waited(caller))),
            ("Priority", "0"),
        ]

    def summary(self, session: Session, action: Action) -> None:
        rows = []
        if self._asked(action):
            queue = self._queue
            waits = [queue.waited(c) for c in queue.callers]
            body = [
                ("Queue", queue.name),
                ("LoggedIn", str(len(queue.members))),
                ("Available", str(sum(m.available for m in queue.members))),
                ("Callers", str(len(waits))),
                ("HoldTime", "0"),
                ("TalkTime", "0"),
                ("LongestHoldTime", str(max(waits, default=0))),
            ]
            rows = [self._row("QueueSummary", body, action)]
        session.list(action, "Queue summary will follow", rows, "QueueSummaryComplete")

    def add(self, session: Session, action: Action) -> None:
        interface = action.get("Interface")
        if not action.get("Queue"):
            session.fail(action, "'Queue' not specified.")
        elif not interface:
            session.fail(action, "'Interface' not specified.")
        elif not self._asked(action):
            session.fail(action, "Unable to add interface to queue: No such queue")
        elif self._queue.member(interface) and not self._takes_over(interface):
            session.fail(action, "Unable to add interface: Already there")
        else:
            session.succeed(action, "Added interface to queue")
            penalty = action.get("Penalty")
            self._queue.add(
                interface,
                action.get("MemberName"),
                penalty=int(penalty) if penalty.isdigit() else 0,
                paused=action.get("Paused").casefold() in _TRUE,
                reason=action.get("Reason"),
            )

    def _takes_over(self, interface: str) -> bool:
        """A person may sign in at a simulated colleague's desk; the colleague makes room."""
        member = self._queue.member(interface)
        if member is None or not member.static:
            return False
        self._queue.members.remove(member)
        self._pbx.phones.take(member.interface)
        return True

    def remove(self, session: Session, action: Action) -> None:
        queue, interface = action.get("Queue"), action.get("Interface")
        member = self._queue.member(interface)
        if not queue or not interface:
            session.fail(action, "Need 'Queue' and 'Interface' parameters.")
        elif not self._asked(action):
            session.fail(action, "Unable to remove interface from queue: No such queue")
        elif member is None:
            session.fail(action, "Unable to remove interface: Not there")
        elif member.static:
            session.fail(action, "Member not dynamic")
        else:
            session.succeed(action, "Removed interface from queue")
            self._queue.remove(member)
            if self._pbx.phones.give_back(member.interface):
                self._queue.write_in(member.interface, member.name, penalty=1)

    def pause(self, session: Session, action: Action) -> None:
        if not action.get("Interface") or not action.get("Paused"):
            session.fail(action, "Need 'Interface' and 'Paused' parameters.")
            return
        member = self._known(session, action)
        if member is None:
            return
        paused = action.get("Paused").casefold() in _TRUE
        done = "paused" if paused else "unpaused"
        session.succeed(action, f"Interface {done} successfully")
        self._queue.pause(member, paused=paused, reason=action.get("Reason"))

    def penalty(self, session: Session, action: Action) -> None:
        if not action.get("Interface") or not action.get("Penalty").isdigit():
            session.fail(action, "Need 'Interface' and 'Penalty' parameters.")
            return
        if member := self._known(session, action):
            session.succeed(action, "Interface penalty set successfully")
            self._queue.set_penalty(member, int(action.get("Penalty")))

    def _known(self, session: Session, action: Action) -> Member | None:
        member = self._queue.member(action.get("Interface")) if self._asked(action) else None
        if member is None:
            session.fail(action, "Interface not found")
        return member
