"""Reads the tables about applications, and proves what their rows must say together."""

from __future__ import annotations

from typing import Final

from sinetti.rules.applications.types import ApplicationRules, ApplicationTransition, FieldRule
from sinetti.rules.applications.vocabulary import (
    ApplicationKind,
    ApplicationState,
    ApplicationStep,
    ChangedBy,
    ChangeStep,
    LocationField,
    Side,
    Tells,
    WaitsFor,
)
from sinetti.rules.table import Files, Row, RulesError, read_table

_TRANSITIONS: Final = (
    "from_state",
    "step",
    "kinds",
    "side",
    "needs_reason",
    "to_state",
    "tells",
    "source",
    "status",
)
_FIELDS: Final = ("location_field", "changed_by", "needed", "source", "status")
_STEPS: Final = ("change_step", "waits_for", "source", "status")
_ANY: Final = ("any",)


def read_application_rules(files: Files) -> ApplicationRules:
    """The rules. Raises `RulesError`."""
    rules = ApplicationRules(
        transitions=_transitions(files),
        fields={
            (field := row.word("location_field", LocationField)): FieldRule(
                field=field, changed_by=row.word("changed_by", ChangedBy), needed=row.yes("needed")
            )
            for row in read_table(files, "location_fields.csv", _FIELDS, ["location_field"])
        },
        waits_for={
            row.word("change_step", ChangeStep): row.word("waits_for", WaitsFor)
            for row in read_table(files, "it_system_change_steps.csv", _STEPS, ["change_step"])
        },
    )
    for field in LocationField:
        if field not in rules.fields:
            raise RulesError("location_fields.csv", None, f"has no row for {field}")
    for step in ChangeStep:
        if step not in rules.waits_for:
            raise RulesError("it_system_change_steps.csv", None, f"has no row for {step}")
    _prove_transitions(rules)
    return rules


def _transitions(files: Files) -> tuple[ApplicationTransition, ...]:
    rows = read_table(files, "application_transitions.csv", _TRANSITIONS, ["from_state", "step", "kinds"])
    return tuple(
        ApplicationTransition(
            from_state=row.optional_word("from_state", ApplicationState),
            step=row.word("step", ApplicationStep),
            kinds=_kinds(row),
            sides=frozenset(row.words_of("side", Side)),
            needs_reason=row.yes("needs_reason"),
            to_state=row.word("to_state", ApplicationState),
            tells=row.word("tells", Tells),
        )
        for row in rows
    )


def _kinds(row: Row) -> frozenset[ApplicationKind]:
    if row.words("kinds") == _ANY:
        return frozenset(ApplicationKind)
    return frozenset(row.words_of("kinds", ApplicationKind))


def _prove_transitions(rules: ApplicationRules) -> None:
    """One row at most for each question; every application can be begun and approved; a return has a reason."""
    table = "application_transitions.csv"
    for kind in ApplicationKind:
        asked = [(row.from_state, row.step) for row in rules.transitions if kind in row.kinds]
        for question in asked:
            if asked.count(question) > 1:
                raise RulesError(table, None, f"two rows say what {question[1]} does to a {kind}")
        if (None, ApplicationStep.APPLY) not in asked:
            raise RulesError(table, None, f"nobody can apply for a {kind}")
        if (ApplicationState.APPLIED, ApplicationStep.APPROVE) not in asked:
            raise RulesError(table, None, f"nobody can approve a {kind}")
    for row in rules.transitions:
        if row.step is ApplicationStep.APPROVE and row.sides != {Side.OPERATOR}:
            raise RulesError(table, None, "only the operator approves")
        if row.step is ApplicationStep.RETURN and not row.needs_reason:
            raise RulesError(table, None, "what is returned needs a reason")
