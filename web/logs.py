"""Log lines as JSON with telephone numbers masked and secrets left out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

SECRET_KEYS = frozenset({"password", "secret", "token", "cookie", "authorization", "csrf", "key"})
NUMBER = re.compile(r"(?<![\w.:-])(\+?\d[\d*]{6,19}|0\d{2,3}-\d{7,8})(?![\w-])")
"""A telephone number inside a sentence; not a ticket number, a date or part of a UUID."""


def masked(text: str) -> str:
    """The text with telephone numbers reduced to their last four digits."""
    return NUMBER.sub(lambda match: f"****{match[0][-4:]}", text)


def without_secrets(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Mask numbers in every value and drop what must never be written."""
    return {
        key: "[secret]" if key in SECRET_KEYS else _clean(value) for key, value in event.items()
    }


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, MutableMapping):
        return without_secrets(None, "", dict(value))
    if isinstance(value, list | tuple):
        return [_clean(each) for each in value]
    return value


def configure(*, level: str = "info", json_lines: bool = True, stream: TextIO = sys.stderr) -> None:
    """Send structlog and the standard library's loggers to one stream, one event a line.

    Args:
        level: least level that is written.
        json_lines: one JSON object a line, or text for a terminal.
        stream: where the lines go.
    """
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        without_secrets,
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    last: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if json_lines
        else structlog.dev.ConsoleRenderer(colors=stream.isatty())
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[*shared, structlog.stdlib.ProcessorFormatter.remove_processors_meta, last],
    )
    receiver = logging.StreamHandler(stream)
    receiver.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [receiver]
    root.setLevel(level.upper())
