"""Who is calling: organisations, their locations, client equipment, and what others may know of a caller."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from sinetti.rules.vocabulary import ClientRole, OrganisationKind


class Caller(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Who asks: one piece of client equipment, with the location and organisation it belongs to."""

    equipment_id: int
    location_id: int
    organisation_id: int
    organisation_kind: OrganisationKind
    client_role: ClientRole | None


class IdentityPart(StrEnum):
    """What can be locked. Locking one locks everything below it."""

    ORGANISATION = "organisation"
    LOCATION = "location"
    EQUIPMENT = "equipment"


class Lock(msgspec.Struct, frozen=True, kw_only=True):
    """Why a client may not work now, and since when. The reason is written for the user to read."""

    part: IdentityPart
    reason: str
    locked_at: datetime


class Organisation(msgspec.Struct, frozen=True, kw_only=True):
    """A company or body with a contract with the operator."""

    organisation_id: int
    name: str
    kind: OrganisationKind
    created_at: datetime
    locked_at: datetime | None
    lock_reason: str | None


class Location(msgspec.Struct, frozen=True, kw_only=True):
    """A place of an organisation where packs are handled, such as one pharmacy."""

    location_id: int
    organisation_id: int
    organisation_name: str
    name: str
    created_at: datetime
    locked_at: datetime | None
    lock_reason: str | None


class ClientEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """An IT system of a location, with credentials of its own (portal guide, steps 5 to 9)."""

    equipment_id: int
    location_id: int
    location_name: str
    organisation_id: int
    name: str
    client_id: str
    client_role: ClientRole | None
    """`None` until a role has been chosen; until then it may do nothing (portal guide, steps 7 and 10)."""
    created_at: datetime
    locked_at: datetime | None
    lock_reason: str | None
    deleted_at: datetime | None


class IssuedToken(msgspec.Struct, frozen=True, kw_only=True):
    """An access token as its client sees it, this once."""

    token: str
    equipment_id: int
    expires_at: datetime
    lifetime_seconds: int

    def __repr__(self) -> str:
        """Show whose token it is, never the token: a representation can end in a log."""
        return f"IssuedToken(equipment_id={self.equipment_id}, expires_at={self.expires_at.isoformat()})"
