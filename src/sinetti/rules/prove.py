"""Proves that the rules are complete and say nothing twice, or the service does not start."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from enum import StrEnum
from itertools import product

from sinetti.rules.table import RulesError
from sinetti.rules.types import OperationCode, Rules, Transition
from sinetti.rules.vocabulary import (
    Cause,
    CauseClass,
    ClientRole,
    Closing,
    ConditionKind,
    Interface,
    Language,
    Level,
    Operation,
    OrganisationKind,
    PackState,
    Reactivation,
    Where,
)

ANY_PACK_OPERATION = "any single pack"
"""Word in column `operation` of `operation_codes.csv` for a code that every pack operation may get."""


def prove(rules: Rules) -> None:
    """Raise `RulesError` for the first thing that is missing, contradictory or out of reach."""
    _every_word_has_a_row(rules)
    _every_condition_is_declared_and_used(rules)
    _requested_states_fit(rules)
    _every_question_has_one_answer(rules)
    for row in _transition_rows(rules):
        _transition_changes_only_what_it_may(row, rules)
        _hub_code_is_named(row)
    _reactivation_agrees(rules)
    _checks_and_restrictions_fit(rules)
    _codes_agree(rules)
    _causes_agree(rules)
    _closing_is_guarded(rules)


def _every_word_has_a_row(rules: Rules) -> None:
    tables: tuple[tuple[str, type[StrEnum], Collection[str]], ...] = (
        ("pack_states.csv", PackState, rules.pack_states),
        ("levels.csv", Level, rules.levels),
        ("client_roles.csv", ClientRole, rules.role_operations),
        ("organisation_kinds.csv", OrganisationKind, rules.interfaces),
    )
    for table, words, rows in tables:
        for word in words:
            if word not in rows:
                raise RulesError(table, None, f"has no row for {word}")
    for interface in Interface:
        if not any(interface in called for called in rules.interfaces.values()):
            raise RulesError("organisation_kinds.csv", None, f"lets nobody call {interface}")


def _every_condition_is_declared_and_used(rules: Rules) -> None:
    used: dict[ConditionKind, dict[str, tuple[str, int]]] = {
        ConditionKind.REQUEST: {
            check.condition: ("request_checks.csv", check.row) for check in rules.request_checks
        },
        ConditionKind.IDENTITY: {
            check.condition: ("identity_checks.csv", check.row) for check in rules.identity_checks
        },
        ConditionKind.RESTRICTION: {
            row.condition: ("restrictions.csv", row.row) for row in rules.restrictions
        },
        ConditionKind.TRANSITION: {
            row.condition: ("transitions.csv", row.row) for row in _transition_rows(rules) if row.condition
        },
    }
    for kind, in_use in used.items():
        declared = rules.condition_names[kind]
        for name in sorted(set(in_use) - declared):
            table, number = in_use[name]
            raise RulesError(table, number, f"conditions.csv knows no {kind} condition {name}")
        for name in sorted(declared - set(in_use)):
            raise RulesError("conditions.csv", None, f"no {kind} table uses {name}")


def _requested_states_fit(rules: Rules) -> None:
    """A state has one operation that asks for it, a code for it, and a word on whether each kind may."""
    asked_by = {state: rule.requested_by for state, rule in rules.pack_states.items() if rule.requested_by}
    if {operation for operation in Operation if operation is not Operation.VERIFY} != set(asked_by.values()):
        raise RulesError(
            "pack_states.csv", None, "every operation but verify must have a state that it asks for"
        )
    for kind, states in rules.allowed_targets.items():
        for state in sorted(states - set(asked_by)):
            raise RulesError(
                "target_states.csv", None, f"lets a {kind} set {state}, which nobody can ask for"
            )
    for state in sorted(asked_by):
        if not any(state in states for states in rules.allowed_targets.values()):
            raise RulesError("target_states.csv", None, f"lets nobody set {state}")
    for row in _transition_rows(rules):
        if row.code is None:
            wanted = {state for state, operation in asked_by.items() if operation is row.operation}
            if missing := sorted(wanted - set(row.codes_by_target)):
                raise RulesError(
                    "requested_state_codes.csv", None, f"has no {row.operation} code for {missing[0]}"
                )
            if more := sorted(set(row.codes_by_target) - wanted):
                raise RulesError(
                    "requested_state_codes.csv", None, f"{row.operation} does not ask for {more[0]}"
                )


def _every_question_has_one_answer(rules: Rules) -> None:
    for question in product(Operation, PackState, Where):
        rows = rules.transitions.get(question, ())
        if not rows:
            raise RulesError("transitions.csv", None, f"has no row for {' / '.join(question)}")
        for row in rows[:-1]:
            if row.condition is None:
                reason = f"rows after it are never reached for {' / '.join(question)}"
                raise RulesError("transitions.csv", row.row, reason)
        if rows[-1].condition is not None:
            reason = f"the last row for {' / '.join(question)} must have no condition"
            raise RulesError("transitions.csv", rows[-1].row, reason)


def _transition_changes_only_what_it_may(row: Transition, rules: Rules) -> None:
    new_state = row.new_state
    if new_state is not None and rules.pack_states[new_state].requested_by is not row.operation:
        raise RulesError("transitions.csv", row.row, f"{row.operation} cannot set {new_state}")
    changes = new_state is not None or bool(row.codes_by_target)
    if changes and row.counts_repeat:
        raise RulesError("transitions.csv", row.row, "a row that changes the state counts no repeat")
    for code in _codes_of(row):
        if code.operation != row.operation:
            raise RulesError("transitions.csv", row.row, f"{code.code} is no answer to {row.operation}")
        if changes and (code.message_field != "information" or code.alert):
            raise RulesError("transitions.csv", row.row, f"{code.code} is a warning, but the state changes")


def _hub_code_is_named(row: Transition) -> None:
    for code in _codes_of(row):
        if row.hub_code is None and code.hub_codes:
            raise RulesError("transitions.csv", row.row, f"must name one of {' '.join(code.hub_codes)}")
        if row.hub_code is not None and row.hub_code not in code.hub_codes:
            raise RulesError("transitions.csv", row.row, f"{code.code} does not stand for {row.hub_code}")


def _reactivation_agrees(rules: Rules) -> None:
    """What `pack_states.csv` promises about reactivation is what `transitions.csv` does."""
    for state, rule in rules.pack_states.items():
        rows = rules.transitions[Operation.REACTIVATE, state, Where.SAME]
        possible = any(row.new_state is PackState.ACTIVE for row in rows)
        if possible is (rule.reactivation is Reactivation.NEVER):
            reason = f"{state}: reactivation {rule.reactivation} is not what transitions.csv says"
            raise RulesError("pack_states.csv", None, reason)


def _checks_and_restrictions_fit(rules: Rules) -> None:
    for table, checks in (
        ("request_checks.csv", rules.request_checks),
        ("identity_checks.csv", rules.identity_checks),
    ):
        for check in checks:
            if check.code.operation != ANY_PACK_OPERATION:
                raise RulesError(table, check.row, f"{check.code.code} is no answer to every operation")
            if len(check.code.hub_codes) > 1:
                raise RulesError(table, check.row, f"{check.code.code} stands for more than one EU Hub code")
    for row in rules.restrictions:
        for operation, code in row.codes.items():
            if code.operation != operation:
                raise RulesError("restrictions.csv", row.row, f"{code.code} is no answer to {operation}")
            if code.alert:
                reason = (
                    f"{code.code} is an alert, which art. 36(b) rules out for recalled and withdrawn packs"
                )
                raise RulesError("restrictions.csv", row.row, reason)


def _codes_agree(rules: Rules) -> None:
    """Every code that is given has words, none that is not, and an alert is what its level says."""
    given = {code.code for code in _given(rules)}
    for code in rules.codes.values():
        if code.used is not (code.code in given):
            reason = (
                "is given, so used must be yes"
                if code.code in given
                else "no table gives it, so used must be no"
            )
            raise RulesError("operation_codes.csv", code.code, reason)
        if not code.used and not code.note:
            raise RulesError("operation_codes.csv", code.code, "note must say why it is not used")
        level = None if code.level is None else rules.levels[code.level]
        if code.alert is not (level is not None and level.is_alert):
            raise RulesError("operation_codes.csv", code.code, f"alert does not fit level {code.level}")
        if code.alert and not code.hub_codes:
            raise RulesError("operation_codes.csv", code.code, "an alert needs an EU Hub code")
        for language in Language:
            if code.used is not (language in code.texts):
                reason = f"texts/{language}.toml " + (
                    "has no words for it" if code.used else "has words for it in vain"
                )
                raise RulesError("operation_codes.csv", code.code, reason)


def _causes_agree(rules: Rules) -> None:
    """Each cause is named by a rule, and by all of its rules as of the same class and on the same side."""
    told: dict[Cause, tuple[str | None, str | None]] = {}
    for row in rules.root_causes.values():
        about = row.cause_class, row.side
        if row.cause is None:
            if any(about):
                raise RulesError("root_causes.csv", row.row, "names no cause, so it has no class and no side")
            continue
        if None in about:
            raise RulesError("root_causes.csv", row.row, f"must say class and side of {row.cause}")
        if told.setdefault(row.cause, about) != about:
            raise RulesError(
                "root_causes.csv", row.row, f"says another class or side of {row.cause} than before"
            )
    for cause in Cause:
        if cause not in told:
            raise RulesError("root_causes.csv", None, f"no rule names {cause}")


_NEVER_CLOSED = frozenset(
    {CauseClass.HIGH_RISK, CauseClass.PRODUCT_DEFECT, CauseClass.INTERMARKET, CauseClass.UNKNOWN}
)
"""Classes of causes that no table may let close by itself: each may hide a falsified pack."""


def _closing_is_guarded(rules: Rules) -> None:
    closing: dict[str, set[Closing]] = {}
    for row in rules.root_causes.values():
        closing.setdefault(row.rule, set()).add(row.closing)
        if row.cause_class in _NEVER_CLOSED and row.closing is not Closing.NEVER:
            raise RulesError(
                "root_causes.csv", row.row, f"an alert of class {row.cause_class} is never closed"
            )
    for rule, automatic in rules.automatic_closing.items():
        if rule not in closing:
            raise RulesError("automatic_closing.csv", rule, "root_causes.csv knows no such rule")
        if automatic and closing[rule] == {Closing.NEVER}:
            raise RulesError(
                "automatic_closing.csv", rule, "root_causes.csv says that it never closes an alert"
            )


def _given(rules: Rules) -> Iterator[OperationCode]:
    for check in (*rules.request_checks, *rules.identity_checks):
        yield check.code
    for restriction in rules.restrictions:
        yield from restriction.codes.values()
    for row in _transition_rows(rules):
        yield from _codes_of(row)
    yield from rules.service_answers.values()


def _codes_of(row: Transition) -> Iterable[OperationCode]:
    return row.codes_by_target.values() if row.code is None else (row.code,)


def _transition_rows(rules: Rules) -> Iterator[Transition]:
    """Each row once, although a row may stand for several places."""
    return iter({row.row: row for group in rules.transitions.values() for row in group}.values())
