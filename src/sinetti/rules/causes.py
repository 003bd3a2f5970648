"""Reads the tables of the root-cause analysis: what its rules say, and which of them may close an alert."""

from __future__ import annotations

from typing import Final

from sinetti.rules.table import Files, Row, read_table
from sinetti.rules.types import RootCause
from sinetti.rules.vocabulary import Cause, CauseClass, CauseSide, Closing

_ROOT_CAUSES: Final = (
    "rule", "version", "cause", "cause_class", "side", "confidence", "closing", "meaning", "source", "status",
)  # fmt: skip
_AUTOMATIC_CLOSING: Final = ("rule", "market", "automatic", "source", "status")
_PERCENT_MAX: Final = 99
"""No rule is certain: only a person who has seen the pack may be."""


def read_root_causes(files: Files) -> dict[tuple[str, Cause | None], RootCause]:
    """What each rule says, by rule and cause."""
    rows = {}
    for row in read_table(files, "root_causes.csv", _ROOT_CAUSES, ["rule", "cause"]):
        cause = row.optional_word("cause", Cause)
        rows[row.text("rule"), cause] = RootCause(
            row=row.number,
            rule=row.text("rule"),
            version=_version(row),
            cause=cause,
            cause_class=row.optional_word("cause_class", CauseClass),
            side=row.optional_word("side", CauseSide),
            confidence=_confidence(row, is_needed=cause is not None),
            closing=row.word("closing", Closing),
            meaning=row.text("meaning"),
            source=row.source,
            status=row.status,
        )
    return rows


def _version(row: Row) -> int:
    version = row.number_in("version")
    if version < 1:
        raise row.error("version counts from 1")
    return version


def _confidence(row: Row, *, is_needed: bool) -> int:
    if not is_needed and row.optional("confidence") is None:
        return 0
    confidence = row.number_in("confidence")
    if confidence > _PERCENT_MAX:
        raise row.error(f"confidence is at most {_PERCENT_MAX}: no rule is certain")
    return confidence


def read_automatic_closing(files: Files, market: str) -> dict[str, bool]:
    """Which rules may close alerts in the market. The row without a market holds where there is none for it."""
    chosen: dict[str, bool] = {}
    for row in read_table(files, "automatic_closing.csv", _AUTOMATIC_CLOSING, ["rule", "market"]):
        rule, of_market, automatic = row.text("rule"), row.optional("market"), row.yes("automatic")
        if of_market is not None and rule not in chosen:
            raise row.error("the row for every market must come before those of one market")
        if of_market is None or of_market == market:
            chosen[rule] = automatic
    return chosen
