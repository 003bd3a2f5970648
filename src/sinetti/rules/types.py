"""Rows of the rules tables as types. The tables are in `rules/tables`, and `rules.load` reads and proves them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import msgspec

from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.applications.types import ApplicationRules
from sinetti.rules.chain_notices import RecipientRules
from sinetti.rules.sales_holds.types import HoldRules
from sinetti.rules.vocabulary import (
    BatchState,
    Cause,
    CauseClass,
    CauseSide,
    ClientRole,
    Closing,
    Colour,
    ConditionKind,
    Interface,
    Language,
    Level,
    Operation,
    OrganisationKind,
    PackState,
    Reactivation,
    Status,
    Where,
)


class Text(msgspec.Struct, frozen=True, gc=False):
    """What one answer says to a person, in one language."""

    message: str
    """What happened: the words on the wire (`information` or `warning`)."""
    meaning: str
    """What that means, and whether it is an alert."""
    action: str
    """What to do now, and who can help."""


class OperationCode(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `operation_codes.csv`."""

    code: str
    http_status: int
    operation: str
    """What it answers: an `Operation`, `any single pack`, or a request that is about no single pack."""
    meaning: str
    """For reviewers, in a few words; `texts` are for the person at the counter."""
    message_field: str
    """`information` or `warning`: the JSON field that carries the message."""
    hub_codes: tuple[str, ...]
    """EU Hub codes that this code may stand for; a transition names one where there are several."""
    level: Level | None
    alert: bool
    colour: Colour
    used: bool
    """Whether Sinetti ever gives it; `note` says why not."""
    note: str
    source: str
    status: Status
    texts: Mapping[Language, Text] = MappingProxyType({})
    """Words in every language; empty for a code that is never given."""

    @property
    def hub_code(self) -> str | None:
        """The one EU Hub code that it stands for, if it is exactly one."""
        return self.hub_codes[0] if len(self.hub_codes) == 1 else None


class Check(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `request_checks.csv` or `identity_checks.csv`: the first whose condition holds gives the answer."""

    row: int
    """Line in the table."""
    condition: str
    code: OperationCode
    source: str
    status: Status


class Restriction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `restrictions.csv`: what recall or withdrawal answers to each operation, before the pack state."""

    row: int
    condition: str
    batch_state: BatchState
    codes: Mapping[Operation, OperationCode]
    source: str
    status: Status


class Transition(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `transitions.csv`. Rows are in order of precedence and the last of a group has no condition."""

    row: int
    operation: Operation
    pack_state: PackState
    where: tuple[Where, ...]
    """Places for which the row holds; an empty cell in the table means all of them."""
    condition: str | None
    new_state: PackState | None
    """State after; `None` where the state stays, or where it becomes the one asked for (`codes_by_target`)."""
    code: OperationCode | None
    """`None` in rows whose code depends on the requested state; then `codes_by_target` has it."""
    codes_by_target: Mapping[PackState, OperationCode]
    counts_repeat: bool
    """Whether the pack's repeat counter goes up by one."""
    hub_code: str | None
    """EU Hub code of the answer, such as `A7`: the row's own, or the only one that its code has."""
    source: str
    status: Status


class Parameter(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `parameters.csv`: a value that an operator may set. The unit is the end of the name, too."""

    name: str
    value: int
    unit: str
    source: str
    status: Status


class PackStateRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `pack_states.csv`."""

    pack_state: PackState
    requested_by: Operation | None
    """The operation that asks for this state; `None` for a state that nobody can ask for."""
    on_the_wire: bool
    """Whether the interface has a word for it."""
    reactivation: Reactivation
    names: Mapping[Language, str]


class LevelRule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `levels.csv`: who hears of a deviation."""

    level: Level
    hears: tuple[str, ...]
    """Of `actor`, `operator` (one of the national organisation and EMVO), `operators` (both), `obp`."""
    is_alert: bool


class RootCause(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A row of `root_causes.csv`: what one rule of the root-cause analysis says, and how sure that is."""

    row: int
    rule: str
    """Such as `R01`; a letter after it marks the weaker form of a rule."""
    version: int
    """Goes up whenever what the rule finds changes; every analysis carries it."""
    cause: Cause | None
    """`None` for a rule that names no cause and only weighs those of others."""
    cause_class: CauseClass | None
    side: CauseSide | None
    confidence: int
    """Of a hundred alerts that the rule judges so, how many are thought to have that cause."""
    closing: Closing
    meaning: str
    source: str
    status: Status


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
    interfaces: Mapping[OrganisationKind, frozenset[Interface]]
    """What the systems of each kind of organisation may call at all."""
    allowed_targets: Mapping[OrganisationKind, frozenset[PackState]]
    """States that each kind of organisation may ask for; `Active` is reactivation. Whoever may call the interface for
    packs may verify."""
    role_operations: Mapping[ClientRole, frozenset[Operation]]
    parameters: Mapping[str, Parameter]
    pack_states: Mapping[PackState, PackStateRule]
    levels: Mapping[Level, LevelRule]
    service_answers: Mapping[str, OperationCode]
    """Codes by `ServiceAnswer`: what is answered besides outcomes of pack operations."""
    roles_code: OperationCode
    """Answer where the client may not do what it asks (403): `service_answers[ServiceAnswer.NOT_ALLOWED]`."""
    alerts: AlertRules
    """What becomes of alerts: `rules/alerts`."""
    applications: ApplicationRules
    """What is a matter of contract, and what becomes of applications: `rules/applications`."""
    sales_holds: HoldRules
    """What becomes of requests to hold a batch: `rules/sales_holds`."""
    chain_notices: RecipientRules
    """Whom a company may tell of a falsification: `rules/chain_notices`."""
    root_causes: Mapping[tuple[str, Cause | None], RootCause]
    """Rows by rule and cause."""
    automatic_closing: Mapping[str, bool]
    """Whether the operator of this market lets alerts be closed on a rule's word; a rule that is absent never may."""
    condition_names: Mapping[ConditionKind, frozenset[str]]
    """Names in `conditions.csv`, by the kind of table that uses them."""

    def operation_for(self, requested_state: str) -> Operation | None:
        """The operation that a requested state means, `None` for a word that cannot be requested."""
        rule = self.pack_states.get(requested_state)  # type: ignore[call-overload] # a StrEnum equals its word
        return None if rule is None else rule.requested_by
