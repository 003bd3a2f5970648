"""Rows of the rules tables as types. The tables are in `rules/tables`, and `rules.load` reads and proves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from sinetti.rules.vocabulary import (
    ClientRole,
    Colour,
    Language,
    Level,
    Operation,
    OrganisationKind,
    PackState,
    Where,
)


class Text(msgspec.Struct, frozen=True, gc=False):
    """What one answer says to a person, in one language."""

    message: str
    """What happened: the words on the wire (`information` or `warning`)."""
    meaning: str
    """What that means."""
    action: str
    """What to do now, and who can help."""


class OperationCode(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `operation_codes.csv`."""

    code: str
    http_status: int
    message_field: str
    """`information` or `warning`: the JSON field that carries the message."""
    hub_codes: tuple[str, ...]
    """EU Hub codes that this code may stand for; a transition names one where there are several."""
    level: Level | None
    alert: bool
    colour: Colour
    source: str
    status: str
    texts: Mapping[Language, Text] = MappingProxyType({})


class Check(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `request_checks.csv` or `identity_checks.csv`: the first whose condition holds gives the answer."""

    condition: str
    code: OperationCode
    source: str
    status: str


class Restriction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `restrictions.csv`: what recall or withdrawal answers to each operation, before the pack state."""

    condition: str
    codes: Mapping[Operation, OperationCode]
    source: str
    status: str


class Transition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `transitions.csv`. Rows are in order of precedence and the last of a group has no condition."""

    operation: Operation
    pack_state: PackState
    where: Where | None
    """`None` in the table means the row holds for every place."""
    condition: str | None
    new_state: PackState | None
    """State after; `None` where the state stays."""
    code: OperationCode | None
    """`None` in rows whose code depends on the requested state; then `codes_by_target` has it."""
    codes_by_target: Mapping[PackState, OperationCode]
    counts_repeat: bool
    """Whether the pack's repeat counter goes up by one."""
    hub_code: str | None
    source: str
    status: str


class Parameter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `parameters.csv`: a value that an operator may set."""

    name: str
    value: int
    unit: str
    source: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """Everything that law and the operator decide, as one value. Made by `rules.load.load_rules` only."""

    version: str
    """First 12 hexadecimal digits of the SHA-256 over all tables and texts; every event carries it."""
    codes: Mapping[str, OperationCode]
    request_checks: tuple[Check, ...]
    identity_checks: tuple[Check, ...]
    restrictions: tuple[Restriction, ...]
    transitions: Mapping[tuple[Operation, PackState, Where], tuple[Transition, ...]]
    allowed_targets: Mapping[OrganisationKind, frozenset[PackState]]
    """States that each kind of organisation may ask for; `Active` is reactivation. Anyone may verify."""
    role_operations: Mapping[ClientRole, frozenset[Operation]]
    parameters: Mapping[str, Parameter]
    roles_code: OperationCode
    """Answer where the client may not do what it asks (403)."""
