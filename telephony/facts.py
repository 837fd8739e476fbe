"""What was observed of the switch: the language of AMI events, CEL rows and resync lists alike.

Every fact carries `at`, the instant of the observation by the switch's clock in seconds since 1970
(UTC). A fact about a channel names it by `leg` (Uniqueid), with its name and Linkedid as they were
then. Facts may come twice, late, or in another order than they happened.
"""

from typing import Literal

import msgspec

Ring = Literal["ANSWER", "BUSY", "NOANSWER", "CANCEL", "CONGESTION", "CHANUNAVAIL", ""]


class Fact(msgspec.Struct, frozen=True, gc=False):
    """Something that was so at an instant."""

    at: float


class LegFact(Fact, frozen=True, gc=False):
    """Something about one channel."""

    leg: str
    name: str
    linkedid: str


class Born(LegFact, frozen=True, gc=False):
    """A channel came into being.

    `dials` is True where its owner dials us, False where we dial him, None where not known.
    """

    dials: bool | None
    number: str = ""
    caller: str = ""
    exten: str = ""
    call: str = ""


class Present(LegFact, frozen=True, gc=False):
    """The channel is listed as being there; it began at `began`, known to the second."""

    began: float
    up: bool
    dials: bool | None
    number: str = ""
    caller: str = ""
    exten: str = ""
    call: str = ""


class Ringing(LegFact, frozen=True, gc=False):
    """The far end alerts (Newstate 5, or progress)."""

    call: str = ""


class Up(LegFact, frozen=True, gc=False):
    """The channel is answered."""

    call: str = ""


class Ended(LegFact, frozen=True, gc=False):
    """The channel is gone; `cause` is the Q.850 number, None where it was not said."""

    cause: int | None = None


class HungUp(LegFact, frozen=True, gc=False):
    """The channel's far end asked for its end."""


class Dialled(LegFact, frozen=True, gc=False):
    """We began to dial the channel: on behalf of the channel `by`, or of nobody (an Originate)."""

    by: str = ""
    to: str = ""
    call: str = ""


class DialOver(LegFact, frozen=True, gc=False):
    """Dialling the channel came to a result."""

    status: Ring = ""


class Joined(LegFact, frozen=True, gc=False):
    """The channel entered a bridge."""

    bridge: str


class Left(LegFact, frozen=True, gc=False):
    """The channel left a bridge, going on in dialplan context `context`."""

    bridge: str
    context: str = ""


class Held(LegFact, frozen=True, gc=False):
    """The channel's owner put the other side on hold."""


class Resumed(LegFact, frozen=True, gc=False):
    """... and took it back."""


class Entered(LegFact, frozen=True, gc=False):
    """A citizen's call came in: what the dialplan's entry says of it."""

    call: str
    source: str
    number: str
    caller: str
    did: str
    case: str


class Outgoing(LegFact, frozen=True, gc=False):
    """The channel calls the outside; `number` is who, `call` our id or empty."""

    call: str
    number: str


class Destined(LegFact, frozen=True, gc=False):
    """Where a channel that the server started was to go once answered (not believed for more).

    `leg` is empty where the switch did not say; `name` is what was dialled then.
    """

    exten: str


class Conferred(LegFact, frozen=True, gc=False):
    """The channel joined a conference room."""

    room: str


class Queued(LegFact, frozen=True, gc=False):
    """The channel joined a queue."""


class Waiting(LegFact, frozen=True, gc=False):
    """The channel is listed as waiting in a queue, since `since` to the second."""

    since: float


class Unqueued(LegFact, frozen=True, gc=False):
    """The channel left the queue, for whatever reason."""


class BlindTransferred(LegFact, frozen=True, gc=False):
    """The channel passed on `transferee` to extension `to`."""

    transferee: str
    to: str
    succeeded: bool


class AttendedTransferred(LegFact, frozen=True, gc=False):
    """The channel, with its consultation `second`, passed the other side on."""

    second: str
    succeeded: bool


class Recorded(LegFact, frozen=True, gc=False):
    """A recorder started on the channel."""


class RecordingOver(LegFact, frozen=True, gc=False):
    """A recorder stopped on the channel."""


class RecordingNamed(LegFact, frozen=True, gc=False):
    """The recorder that started on the channel writes the file of this id."""

    call: str
    recording: str


class Surveyed(LegFact, frozen=True, gc=False):
    """The citizen pressed a digit in the survey."""

    call: str
    digit: str


class CalledBack(LegFact, frozen=True, gc=False):
    """The citizen asked to be called back."""

    call: str
    number: str


class Machine(LegFact, frozen=True, gc=False):
    """A fax machine of ours took the call."""


class Reachable(Fact, frozen=True, gc=False):
    """A phone answers the switch, or does not."""

    device: str
    reachable: bool


class SignedIn(Fact, frozen=True, gc=False):
    """A person took a device; `agent` None: nobody has it any more."""

    device: str
    agent: str | None


class Cut(Fact, frozen=True, gc=False):
    """The connection was lost; `at` is the last instant that was heard of."""


class Booted(Fact, frozen=True, gc=False):
    """The switch is up, for `uptime` seconds."""

    uptime: float


class Listed(Fact, frozen=True, gc=False):
    """All channels that there are; whatever was there at `since` and is not listed is gone."""

    since: float
    legs: frozenset[str]
    bridges: dict[str, str]
