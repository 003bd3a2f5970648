"""Reads the tables and texts into `Rules`. What the rows must say together is proved in `rules.prove`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sinetti.rules.prove import prove
from sinetti.rules.table import Files, Row, RulesError, packaged_files, read_table, version_of
from sinetti.rules.texts import read_texts
from sinetti.rules.types import (
    Check,
    LevelRule,
    OperationCode,
    PackStateRule,
    Parameter,
    Restriction,
    Rules,
    Text,
    Transition,
)
from sinetti.rules.vocabulary import (
    BatchState,
    ClientRole,
    Colour,
    Language,
    Level,
    Operation,
    OrganisationKind,
    PackState,
    Reactivation,
    ServiceAnswer,
    Where,
)

__all__ = ["RulesError", "build_rules", "load_rules"]

REQUESTED: Final = "requested"
"""Word in column `new_state` for the state asked for; `requested_state_codes.csv` has the codes then."""

Codes = Mapping[str, OperationCode]


def load_rules(market: str = "FI") -> Rules:
    """The rules of a market, proved complete. `market` is an ISO 3166 code, such as `FI`.

    A market without parameters of its own gets those that hold for all. Raises `RulesError`.
    """
    return build_rules(packaged_files(), market)


def build_rules(files: Files, market: str = "FI") -> Rules:
    """The rules that these tables and texts make. Raises `RulesError` that names table, row and reason."""
    parameters = _parameters(files, market)
    codes = _codes(files, read_texts(files, {name: row.value for name, row in parameters.items()}))
    service_answers: dict[str, OperationCode] = {
        row.word("answer", ServiceAnswer): _code(row, codes)
        for row in read_table(files, "service_answers.csv", _SERVICE_ANSWERS, ["answer"])
    }
    rules = Rules(
        version=version_of(files),
        codes=codes,
        request_checks=_checks(files, "request_checks.csv", codes),
        identity_checks=_checks(files, "identity_checks.csv", codes),
        restrictions=_restrictions(files, codes),
        transitions=_by_question(_transitions(files, codes)),
        allowed_targets=_allowed_targets(files),
        role_operations=_role_operations(files),
        parameters=parameters,
        pack_states=_pack_states(files),
        levels=_levels(files),
        service_answers=service_answers,
        roles_code=service_answers[ServiceAnswer.NOT_ALLOWED],
        condition_names=_condition_names(files),
    )
    prove(rules)
    return rules


_OPERATION_CODES: Final = (
    "operation_code", "http_status", "operation", "meaning", "message_field", "hub_codes", "level", "alert", "colour",
    "used", "note", "source", "status",
)  # fmt: skip
_CHECKS: Final = ("condition", "operation_code", "source", "status")
_RESTRICTIONS: Final = ("condition", "batch_state", *Operation, "source", "status")
_TRANSITIONS: Final = (
    "operation", "pack_state", "where", "condition", "new_state", "operation_code", "counts_repeat", "hub_code",
    "source", "status",
)  # fmt: skip
_REQUESTED_STATE_CODES: Final = ("operation", "requested_state", "operation_code", "source", "status")
_TARGET_STATES: Final = ("requested_state", "organisation_kind", "allowed", "source", "status")
_CLIENT_ROLES: Final = ("client_role", "operations", "source", "status")
_PARAMETERS: Final = ("name", "market", "value", "unit", "source", "status")
_PACK_STATES: Final = (
    "pack_state", "requested_by", "on_the_wire", "reactivation", *Language, "source", "status",
)  # fmt: skip
_LEVELS: Final = ("level", "hears", "is_alert", "meaning", "source", "status")
_SERVICE_ANSWERS: Final = ("answer", "operation_code", "meaning", "source", "status")
_CONDITIONS: Final = ("used_in", "condition", "meaning")


def _codes(files: Files, texts: Mapping[str, Mapping[Language, Text]]) -> dict[str, OperationCode]:
    codes = {}
    for row in read_table(files, "operation_codes.csv", _OPERATION_CODES, ["operation_code"]):
        code = row.text("operation_code")
        if row.text("message_field") not in {"information", "warning"}:
            raise row.error("message_field must be information or warning")
        codes[code] = OperationCode(
            code=code,
            http_status=row.number_in("http_status"),
            operation=row.text("operation"),
            meaning=row.text("meaning"),
            message_field=row.text("message_field"),
            hub_codes=row.words("hub_codes"),
            level=row.optional_word("level", Level),
            alert=row.yes("alert"),
            colour=row.word("colour", Colour),
            used=row.yes("used"),
            note=row.optional("note") or "",
            source=row.source,
            status=row.status,
            texts=texts.get(code, {}),
        )
    if unknown := sorted(set(texts) - set(codes)):
        raise RulesError("texts", unknown[0], "has words, but operation_codes.csv does not know the code")
    return codes


def _code(row: Row, codes: Codes, column: str = "operation_code") -> OperationCode:
    if (code := codes.get(row.text(column))) is None:
        raise row.error(f"operation_codes.csv does not know {row.text(column)}")
    return code


def _checks(files: Files, name: str, codes: Codes) -> tuple[Check, ...]:
    return tuple(
        Check(
            row=row.number,
            condition=row.text("condition"),
            code=_code(row, codes),
            source=row.source,
            status=row.status,
        )
        for row in read_table(files, name, _CHECKS, ["condition"])
    )


def _restrictions(files: Files, codes: Codes) -> tuple[Restriction, ...]:
    return tuple(
        Restriction(
            row=row.number,
            condition=row.text("condition"),
            batch_state=row.word("batch_state", BatchState),
            codes={operation: _code(row, codes, operation) for operation in Operation},
            source=row.source,
            status=row.status,
        )
        for row in read_table(files, "restrictions.csv", _RESTRICTIONS, ["condition"])
    )


def _transitions(files: Files, codes: Codes) -> list[Transition]:
    by_target = _requested_state_codes(files, codes)
    key = ["operation", "pack_state", "where", "condition"]
    return [
        _transition(row, codes, by_target) for row in read_table(files, "transitions.csv", _TRANSITIONS, key)
    ]


def _transition(
    row: Row, codes: Codes, by_target: Mapping[Operation, Mapping[PackState, OperationCode]]
) -> Transition:
    operation = row.word("operation", Operation)
    to_requested = row.optional("new_state") == REQUESTED
    code = None if to_requested else _code(row, codes)
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
        of_operation[row.word("requested_state", PackState)] = _code(row, codes)
    return by_target


def _by_question(
    rows: list[Transition],
) -> dict[tuple[Operation, PackState, Where], tuple[Transition, ...]]:
    groups: dict[tuple[Operation, PackState, Where], list[Transition]] = {}
    for row in rows:
        for where in row.where:
            groups.setdefault((row.operation, row.pack_state, where), []).append(row)
    return {question: tuple(group) for question, group in groups.items()}


def _allowed_targets(files: Files) -> dict[OrganisationKind, frozenset[PackState]]:
    cells: dict[tuple[PackState, OrganisationKind], bool] = {}
    key = ["requested_state", "organisation_kind"]
    for row in read_table(files, "target_states.csv", _TARGET_STATES, key):
        _ = row.source, row.status
        cell = row.word("requested_state", PackState), row.word("organisation_kind", OrganisationKind)
        cells[cell] = row.yes("allowed")
    for state in {state for state, _ in cells}:
        for kind in OrganisationKind:
            if (state, kind) not in cells:
                raise RulesError("target_states.csv", None, f"does not say whether a {kind} may set {state}")
    return {
        kind: frozenset(state for (state, asked), allowed in cells.items() if allowed and asked is kind)
        for kind in OrganisationKind
    }


def _role_operations(files: Files) -> dict[ClientRole, frozenset[Operation]]:
    operations = {}
    for row in read_table(files, "client_roles.csv", _CLIENT_ROLES, ["client_role"]):
        _ = row.source, row.status
        operations[row.word("client_role", ClientRole)] = frozenset(row.words_of("operations", Operation))
    return operations


def _parameters(files: Files, market: str) -> dict[str, Parameter]:
    """Values for the market. The row without a market stands for every market that has none of its own."""
    chosen: dict[str, Parameter] = {}
    for row in read_table(files, "parameters.csv", _PARAMETERS, ["name", "market"]):
        name, of_market = row.text("name"), row.optional("market")
        parameter = Parameter(
            name=name,
            value=row.number_in("value"),
            unit=row.text("unit"),
            source=row.source,
            status=row.status,
        )
        if of_market is not None and name not in chosen:
            raise row.error("the row for every market must come before those of one market")
        if of_market is None or of_market == market:
            chosen[name] = parameter
    return chosen


def _pack_states(files: Files) -> dict[PackState, PackStateRule]:
    states = {}
    for row in read_table(files, "pack_states.csv", _PACK_STATES, ["pack_state"]):
        _ = row.source, row.status
        state = row.word("pack_state", PackState)
        states[state] = PackStateRule(
            pack_state=state,
            requested_by=row.optional_word("requested_by", Operation),
            on_the_wire=row.yes("on_the_wire"),
            reactivation=row.word("reactivation", Reactivation),
            names={language: row.text(language) for language in Language},
        )
    return states


def _levels(files: Files) -> dict[Level, LevelRule]:
    levels = {}
    for row in read_table(files, "levels.csv", _LEVELS, ["level"]):
        _ = row.source, row.status
        level = row.word("level", Level)
        levels[level] = LevelRule(level=level, hears=row.words("hears"), is_alert=row.yes("is_alert"))
    return levels


def _condition_names(files: Files) -> dict[str, frozenset[str]]:
    names: dict[str, set[str]] = {}
    for row in read_table(files, "conditions.csv", _CONDITIONS, ["condition"]):
        row.text("meaning")
        names.setdefault(row.text("used_in"), set()).add(row.text("condition"))
    return {kind: frozenset(of_kind) for kind, of_kind in names.items()}
