"""Reads the tables of who may do what, and of what an operator may set: roles, states, levels, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sinetti.rules.table import Files, RulesError, read_table
from sinetti.rules.types import LevelRule, PackStateRule, Parameter
from sinetti.rules.vocabulary import (
    ClientRole,
    Interface,
    Language,
    Level,
    Operation,
    OrganisationKind,
    PackState,
    ParameterName,
    Reactivation,
)

_ORGANISATION_KINDS: Final = ("organisation_kind", "interfaces", "source", "status")
_TARGET_STATES: Final = ("requested_state", "organisation_kind", "allowed", "source", "status")
_CLIENT_ROLES: Final = ("client_role", "operations", "source", "status")
_PARAMETERS: Final = ("name", "market", "value", "unit", "source", "status")
_PACK_STATES: Final = (
    "pack_state", "requested_by", "on_the_wire", "reactivation", *Language, "source", "status",
)  # fmt: skip
_LEVELS: Final = ("level", "hears", "is_alert", "meaning", "source", "status")


def read_interfaces(files: Files) -> dict[OrganisationKind, frozenset[Interface]]:
    """Interfaces that the systems of each kind of organisation may call."""
    return {
        row.word("organisation_kind", OrganisationKind): frozenset(row.words_of("interfaces", Interface))
        for row in read_table(files, "organisation_kinds.csv", _ORGANISATION_KINDS, ["organisation_kind"])
    }


def read_allowed_targets(
    files: Files, interfaces: Mapping[OrganisationKind, frozenset[Interface]]
) -> dict[OrganisationKind, frozenset[PackState]]:
    """States that each kind of organisation may ask for; none for a kind that has nothing to do with packs."""
    asking = [kind for kind, called in interfaces.items() if Interface.PACKS in called]
    cells: dict[tuple[PackState, OrganisationKind], bool] = {}
    key = ["requested_state", "organisation_kind"]
    for row in read_table(files, "target_states.csv", _TARGET_STATES, key):
        cell = row.word("requested_state", PackState), row.word("organisation_kind", OrganisationKind)
        if cell[1] not in asking:
            raise row.error(f"organisation_kinds.csv does not let {cell[1]} ask for packs")
        cells[cell] = row.yes("allowed")
    for state in {state for state, _ in cells}:
        for kind in asking:
            if (state, kind) not in cells:
                raise RulesError("target_states.csv", None, f"does not say whether a {kind} may set {state}")
    return {
        kind: frozenset(state for (state, asked), allowed in cells.items() if allowed and asked is kind)
        for kind in OrganisationKind
    }


def read_role_operations(files: Files) -> dict[ClientRole, frozenset[Operation]]:
    """Operations of each client role."""
    operations = {}
    for row in read_table(files, "client_roles.csv", _CLIENT_ROLES, ["client_role"]):
        operations[row.word("client_role", ClientRole)] = frozenset(row.words_of("operations", Operation))
    return operations


def read_parameters(files: Files, market: str) -> dict[str, Parameter]:
    """Values for the market. The row without a market stands for every market that has none of its own."""
    chosen: dict[str, Parameter] = {}
    for row in read_table(files, "parameters.csv", _PARAMETERS, ["name", "market"]):
        name, of_market = row.word("name", ParameterName), row.optional("market")
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
    for name in ParameterName:
        if name not in chosen:
            raise RulesError("parameters.csv", None, f"has no row for {name}")
    return chosen


def read_pack_states(files: Files) -> dict[PackState, PackStateRule]:
    """What holds for each state of a pack."""
    states = {}
    for row in read_table(files, "pack_states.csv", _PACK_STATES, ["pack_state"]):
        state = row.word("pack_state", PackState)
        states[state] = PackStateRule(
            pack_state=state,
            requested_by=row.optional_word("requested_by", Operation),
            on_the_wire=row.yes("on_the_wire"),
            reactivation=row.word("reactivation", Reactivation),
            names={language: row.text(language) for language in Language},
        )
    return states


def read_levels(files: Files) -> dict[Level, LevelRule]:
    """Who hears of deviations of each level."""
    levels = {}
    for row in read_table(files, "levels.csv", _LEVELS, ["level"]):
        level = row.word("level", Level)
        levels[level] = LevelRule(level=level, hears=row.words("hears"), is_alert=row.yes("is_alert"))
    return levels
