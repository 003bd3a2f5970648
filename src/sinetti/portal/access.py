"""Who may do what: the permission tables, proven when they are read, and the judgement of one request. Pure."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from enum import StrEnum
from importlib.resources.abc import Traversable

import msgspec

from sinetti.identity.people.model import OF_MAH_OBP, PeopleRole, SignedIn


class PermissionTableError(Exception):
    """A permission table that must not be served. The message names the row."""


class Stage(StrEnum):
    """How far somebody must have come with signing in."""

    PUBLIC = "public"
    """Nobody needs to be signed in."""
    HALF = "half"
    """The password was right; the second factor may still be missing."""
    ENROL = "enrol"
    """Signed in; a second factor that the role demands may still have to be set up."""
    FULL = "full"
    """Signed in, with all that the role demands."""


class Extent(StrEnum):
    """How much of the country somebody may do something to."""

    NONE = "none"
    OWN_SELF = "own_self"
    OWN_LOCATIONS = "own_locations"
    OWN_ORGANISATION = "own_organisation"
    ALL = "all"


class Permission(msgspec.Struct, frozen=True, kw_only=True):
    """One row: an action, and the extent that each role has for it."""

    action: str
    stage: Stage
    extents: Mapping[PeopleRole, Extent]
    source: str


class Concern(msgspec.Struct, frozen=True, kw_only=True):
    """Whose object a request is about. What is `None` has no such owner."""

    organisation_id: int | None = None
    location_id: int | None = None
    user_id: int | None = None
    company_id: int | None = None
    """The MAH or OBP whose product it is about; 0 where nobody's is. An alert concerns two organisations."""


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """What of the country a list may show. A store puts all three into the WHERE clause."""

    everything: bool = False
    organisation_id: int | None = None
    location_ids: tuple[int, ...] = ()
    user_id: int | None = None


_WITHOUT_ORGANISATION = {
    PeopleRole.OPERATOR_ADMINISTRATOR,
    PeopleRole.OPERATOR_SUPPORT,
    PeopleRole.AUTHORITY_INSPECTOR,
}
COLUMNS = ("action", "stage", *(role.value for role in PeopleRole), "source")


def read_permissions(tables: Iterable[tuple[str, Traversable]]) -> Mapping[str, Permission]:
    """All permissions by action, from the table of each page. Raises `PermissionTableError` for a wrong one."""
    permissions: dict[str, Permission] = {}
    for page, table in tables:
        rows = csv.DictReader(table.read_text("utf-8").splitlines(), strict=True)
        if tuple(rows.fieldnames or ()) != COLUMNS:
            raise PermissionTableError(f"{page}: the columns should be {', '.join(COLUMNS)}")
        for row in rows:
            permission = _permission(page, row)
            if permission.action in permissions:
                raise PermissionTableError(f"{page}: {permission.action} is there twice")
            permissions[permission.action] = permission
    return permissions


def _permission(page: str, row: Mapping[str, str]) -> Permission:
    where = f"{page}: {row['action']}"
    try:
        stage = Stage(row["stage"])
        extents = {role: Extent(row[role.value]) for role in PeopleRole}
    except ValueError as error:
        raise PermissionTableError(f"{where}: {error}") from error
    if not row["source"]:
        raise PermissionTableError(f"{where}: says no source")
    if stage is Stage.PUBLIC and set(extents.values()) != {Extent.ALL}:
        raise PermissionTableError(f"{where}: what is public is so for every role")
    for role, extent in extents.items():
        if extent is Extent.OWN_LOCATIONS and role is not PeopleRole.LOCATION_USER:
            raise PermissionTableError(f"{where}: only a location user is bound to locations, not {role}")
        if extent is Extent.OWN_ORGANISATION and role in _WITHOUT_ORGANISATION:
            raise PermissionTableError(f"{where}: {role} belongs to no organisation")
        if extent is Extent.ALL and role not in _WITHOUT_ORGANISATION and stage is not Stage.PUBLIC:
            raise PermissionTableError(f"{where}: {role} must never reach other organisations")
    return Permission(action=row["action"], stage=stage, extents=extents, source=row["source"])


def may(permission: Permission, who: SignedIn, concern: Concern) -> bool:
    """Whether this person may do this to the object that the concern describes."""
    match permission.extents[who.role]:
        case Extent.ALL:
            return True
        case Extent.OWN_ORGANISATION:
            by_product = concern.company_id is not None and who.role in OF_MAH_OBP
            owner = concern.company_id if by_product else concern.organisation_id
            return who.organisation_id is not None and owner == who.organisation_id
        case Extent.OWN_LOCATIONS:
            return concern.location_id is not None and concern.location_id in who.location_ids
        case Extent.OWN_SELF:
            return concern.user_id == who.user_id
        case Extent.NONE:
            return False


def reach(permission: Permission, who: SignedIn) -> Reach:
    """What a list under this permission may show to this person."""
    match permission.extents[who.role]:
        case Extent.ALL:
            return Reach(everything=True)
        case Extent.OWN_ORGANISATION:
            return Reach(organisation_id=who.organisation_id)
        case Extent.OWN_LOCATIONS:
            return Reach(location_ids=who.location_ids)
        case Extent.OWN_SELF:
            return Reach(user_id=who.user_id)
        case Extent.NONE:
            return Reach()
