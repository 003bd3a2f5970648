"""Reads the tables about sales holds, and proves what their rows must say together."""

from __future__ import annotations

from typing import Final

from sinetti.rules.sales_holds.types import HoldRules, HoldTransition
from sinetti.rules.sales_holds.vocabulary import (
    HoldField,
    HoldNeeds,
    HoldSide,
    HoldState,
    HoldStep,
    HoldViewer,
)
from sinetti.rules.table import Files, RulesError, read_table

TRANSITIONS: Final = "sales_hold_transitions.csv"
FIELDS: Final = "sales_hold_fields.csv"
_COLUMNS: Final = (
    "from_state",
    "step",
    "side",
    "while_request",
    "needs",
    "to_state",
    "source",
    "status",
)


def read_hold_rules(files: Files) -> HoldRules:
    """The rules. Raises `RulesError`."""
    rows = read_table(files, TRANSITIONS, _COLUMNS, ["from_state", "step"])
    fields = read_table(
        files, FIELDS, ("field", *(viewer.value for viewer in HoldViewer), "source", "status"), ["field"]
    )
    rules = HoldRules(
        transitions={
            (row.optional_word("from_state", HoldState), row.word("step", HoldStep)): HoldTransition(
                side=row.word("side", HoldSide),
                while_request=row.optional_word("while_request", HoldState),
                needs=row.optional_word("needs", HoldNeeds),
                to_state=row.word("to_state", HoldState),
            )
            for row in rows
        },
        seen={
            row.word("field", HoldField): frozenset(viewer for viewer in HoldViewer if row.yes(viewer.value))
            for row in fields
        },
    )
    _prove(rules)
    return rules


def _prove(rules: HoldRules) -> None:
    """Every request can be asked for and lifted with a reason, packs are released after that only, no name crosses."""
    for state, step in ((None, HoldStep.ASK), (HoldState.ASKED, HoldStep.LIFT)):
        row = rules.transitions.get((state, step))
        if row is None or row.needs is not HoldNeeds.REASON or row.side is not HoldSide.COMPANY:
            raise RulesError(TRANSITIONS, None, f"{step} must be the company's, with a reason")
    for (_, step), row in rules.transitions.items():
        if step is HoldStep.RELEASE and row.while_request is not HoldState.LIFTED:
            raise RulesError(TRANSITIONS, None, "packs are released after the request is lifted, not before")
    for field in HoldField:
        if field not in rules.seen:
            raise RulesError(FIELDS, None, f"has no row for {field}")
    for field, viewer in (
        (HoldField.COMPANY, HoldViewer.DISTRIBUTOR),
        (HoldField.PLACES, HoldViewer.COMPANY),
    ):
        if rules.sees(field, viewer):
            raise RulesError(FIELDS, None, f"{field} must not be shown to the {viewer}")
