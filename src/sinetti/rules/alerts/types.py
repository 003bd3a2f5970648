"""Rows of the tables about alerts as types. They are read in `read.py` and proven in `prove.py`, beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    Deadline,
    Effect,
    InvestigationStatus,
    Kin,
    Notice,
    NoticeGroup,
    Pace,
    Party,
    Saying,
    SetAsideEnd,
    SetAsideNeed,
    Side,
    Sight,
    SupplyOutcome,
    TrailRequestState,
    TrailRequestStep,
)
from sinetti.rules.vocabulary import Cause, CauseClass, Language, OrganisationKind


class StatusTransition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `alert_status_transitions.csv`."""

    from_status: AlertStatus
    to_status: AlertStatus
    who: frozenset[Party]
    saying: Saying


class InvestigationRule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `investigation_statuses.csv`: who may say this for that side."""

    side: Side
    status: InvestigationStatus
    who: frozenset[Party]
    saying: Saying


class ClassificationTransition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `classification_transitions.csv`. Each needs words of whoever makes it."""

    from_classification: Classification
    to_classification: Classification
    who: frozenset[Party]
    effects: tuple[Effect, ...]


class ClosingRule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `closing_reasons.csv`, with what `closing_reason_kinds.csv` says of it."""

    reason: ClosingReason
    kinds: frozenset[AlertKind]
    """Kinds of alerts that it fits."""
    who: frozenset[Party]
    classifications: frozenset[Classification]
    cause_sides: frozenset[Side]
    """Whose cause it was, by this reason; empty where it was nobody's."""
    outcome: SupplyOutcome
    saying: Saying
    automatic: bool
    """Whether Sinetti itself may give it."""
    after_deadline: Deadline | None
    """It holds only when this deadline has passed."""


class SetAsideRule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `set_aside_ends.csv`."""

    end: SetAsideEnd
    need: SetAsideNeed


class TrailRequestRule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `trail_request_transitions.csv`."""

    from_state: TrailRequestState | None
    """`None` for a request that is not there yet."""
    step: TrailRequestStep
    to_state: TrailRequestState
    who: frozenset[Party]
    saying: Saying


class GuidanceStep(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `guidance.csv`: one step of what to do."""

    kind: AlertKind
    step: str
    only_if: str | None
    """Condition without which the step is left out."""
    unless: str | None
    """Condition with which it is left out."""
    first_if: str | None
    """Condition that puts the step before all others."""
    link_code: str | None
    """Operation code whose help page tells more; without one it is the page of the alert's own code."""


class Words(msgspec.Struct, frozen=True):
    """What people read for the words of the tables, in one language."""

    of: Mapping[str, Mapping[str, str]]
    """By group, such as `status`, and word."""

    def __call__(self, group: str, word: str) -> str:
        """The text for a word of a table."""
        return self.of[group][word]


class PaceRule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `notice_paces.csv`: how soon each party hears of a group of notices by mail."""

    group: NoticeGroup
    usual: Mapping[Party, Pace]
    """Parties that the table does not name get no mail."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRules:
    """Everything that is decided about the handling of alerts, as one value for one market."""

    status_transitions: Mapping[tuple[AlertStatus, AlertStatus], StatusTransition]
    investigations: Mapping[tuple[Side, InvestigationStatus], InvestigationRule]
    classifications: Mapping[tuple[Classification, Classification], ClassificationTransition]
    closing_reasons: Mapping[ClosingReason, ClosingRule]
    deadlines: Mapping[Deadline, int]
    """Hours."""
    automatic_reasons: Mapping[str, ClosingReason]
    """What an alert is closed with where a rule of the analysis closes it. Which rules may is the analysis' matter."""
    warnings: Mapping[Deadline, int]
    """Hours before a deadline at which the side that owes an answer is reminded; only of deadlines that have a row."""
    cause_news: Mapping[CauseClass, frozenset[Party]]
    """Who hears when the likely cause of an alert moves into such a class, or out of it."""
    notices: Mapping[Notice, frozenset[Party]]
    notice_groups: Mapping[Notice, NoticeGroup]
    paces: Mapping[NoticeGroup, PaceRule]
    sights: Mapping[str, Mapping[Party, Sight]]
    """How much of each field each party sees."""
    set_aside_ends: Mapping[SetAsideEnd, SetAsideRule]
    trail_requests: Mapping[tuple[TrailRequestState | None, TrailRequestStep], TrailRequestRule]
    trail_countries: tuple[str, ...]
    """Countries with operators that tell trails, two letters each; this market among them."""
    kin: Mapping[Cause, Kin]
    kinds: Mapping[str, AlertKind]
    """By operation code."""
    first_contacts: Mapping[AlertKind, Side]
    """Whom an end user asks first."""
    guidance: Mapping[tuple[AlertKind, OrganisationKind | Side], tuple[GuidanceStep, ...]]
    """For the kinds of organisations that have packs, and for the sides MAH, OBP and NMVO."""
    guidance_conditions: frozenset[str]
    words: Mapping[Language, Words]
