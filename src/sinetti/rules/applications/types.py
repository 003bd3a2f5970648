"""The rules about applications as values, and the judgement of one step."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

import msgspec

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


class ApplicationTransition(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `application_transitions.csv`."""

    from_state: ApplicationState | None
    """`None` for an application that does not exist yet."""
    step: ApplicationStep
    kinds: frozenset[ApplicationKind]
    sides: frozenset[Side]
    needs_reason: bool
    to_state: ApplicationState
    tells: Tells


class FieldRule(msgspec.Struct, frozen=True, kw_only=True):
    """A row of `location_fields.csv`."""

    field: LocationField
    changed_by: ChangedBy
    needed: bool
    """Whether it must be filled in."""


class NotNow(StrEnum):
    """Why a step cannot be taken."""

    ANOTHER_STATE = "another_state"
    """The application stands otherwise: mostly because somebody else was faster."""
    NOT_YOURS = "not_yours"
    REASON_MISSING = "reason_missing"


class ApplicationRules(msgspec.Struct, frozen=True, kw_only=True):
    """All of them."""

    transitions: tuple[ApplicationTransition, ...]
    fields: Mapping[LocationField, FieldRule]
    """In the order of the table, which is that of the forms."""
    waits_for: Mapping[ChangeStep, WaitsFor]

    def decide(
        self,
        kind: ApplicationKind,
        state: ApplicationState | None,
        step: ApplicationStep,
        side: Side,
        reason: str | None,
    ) -> ApplicationTransition | NotNow:
        """The row that lets this step be taken, or why it cannot be."""
        rows = [
            row
            for row in self.transitions
            if row.from_state == state and row.step is step and kind in row.kinds
        ]
        if not rows:
            return NotNow.ANOTHER_STATE
        (row,) = rows
        if side not in row.sides:
            return NotNow.NOT_YOURS
        return NotNow.REASON_MISSING if row.needs_reason and not reason else row

    def steps_of(
        self, kind: ApplicationKind, state: ApplicationState, side: Side
    ) -> frozenset[ApplicationStep]:
        """What a side can do with an application as it stands."""
        return frozenset(
            row.step
            for row in self.transitions
            if row.from_state == state and kind in row.kinds and side in row.sides
        )

    def changed_by(self, changed_by: ChangedBy) -> tuple[LocationField, ...]:
        """The fields that are changed in this way."""
        return tuple(rule.field for rule in self.fields.values() if rule.changed_by is changed_by)
