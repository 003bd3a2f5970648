"""What the pages of organisations show."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.rules.vocabulary import OrganisationKind


class ListedOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    organisation_id: int
    name: str
    kind: OrganisationKind
    business_id: str | None
    locked_at: datetime | None
    location_count: int
    equipment_count: int
    user_count: int
    last_used_at: datetime | None


class ShownOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one organisation."""

    organisation_id: int
    name: str
    kind: OrganisationKind
    created_at: datetime
    locked_at: datetime | None
    lock_reason: str | None
    business_id: str | None
    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None
    equipment_count: int
    without_role_count: int
    locked_count: int
    last_used_at: datetime | None


class LocationOfOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """A location as its organisation's page lists it."""

    location_id: int
    name: str
    city: str | None
    state: str
    equipment_count: int
    last_used_at: datetime | None


class PersonOfOrganisation(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of the organisation."""

    user_id: int
    name: str
    email: str
    role: str
    locked_at: datetime | None
    has_password: bool


class RecentEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What was done lately that concerns the organisation."""

    recorded_at: datetime
    user_name: str
    action: str
    object_name: str
