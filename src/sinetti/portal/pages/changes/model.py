"""What is known of a change of IT system."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.portal.pages.applications.model import Asks
from sinetti.rules.applications.vocabulary import ApplicationState


class NewEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """The client equipment of the new IT system."""

    equipment_id: int
    name: str
    made_at: datetime
    made_by_name: str | None = None
    client_role: str | None = None
    locked_at: datetime | None = None
    first_worked_at: datetime | None = None
    last_used_at: datetime | None = None
    user_agent: str | None = None
    api_version: str | None = None
    handed_over_at: datetime | None = None
    handed_over_by_name: str | None = None
    link_made_at: datetime | None = None
    opened_at: datetime | None = None
    opened_by_name: str | None = None


class OldEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """Client equipment that is replaced."""

    equipment_id: int
    name: str
    client_id: str
    locked_at: datetime | None = None
    lock_reason: str | None = None
    deleted_at: datetime | None = None
    last_used_at: datetime | None = None
    refused_at: datetime | None = None

    @property
    def stopped_at(self) -> datetime | None:
        """Since when it is refused."""
        return self.deleted_at or self.locked_at

    @property
    def refused_since_at(self) -> datetime | None:
        """When it was last refused by the lock that is on it now."""
        if self.locked_at is None or self.refused_at is None or self.refused_at < self.locked_at:
            return None
        return self.refused_at


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The facts of a change of IT system. How far it has come is in none of them: `progress.steps_of` sees it."""

    application_id: int
    state: ApplicationState
    first_applied_at: datetime
    state_at: datetime
    organisation_id: int
    organisation_name: str
    location_id: int
    location_name: str
    asks: Asks
    applied_by_name: str
    applied_by_email: str
    applied_by_language: str
    new: NewEquipment | None
    old: tuple[OldEquipment, ...]
