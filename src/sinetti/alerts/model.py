"""What the handling of alerts is made of: an alert as it stands, who acts, and what is decided. Values only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

import msgspec

from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    Effect,
    InvestigationStatus,
    Party,
    Side,
)
from sinetti.rules.vocabulary import Cause

COMMENT_CHARACTERS_MAX = 500
"""As in the European alert system."""
MESSAGE_CHARACTERS_MAX = 4000


class FileKey(msgspec.Struct, frozen=True):
    """Which event it is about."""

    product_id: int
    event_number: int


_REFERENCE = re.compile(r"R([0-9]{1,9})-([0-9]{1,18})", re.IGNORECASE)


def reference_of(key: FileKey, alert_id: str | None) -> str:
    """What people call it by: the alert id or, for a refusal that is no alert, a reference such as `R12-345678`."""
    return alert_id or f"R{key.product_id}-{key.event_number}"


def key_of_reference(reference: str) -> FileKey | None:
    """The event that the reference of a refusal names; `None` for alert ids and anything else."""
    found = _REFERENCE.fullmatch(reference)
    return None if found is None else FileKey(int(found[1]), int(found[2]))


class CaseKey(msgspec.Struct, frozen=True):
    """Which case."""

    product_id: int
    case_id: int


class Doer(msgspec.Struct, frozen=True, kw_only=True):
    """Who acts. Sinetti itself has no user, and an IT system is the client equipment that calls."""

    party: Party
    user_id: int | None = None
    equipment_id: int | None = None
    user_name: str | None = None
    """Of a client equipment its name."""
    organisation_id: int | None = None
    """`None` for the operator, the authority and Sinetti itself."""
    location_ids: tuple[int, ...] = ()
    """Locations that a location user is bound to."""
    rule_id: str | None = None
    """The rule of the analysis on whose word Sinetti acts."""
    transaction_id: UUID | None = None


SYSTEM = Doer(party=Party.SYSTEM)


class AlertFile(msgspec.Struct, frozen=True, kw_only=True):
    """One alert as it stands: what was sent, whose it is, and how far its handling has come."""

    key: FileKey
    case: CaseKey
    alert_id: str | None
    """`None` for a refusal that is no alert, and that somebody asked to have investigated."""
    recorded_at: datetime
    kind: AlertKind
    operation: str
    operation_code: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    entry_mode: str | None
    location_id: int | None
    organisation_id: int | None
    obp_organisation_id: int | None
    earlier_location_id: int | None
    state_before: str | None
    status: AlertStatus
    classification: Classification
    closing_reason: ClosingReason | None
    closing_comment: str | None
    closed_by_rule: str | None
    cause: Cause | None
    changes: int
    investigations: Mapping[Side, InvestigationStatus] = MappingProxyType({})
    close_without_answer_at: datetime | None = None
    """From when it may be closed because a question was not answered; `None` where nothing was asked."""

    @property
    def reference(self) -> str:
        """What people call it by, and its place in addresses."""
        return reference_of(self.key, self.alert_id)


class StatusChange(msgspec.Struct, frozen=True, kw_only=True):
    """The alert gets another status."""

    to: AlertStatus
    reason: ClosingReason | None
    comment: str | None


class InvestigationChange(msgspec.Struct, frozen=True, kw_only=True):
    """A side says something of the cause; an alert that nobody had begun with is then under investigation."""

    side: Side
    to: InvestigationStatus
    comment: str | None
    status: StatusChange | None


class ClassificationChange(msgspec.Struct, frozen=True, kw_only=True):
    """The alert gets another class, with what that brings about."""

    to: Classification
    comment: str
    effects: tuple[Effect, ...]
    status: StatusChange | None
