"""The events on MQTT as AsyncAPI 3: topics by hand, bodies from the values that are sent."""

from datetime import datetime
from typing import Any, get_args

import msgspec
import yaml

from routing.calls import Call
from routing.happenings import Step
from routing.tickets import Ticket


class CallMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A call took a step; `call` is all that is known of it after the step."""

    key: str
    step: Step
    at: datetime
    call: Call


class TicketMessage(msgspec.Struct, forbid_unknown_fields=True):
    """A ticket took a step; `ticket` is the whole of it after the step."""

    key: str
    step: str
    at: datetime
    ticket: Ticket


INFO = """\
What happened on the hotline, told to other systems after it has been committed.

Every message is sent at QoS 1, not retained, at least once and in order per call and per ticket.
A message may come twice (its confirmation got lost on the way): the same `key` is the same step.
While the broker is away nothing is lost; what waited is told when it is back. Instants are UTC.

The first part of every topic, `hotline`, is the setting `mqtt.prefix`. Messages carry personal
data: give an account at the broker to those systems only that need it, and use TLS.
"""


def asyncapi_page() -> str:
    """docs/asyncapi.yaml."""
    _, schemas = msgspec.json.schema_components(
        [CallMessage, TicketMessage], ref_template="#/components/schemas/{name}"
    )
    page = {
        "asyncapi": "3.0.0",
        "info": {"title": "hotline events", "version": "1.0.0", "description": INFO},
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "127.0.0.1:1883",
                "protocol": "mqtt",
                "protocolVersion": "3.1.1",
                "description": "Settings `mqtt.host`, `mqtt.port`, `mqtt.tls`, `mqtt.username`.",
            }
        },
        "channels": {
            "calls": _channel("calls", "id", "The call's id.", "Call", list(get_args(Step))),
            "tickets": _channel("tickets", "number", "The ticket's number.", "Ticket", None),
        },
        "operations": {
            f"tell{noun}": {
                "action": "send",
                "channel": {"$ref": f"#/channels/{noun.lower()}s"},
                "bindings": {"mqtt": {"qos": 1, "retain": False, "bindingVersion": "0.2.0"}},
            }
            for noun in ("Call", "Ticket")
        },
        "components": {
            "messages": {name: _message(name) for name in ("CallMessage", "TicketMessage")},
            "schemas": schemas,
        },
    }
    text = yaml.dump(page, Dumper=_Readable, sort_keys=False, allow_unicode=True, width=100)
    return f"# Written by docs/generate.py.\n{text}"


class _Readable(yaml.SafeDumper):
    """Texts of several lines stand as they are."""

    def represent_str(self, text: str) -> yaml.ScalarNode:
        """A line as YAML writes it, a text as a block."""
        style = "|" if "\n" in text else None
        return self.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Readable.add_representer(str, _Readable.represent_str)


def _channel(
    noun: str, key: str, what: str, message: str, steps: list[str] | None
) -> dict[str, Any]:
    step: dict[str, Any] = {"description": "What happened, in the past tense."}
    if steps:
        step["enum"] = steps
    return {
        "address": f"hotline/v1/{noun}/{{{key}}}/{{step}}",
        "parameters": {key: {"description": what}, "step": step},
        "messages": {
            f"{message}Message": {"$ref": f"#/components/messages/{message}Message"},
        },
    }


def _message(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}"},
    }
