"""What the handling of alerts needs to know of an analysis, whoever makes it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime

import msgspec

from sinetti.kit.db import Transaction
from sinetti.rules.vocabulary import Cause


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """One analysis in short."""

    cause: Cause
    cause_class: str
    rule_id: str
    confidence: int
    is_high_risk: bool
    """It must be escalated."""
    closing_rule: str | None
    """The rule on whose word the alert is closed without a person; guard rails and parameters have been asked."""
    meant_serial_number: str | None
    """The stored pack that was likely meant, where there is exactly one."""
    rules_version: str
    whole: dict[str, object]
    """All of it, in builtin types, to be kept."""


Analyser = Callable[[Transaction, Sequence[str], datetime], Awaitable[Mapping[str, Findings]]]
"""Analyses the alerts with these ids in the caller's transaction: many together, because they share what is read."""
