"""What the pages of locations show."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec


class LocationState(StrEnum):
    """How a location stands. A lock goes before the state of the contract."""

    APPLIED = "applied"
    APPROVED = "approved"
    RETURNED = "returned"
    LOCKED = "locked"
    CLOSED = "closed"


class ListedLocation(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    listed_id: int
    location_id: int | None
    """`None` where it is only applied for."""
    application_id: int | None
    name: str
    organisation_id: int
    organisation_name: str
    city: str | None
    gln: str | None
    state: LocationState
    equipment_count: int
    without_role_count: int
    last_used_at: datetime | None


class ShownLocation(msgspec.Struct, frozen=True, kw_only=True):
    """All that is known of one location."""

    location_id: int
    name: str
    organisation_id: int
    organisation_name: str
    created_at: datetime
    state: LocationState
    lock_reason: str | None
    locked_at: datetime | None
    own_lock: bool
    """Whether the lock is its own, and not its organisation's alone."""
    state_reason: str | None
    kind: str | None
    gln: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    country: str | None
    languages: tuple[str, ...]
    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None


class ListedEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a location's table of client equipment."""

    equipment_id: int
    name: str
    client_id: str
    client_role: str | None
    created_at: datetime
    created_by_name: str | None
    locked_at: datetime | None
    lock_reason: str | None
    last_used_at: datetime | None
    user_agent: str | None
    api_version: str | None
