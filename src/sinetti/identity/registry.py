"""What is done with organisations, locations and client equipment, each in the caller's transaction.

Every fault is a `Problem`, so that command line, portal and interface say the same of it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

from sinetti.identity import secrets
from sinetti.identity.model import ClientEquipment, IdentityPart, Location, Organisation
from sinetti.identity.secrets import Credentials
from sinetti.identity.store import equipment as equipment_store
from sinetti.identity.store import locations as location_store
from sinetti.identity.store import organisations as organisation_store
from sinetti.kit.db import Transaction
from sinetti.kit.problems import Problem
from sinetti.rules.vocabulary import ClientRole, OrganisationKind

Part = TypeVar("Part", Organisation, Location, ClientEquipment)

NAME_CHARACTERS_MAX = 200
LOCK_REASON_CHARACTERS_MAX = 1000
PAGE_MAX = 10_000
"""Rows of one page of a list, at most."""


async def add_organisation(
    tx: Transaction, *, name: str, kind: OrganisationKind, now: datetime
) -> Organisation:
    """Return the organisation just added. Problem: `name-unusable`."""
    return await organisation_store.add(tx, name=_name(name), kind=kind, now=now)


async def change_organisation(
    tx: Transaction, organisation_id: int, *, name: str, kind: OrganisationKind
) -> Organisation:
    """Give an organisation another name or kind; the kind counts within a second.

    Problems: `unknown-organisation`, `name-unusable`.
    """
    changed = await organisation_store.change(tx, organisation_id, name=_name(name), kind=kind)
    return _found(changed, IdentityPart.ORGANISATION, organisation_id)


async def add_location(tx: Transaction, *, organisation_id: int, name: str, now: datetime) -> Location:
    """Return the location just added. Problems: `unknown-organisation`, `name-unusable`."""
    location = await location_store.add(tx, organisation_id=organisation_id, name=_name(name), now=now)
    return _found(location, IdentityPart.ORGANISATION, organisation_id)


async def add_equipment(
    tx: Transaction,
    *,
    location_id: int,
    name: str,
    role: ClientRole | None,
    credentials: Credentials,
    now: datetime,
) -> ClientEquipment:
    """Return the client equipment just added. Of its secret only the digest is kept.

    The role has no default: one that is left out by mistake stops a pharmacy (portal guide, step 7).
    Problems: `unknown-location`, `name-unusable`, `client-id-taken`.
    """
    name = _name(name)
    _found(await location_store.find(tx, location_id), IdentityPart.LOCATION, location_id)
    added = await equipment_store.add(
        tx,
        location_id=location_id,
        name=name,
        client_id=credentials.client_id,
        secret_sha256=secrets.digest(credentials.client_secret),
        client_role=role,
        now=now,
    )
    if added is None:
        raise Problem("client-id-taken", 409, client_id=credentials.client_id)
    return added


def imported_credentials(client_id: str, client_secret: str) -> Credentials:
    """Return credentials that a system has from elsewhere, so that it stays as it is when a country moves.

    Problems: `client-id-unusable`, `client-secret-unusable`, `client-secret-weak`.
    """
    credentials = Credentials(client_id, client_secret)
    match secrets.fault_of_imported(credentials):
        case None:
            return credentials
        case "client-id-unusable":
            raise Problem("client-id-unusable", 422, length_max=secrets.CLIENT_ID_CHARACTERS_MAX)
        case "client-secret-unusable":
            raise Problem("client-secret-unusable", 422, length_max=secrets.CLIENT_SECRET_CHARACTERS_MAX)
        case key:
            raise Problem(
                key,
                422,
                length_min=secrets.CLIENT_SECRET_CHARACTERS_MIN,
                different_min=secrets.CLIENT_SECRET_DIFFERENT_MIN,
            )


async def organisation(tx: Transaction, organisation_id: int) -> Organisation:
    """Return one organisation. Problem: `unknown-organisation`."""
    found = await organisation_store.find(tx, organisation_id)
    return _found(found, IdentityPart.ORGANISATION, organisation_id)


async def location(tx: Transaction, location_id: int) -> Location:
    """Return one location. Problem: `unknown-location`."""
    return _found(await location_store.find(tx, location_id), IdentityPart.LOCATION, location_id)


async def one_equipment(tx: Transaction, equipment_id: int) -> ClientEquipment:
    """Return one piece of client equipment, deleted ones too. Problem: `unknown-equipment`."""
    return _found(await equipment_store.find(tx, equipment_id), IdentityPart.EQUIPMENT, equipment_id)


async def organisations(tx: Transaction, *, after: int = 0, limit: int = PAGE_MAX) -> list[Organisation]:
    """Return a page of organisations, in the order of their numbers."""
    return await organisation_store.page(tx, after=after, limit=min(limit, PAGE_MAX))


async def locations(
    tx: Transaction, *, organisation_id: int | None = None, after: int = 0, limit: int = PAGE_MAX
) -> list[Location]:
    """Return a page of locations, in the order of their numbers, of one organisation or of all."""
    return await location_store.page(
        tx, organisation_id=organisation_id, after=after, limit=min(limit, PAGE_MAX)
    )


async def equipment(
    tx: Transaction, *, location_id: int | None = None, after: int = 0, limit: int = PAGE_MAX
) -> list[ClientEquipment]:
    """Return a page of living client equipment, in the order of its numbers, of one location or of all."""
    return await equipment_store.page(tx, location_id=location_id, after=after, limit=min(limit, PAGE_MAX))


async def rename_location(tx: Transaction, location_id: int, name: str) -> Location:
    """Give a location another name. Problems: `unknown-location`, `name-unusable`."""
    renamed = await location_store.rename(tx, location_id, _name(name))
    return _found(renamed, IdentityPart.LOCATION, location_id)


async def lock_organisation(
    tx: Transaction, organisation_id: int, *, reason: str, now: datetime
) -> Organisation:
    """Stop an organisation within a second. Problems: `unknown-organisation`, `lock-reason-unusable`."""
    locked = await organisation_store.lock(tx, organisation_id, reason=_reason(reason), now=now)
    return _found(locked, IdentityPart.ORGANISATION, organisation_id)


async def unlock_organisation(tx: Transaction, organisation_id: int) -> Organisation:
    """Let an organisation work again. Problem: `unknown-organisation`."""
    unlocked = await organisation_store.unlock(tx, organisation_id)
    return _found(unlocked, IdentityPart.ORGANISATION, organisation_id)


async def lock_location(tx: Transaction, location_id: int, *, reason: str, now: datetime) -> Location:
    """Stop a location within a second. Problems: `unknown-location`, `lock-reason-unusable`."""
    locked = await location_store.lock(tx, location_id, reason=_reason(reason), now=now)
    return _found(locked, IdentityPart.LOCATION, location_id)


async def unlock_location(tx: Transaction, location_id: int) -> Location:
    """Let a location work again. Problem: `unknown-location`."""
    return _found(await location_store.unlock(tx, location_id), IdentityPart.LOCATION, location_id)


async def lock_equipment(
    tx: Transaction, equipment_id: int, *, reason: str, now: datetime
) -> ClientEquipment:
    """Stop client equipment within a second. Problems: `unknown-equipment`, `lock-reason-unusable`."""
    locked = await equipment_store.lock(tx, equipment_id, reason=_reason(reason), now=now)
    return _found(locked, IdentityPart.EQUIPMENT, equipment_id)


async def unlock_equipment(tx: Transaction, equipment_id: int) -> ClientEquipment:
    """Let client equipment work again. Problem: `unknown-equipment`."""
    return _found(await equipment_store.unlock(tx, equipment_id), IdentityPart.EQUIPMENT, equipment_id)


async def set_role(tx: Transaction, equipment_id: int, role: ClientRole | None) -> ClientEquipment:
    """Set what client equipment may do, from within a second on. Problem: `unknown-equipment`."""
    changed = await equipment_store.set_role(tx, equipment_id, role)
    return _found(changed, IdentityPart.EQUIPMENT, equipment_id)


async def rename_equipment(tx: Transaction, equipment_id: int, name: str) -> ClientEquipment:
    """Give client equipment another plain name. Problems: `unknown-equipment`, `name-unusable`."""
    renamed = await equipment_store.rename(tx, equipment_id, _name(name))
    return _found(renamed, IdentityPart.EQUIPMENT, equipment_id)


async def delete_equipment(tx: Transaction, equipment_id: int, *, now: datetime) -> ClientEquipment:
    """Take client equipment out of use for ever; the record still names it. Problem: `unknown-equipment`."""
    deleted = await equipment_store.delete(tx, equipment_id, now=now)
    return _found(deleted, IdentityPart.EQUIPMENT, equipment_id)


def _found(part: Part | None, kind: IdentityPart, number: int) -> Part:
    if part is None:
        asked: dict[str, Any] = {f"{kind}_id": number}
        raise Problem(f"unknown-{kind}", 404, **asked)
    return part


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable():
        raise Problem("name-unusable", 422, length_max=NAME_CHARACTERS_MAX)
    return name


def _reason(reason: str) -> str:
    reason = " ".join(reason.split())
    if not 0 < len(reason) <= LOCK_REASON_CHARACTERS_MAX or not reason.isprintable():
        raise Problem("lock-reason-unusable", 422, length_max=LOCK_REASON_CHARACTERS_MAX)
    return reason
