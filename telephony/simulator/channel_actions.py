"""AMI actions about channels and bridges, and the demo's telephones."""

from telephony.simulator import frames
from telephony.simulator.calls import Pbx, Signal, What
from telephony.simulator.channels import Channel, describe, describe_bridge
from telephony.simulator.sessions import Action, Perform, Session


def channel_table(pbx: Pbx) -> dict[str, tuple[str, Perform]]:
    """Action name (lower case) to the classes one of which it needs, and what it does."""
    act = _ChannelActions(pbx)
    return {
        "coreshowchannels": ("system,reporting", act.show),
        "bridgelist": ("system,reporting", act.bridges),
        "bridgeinfo": ("system,reporting", act.bridge_info),
        "hangup": ("system,call", act.hang_up),
        "blindtransfer": ("call", act.blind),
        "atxfer": ("call", act.consult),
        "cancelatxfer": ("call", act.cancel),
        "redirect": ("call", act.redirect),
        "bridge": ("call", act.bridge),
        "setvar": ("call", act.set_variable),
        "getvar": ("call,reporting", act.get_variable),
        "devicestatelist": ("call,reporting", act.device_states),
        "mixmonitormute": ("system,call", act.mute),
        "demoanswer": ("call", act.demo_answer),
        "demohangup": ("call", act.demo_hang_up),
    }


class _ChannelActions:
    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._board = pbx.board

    def show(self, session: Session, action: Action) -> None:
        rows = [self._shown(c, action.id) for c in self._board.channels.values()]
        session.list(action, "Channels will follow", rows, "CoreShowChannelsComplete")

    def _shown(self, channel: Channel, action_id: str) -> bytes:
        seconds = int((self._board.clock() - channel.since).total_seconds())
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        body = [
            *describe(channel),
            ("Application", channel.application),
            ("ApplicationData", channel.data),
            ("Duration", clock),
            ("BridgeId", channel.bridge.uniqueid if channel.bridge else ""),
        ]
        return frames.listed("CoreShowChannel", body, action_id=action_id)

    def bridges(self, session: Session, action: Action) -> None:
        rows = [
            frames.listed("BridgeListItem", describe_bridge(b), action_id=action.id)
            for b in self._board.bridges.values()
        ]
        session.list(action, "Bridge listing will follow", rows, "BridgeListComplete")

    def bridge_info(self, session: Session, action: Action) -> None:
        wanted = action.get("BridgeUniqueid")
        bridge = self._board.bridges.get(wanted)
        if not wanted:
            session.fail(action, "BridgeUniqueid must be provided")
        elif bridge is None:
            session.fail(action, "Specified BridgeUniqueid not found")
        else:
            rows = [
                frames.listed("BridgeInfoChannel", describe(c), action_id=action.id)
                for c in bridge.channels
            ]
            message = "Bridge channel listing will follow"
            session.list(action, message, rows, "BridgeInfoComplete", describe_bridge(bridge))

    # --- one channel

    def hang_up(self, session: Session, action: Action) -> None:
        name = action.get("Channel")
        channel = self._board.find(name)
        if not name:
            session.fail(action, "No channel specified")
        elif channel is None:
            session.fail(action, "No such channel")
        else:
            session.succeed(action, "Channel Hungup")
            self._pbx.post(Signal("dropped", channel))

    def blind(self, session: Session, action: Action) -> None:
        self._transfer(session, action, "blind", "Transfer succeeded")

    def consult(self, session: Session, action: Action) -> None:
        self._transfer(session, action, "consult", "Atxfer successfully queued")

    def _transfer(self, session: Session, action: Action, what: What, done: str) -> None:
        name, exten = action.get("Channel"), action.get("Exten")
        context = action.get("Context") or "internal"
        channel = self._board.find(name)
        if not name:
            session.fail(action, "No channel specified")
        elif not exten:
            session.fail(action, "No extension specified")
        elif channel is None:
            session.fail(action, "Channel specified does not exist")
        elif channel.bridge is None:
            session.fail(action, "Transfer not permitted" if what == "blind" else "Atxfer failed")
        else:
            session.succeed(action, done)
            self._pbx.post(Signal(what, channel, context=context, exten=exten))

    def cancel(self, session: Session, action: Action) -> None:
        name = action.get("Channel")
        channel = self._board.find(name)
        if not name:
            session.fail(action, "No channel specified")
        elif channel is None:
            session.fail(action, "Channel specified does not exist")
        else:
            session.succeed(action, "CancelAtxfer successfully queued")
            self._pbx.post(Signal("cancel", channel))

    def redirect(self, session: Session, action: Action) -> None:
        name, extra_name = action.get("Channel"), action.get("ExtraChannel")
        channel = self._board.find(name)
        extra = self._board.find(extra_name) if extra_name else None
        if not name:
            session.fail(action, "Channel not specified")
        elif channel is None:
            session.fail(action, f"Channel does not exist: {name}")
        elif extra_name and extra is None:
            session.fail(action, f"ExtraChannel does not exist: {extra_name}")
        else:
            session.succeed(action, "Dual Redirect successful" if extra else "Redirect successful")
            self._pbx.post(
                Signal(
                    "moved",
                    channel,
                    context=action.get("Context"),
                    exten=action.get("Exten"),
                    extra=extra,
                    extra_context=action.get("ExtraContext"),
                    extra_exten=action.get("ExtraExten"),
                )
            )

    def bridge(self, session: Session, action: Action) -> None:
        names = [action.get("Channel1"), action.get("Channel2")]
        channels = [self._board.find(n) for n in names]
        if not all(names):
            session.fail(action, "Missing channel parameter in request")
        elif channels[0] is None:
            session.fail(action, "Channel1 does not exists")
        elif channels[1] is None:
            session.fail(action, "Channel2 does not exists")
        else:
            session.succeed(action, "Channels have been bridged")
            self._pbx.post(Signal("joined", channels[0], extra=channels[1]))

    def set_variable(self, session: Session, action: Action) -> None:
        name, channel = action.get("Variable"), self._board.find(action.get("Channel"))
        if not name:
            session.fail(action, "No variable specified")
        elif channel is None:
            session.fail(action, "No such channel")
        else:
            channel.variables[name.lstrip("_")] = action.get("Value")
            session.succeed(action, "Variable Set")

    def get_variable(self, session: Session, action: Action) -> None:
        name, channel = action.get("Variable"), self._board.find(action.get("Channel"))
        if not name:
            session.fail(action, "No variable specified")
        elif channel is None:
            session.fail(action, "No such channel")
        else:
            value = channel.variables.get(name, "")
            session.succeed(action, "", ("Variable", name), ("Value", value))

    def device_states(self, session: Session, action: Action) -> None:
        rows = [
            frames.listed("DeviceStateChange", body, action_id=action.id)
            for body in self._pbx.phones.states()
        ]
        message = "Device State Changes will follow"
        session.list(action, message, rows, "DeviceStateListComplete")

    def mute(self, session: Session, action: Action) -> None:
        name, direction, state = (action.get(k) for k in ("Channel", "Direction", "State"))
        channel = self._board.find(name)
        if not name:
            session.fail(action, "Channel not specified")
        elif direction not in ("read", "write", "both"):
            session.fail(action, "Invalid direction specified. Must be read, write or both")
        elif state not in ("0", "1"):
            session.fail(action, "State not specified")
        elif channel is None or (call := self._pbx.owners.get(channel)) is None:
            session.fail(action, "Channel not found")
        else:
            session.succeed(action)
            if call.track:
                call.track.mute(muted=state == "1")
            told = ("Direction", direction), ("State", state)
            self._board.about("MixMonitorMute", channel, *told)

    # --- the demo's telephones

    def demo_answer(self, session: Session, action: Action) -> None:
        """Pick up the phone that rings: by its Channel, or whatever rings at its Interface."""
        channel = self._at(action, ringing=True)
        if channel is None:
            session.fail(action, "No channel rings there")
        else:
            session.succeed(action, "Answered")
            self._pbx.post(Signal("picked", channel))

    def demo_hang_up(self, session: Session, action: Action) -> None:
        """Put the receiver down: reject what rings, end what talks."""
        channel = self._at(action, ringing=False)
        if channel is None:
            session.fail(action, "No channel is there")
            return
        session.succeed(action, "Hung up")
        rings = self._pbx.phones.ringing(channel.device) is channel
        self._pbx.post(Signal("declined" if rings else "bye", channel))

    def _at(self, action: Action, *, ringing: bool) -> Channel | None:
        phones = self._pbx.phones
        if name := action.get("Channel"):
            channel = self._board.find(name)
            wrong = (
                ringing and channel is not None and phones.ringing(channel.device) is not channel
            )
            return None if wrong else channel
        device = action.get("Interface")
        if ringing:
            return phones.ringing(device)
        return phones.talking(device) or phones.ringing(device)
