"""Applications as the pages show them."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from sinetti.portal.location_form import Value
from sinetti.rules.applications.vocabulary import (
    ApplicationKind,
    ApplicationState,
    ApplicationStep,
    Side,
)


class Asks(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is applied for. Which part is filled in depends on the kind."""

    fields: dict[str, Value] = {}
    """New location: all fields. Change of contract: those that change."""
    was: dict[str, Value] = {}
    """Change of contract: what these fields were when it was applied for."""
    closes_on: date | None = None
    """Close location: its last day."""
    system_name: str | None = None
    """Change of IT system, from here on."""
    supplier: str | None = None
    supplier_contact: str | None = None
    supplier_email: str | None = None
    supplier_phone: str | None = None
    planned_on: date | None = None
    equipment_ids: list[int] = []
    """Client equipment that is replaced."""
    equipment_names: list[str] = []


class ListedApplication(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    application_id: int
    kind: ApplicationKind
    state: ApplicationState
    state_at: datetime
    organisation_id: int
    organisation_name: str
    name: str
    """Of the location, also of one that is not there yet."""
    applied_by_name: str


class Application(msgspec.Struct, frozen=True, kw_only=True):
    """One application."""

    application_id: int
    kind: ApplicationKind
    state: ApplicationState
    state_at: datetime
    first_applied_at: datetime
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    location_id: int | None
    name: str
    asks: Asks
    applied_by_name: str
    applied_by_email: str
    applied_by_language: str
    last_step: int


class TakenStep(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the timeline."""

    step_number: int
    recorded_at: datetime
    step: ApplicationStep
    side: Side
    user_name: str
    reason: str | None


class Addressee(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the operator who gets a mail."""

    email: str
    language: str


class ReplaceableEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """Living client equipment of a location, to choose from."""

    equipment_id: int
    name: str
    client_id: str
