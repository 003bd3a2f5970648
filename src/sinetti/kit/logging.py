"""Logs for the one on call: JSON lines on stderr (readable ones on a terminal), UTC, and never a secret."""

from __future__ import annotations

import logging
import re
import sys
from contextvars import ContextVar
from typing import TextIO
from uuid import UUID

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

current_transaction: ContextVar[UUID | None] = ContextVar("current_transaction", default=None)
"""Transaction id of the request that is being served; every log line made meanwhile carries it."""

_SECRET_KEYS = re.compile(r"authori[sz]ation|secret|token|passw|credential|cookie|api_?key", re.IGNORECASE)
_SECRETS_IN_TEXT = (
    (re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]+", re.IGNORECASE), r"\1 [hidden]"),
    (
        re.compile(
            r"((?:client_secret|access_token|password)[\"']?\s*[=:]\s*[\"']?)[^\s&\"',}]+", re.IGNORECASE
        ),
        r"\1[hidden]",
    ),
    (re.compile(r"(\w+://[^\s:/@]*:)[^\s@/]+@"), r"\1[hidden]@"),
)
_DEPTH_MAX = 6


def configure_logging(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send all logs of this process, ours and those of libraries, to `stream` (stderr) in one form.

    Start uvicorn with `log_config=None` so that it leaves this as it is.
    """
    stream = sys.stderr if stream is None else stream
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        add_transaction_id,
        structlog.processors.format_exc_info,
        hide_secrets,
    ]
    human = stream.isatty()
    renderer: Processor = (
        structlog.dev.ConsoleRenderer(timestamp_key="time", exception_formatter=structlog.dev.plain_traceback)
        if human
        else structlog.processors.JSONRenderer(default=str, ensure_ascii=False)
    )
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[
                structlog.stdlib.PositionalArgumentsFormatter(),
                structlog.stdlib.ExtraAdder(),
                drop_coloured_copy,
                *shared,
            ],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name, least in (
        ("uvicorn", level),
        ("uvicorn.error", level),
        ("uvicorn.access", "WARNING"),
        ("httpx", "WARNING"),
    ):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(least)


def add_transaction_id(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Processor: the transaction that the line belongs to."""
    transaction_id = current_transaction.get()
    if transaction_id is not None:
        event.setdefault("transaction_id", str(transaction_id))
    return event


def drop_coloured_copy(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Processor: uvicorn sends each of its lines twice, once with escape codes for colours."""
    event.pop("color_message", None)
    return event


def hide_secrets(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Processor: values under keys that name a secret, and secrets inside texts, become `[hidden]`."""
    return {key: _hidden(key, value, 0) for key, value in event.items()}


def _hidden(key: object, value: object, depth: int) -> object:
    if value is None or isinstance(value, int | float) or (isinstance(key, str) and key.startswith("_")):
        return value  # underlined: structlog's own notes, which are taken out before rendering
    if isinstance(key, str) and _SECRET_KEYS.search(key):
        return "[hidden]"
    if isinstance(value, dict) and depth < _DEPTH_MAX:
        return {inner: _hidden(inner, item, depth + 1) for inner, item in value.items()}
    if isinstance(value, list | tuple) and depth < _DEPTH_MAX:
        return [_hidden(None, item, depth + 1) for item in value]
    text = str(value)
    for pattern, replacement in _SECRETS_IN_TEXT:
        text = pattern.sub(replacement, text)
    return text
