"""One exchange with a national system, and in words why there was none."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Final

from sinetti.cli.credentials import Access
from sinetti.cli.errors import UserError
from sinetti.cli.words import Words
from sinetti.gs1.scan import Scan
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Operation, PackState
from sinetti.sdk.answers import Answer
from sinetti.sdk.client import Sinetti
from sinetti.sdk.errors import (
    BusyError,
    ProblemError,
    SinettiError,
    TokenRefusedError,
    UnexpectedAnswerError,
    UnreachableError,
)
from sinetti.sdk.exchange import Patience
from sinetti.sdk.pack import Pack

_PATIENCE: Final = Patience(pauses_seconds=(0.2, 1.0))
"""Somebody is waiting at the terminal, and can ask again themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of whom."""

    operation: Operation
    state: PackState | None
    """State asked for; `None` for a verification."""
    pack: Pack
    scan: Scan | None
    """What was scanned; `None` where the parts were given one by one."""
    access: Access


def carry_out(asked: Asked, rules: Rules, words: Words, idempotency_key: str | None = None) -> Answer:
    """What the system answers. Raises `UserError` where there is no answer, with what is known then."""
    key = idempotency_key or str(uuid.uuid4())
    access = asked.access
    try:
        with Sinetti(
            access.server,
            access.client_id,
            access.client_secret,
            words.language,
            rules=rules,
            patience=_PATIENCE,
        ) as client:
            if asked.state is None:
                return client.verify(asked.pack)
            return client.decommission(asked.pack, asked.state, idempotency_key=key)
    except SinettiError as error:
        raise UserError(_told(error, asked, key, words)) from error


def _told(error: SinettiError, asked: Asked, key: str, words: Words) -> str:
    server, client_id = asked.access.server, asked.access.client_id
    match error:
        case UnreachableError():
            which = "unreachable" if asked.state is None else "unreachable_change"
            return words("faults", which, server=server, key=key, reason=error)
        case BusyError():
            return words("faults", "busy", seconds=f"{error.retry_after_seconds:.0f}")
        case TokenRefusedError():
            return words("faults", "token_refused", client_id=client_id, reason=f"{str(error).rstrip('.')}.")
        case ProblemError():
            problem = error.problem
            told = " ".join(text for text in (problem.detail or problem.title, problem.action) if text)
            return words("faults", "problem", reason=told, transaction_id=problem.transaction_id)
        case UnexpectedAnswerError():
            return words("faults", "unexpected", server=server, reason=error)
        case _:
            return str(error)
