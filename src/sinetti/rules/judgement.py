"""Reads the tables that judge a request: checks, restrictions and transitions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from sinetti.rules.codes import Codes, code_of
from sinetti.rules.table import Files, Row, read_table
from sinetti.rules.types import Check, OperationCode, Restriction, Transition
from sinetti.rules.vocabulary import BatchState, ConditionKind, Operation, PackState, Where

Question: TypeAlias = tuple[Operation, PackState, Where]
"""What is asked, in which state the pack is found, and where it got it."""

REQUESTED: Final = "requested"
"""Word in column `new_state` for the state asked for; `requested_state_codes.csv` has the codes then."""

_CHECKS: Final = ("condition", "operation_code", "source", "status")
_RESTRICTIONS: Final = ("condition", "batch_state", *Operation, "source", "status")
_TRANSITIONS: Final = (
    "operation", "pack_state", "where", "condition", "new_state", "operation_code", "counts_repeat", "hub_code",
    "source", "status",
)  # fmt: skip
_REQUESTED_STATE_CODES: Final = ("operation", "requested_state", "operation_code", "source", "status")
_CONDITIONS: Final = ("used_in", "condition", "meaning")


def read_checks(files: Files, name: str, codes: Codes) -> tuple[Check, ...]:
    """Rows of `request_checks.csv` or `identity_checks.csv`, in order of precedence."""
    return tuple(
        Check(
            row=row.number,
            condition=row.text("condition"),
            code=code_of(row, codes),
            source=row.source,
            status=row.status,
        )
        for row in read_table(files, name, _CHECKS, ["condition"])
    )


def read_restrictions(files: Files, codes: Codes) -> tuple[Restriction, ...]:
    """Rows of `restrictions.csv`, in order of precedence."""
    return tuple(
        Restriction(
            row=row.number,
            condition=row.text("condition"),
            batch_state=row.word("batch_state", BatchState),
            codes={operation: code_of(row, codes, operation) for operation in Operation},
            source=row.source,
            status=row.status,
        )
        for row in read_table(files, "restrictions.csv", _RESTRICTIONS, ["condition"])
    )


def read_transitions(files: Files, codes: Codes) -> dict[Question, tuple[Transition, ...]]:
    """Rows of `transitions.csv` in order of precedence, for each question."""
    by_target = _requested_state_codes(files, codes)
    groups: dict[Question, list[Transition]] = {}
    key = ["operation", "pack_state", "where", "condition"]
    for cells in read_table(files, "transitions.csv", _TRANSITIONS, key):
        row = _transition(cells, codes, by_target)
        for where in row.where:
            groups.setdefault((row.operation, row.pack_state, where), []).append(row)
    return {question: tuple(group) for question, group in groups.items()}


def _transition(
    row: Row, codes: Codes, by_target: Mapping[Operation, Mapping[PackState, OperationCode]]
) -> Transition:
    operation = row.word("operation", Operation)
    to_requested = row.optional("new_state") == REQUESTED
    code = None if to_requested else code_of(row, codes)
    if to_requested and row.optional("operation_code"):
        raise row.error(f"new_state {REQUESTED} takes its operation code from requested_state_codes.csv")
    hub_code = row.optional("hub_code")
    return Transition(
        row=row.number,
        operation=operation,
        pack_state=row.word("pack_state", PackState),
        where=row.words_of("where", Where) or tuple(Where),
        condition=row.optional("condition"),
        new_state=None if to_requested else row.optional_word("new_state", PackState),
        code=code,
        codes_by_target=by_target.get(operation, {}) if to_requested else {},
        counts_repeat=row.yes("counts_repeat"),
        hub_code=hub_code or (None if code is None else code.hub_code),
        source=row.source,
        status=row.status,
    )


def _requested_state_codes(files: Files, codes: Codes) -> dict[Operation, dict[PackState, OperationCode]]:
    by_target: dict[Operation, dict[PackState, OperationCode]] = {}
    key = ["operation", "requested_state"]
    for row in read_table(files, "requested_state_codes.csv", _REQUESTED_STATE_CODES, key):
        of_operation = by_target.setdefault(row.word("operation", Operation), {})
        of_operation[row.word("requested_state", PackState)] = code_of(row, codes)
    return by_target


def read_condition_names(files: Files) -> dict[ConditionKind, frozenset[str]]:
    """Names in `conditions.csv`, by the kind of table that uses them."""
    names: dict[ConditionKind, set[str]] = {kind: set() for kind in ConditionKind}
    for row in read_table(files, "conditions.csv", _CONDITIONS, ["condition"]):
        row.text("meaning")
        names[row.word("used_in", ConditionKind)].add(row.text("condition"))
    return {kind: frozenset(of_kind) for kind, of_kind in names.items()}
