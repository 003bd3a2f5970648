"""Locations in the database."""

from __future__ import annotations

from datetime import datetime

from sinetti.identity.model import Location
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries

_QUERIES = load_queries("sinetti.identity.store", "locations.sql")
_AS_LOCATION = rows_as(Location)


async def add(tx: Transaction, *, organisation_id: int, name: str, now: datetime) -> Location | None:
    """Return the location just added; `None` where there is no such organisation."""
    cursor = await tx.cursor(row_factory=_AS_LOCATION).execute(
        _QUERIES["add_location"], {"organisation_id": organisation_id, "name": name, "now": now}
    )
    return await cursor.fetchone()


async def find(tx: Transaction, location_id: int) -> Location | None:
    """Return the location with this number."""
    cursor = await tx.cursor(row_factory=_AS_LOCATION).execute(
        _QUERIES["find_location"], {"location_id": location_id}
    )
    return await cursor.fetchone()


async def page(tx: Transaction, *, organisation_id: int | None, after: int, limit: int) -> list[Location]:
    """Return at most `limit` locations with numbers above `after`, of one organisation or of all."""
    cursor = await tx.cursor(row_factory=_AS_LOCATION).execute(
        _QUERIES["list_locations"], {"organisation_id": organisation_id, "after": after, "limit": limit}
    )
    return await cursor.fetchall()


async def lock(tx: Transaction, location_id: int, *, reason: str, now: datetime) -> Location | None:
    """Lock a location, and return it; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=_AS_LOCATION).execute(
        _QUERIES["lock_location"], {"location_id": location_id, "reason": reason, "now": now}
    )
    return await cursor.fetchone()


async def unlock(tx: Transaction, location_id: int) -> Location | None:
    """Unlock a location, and return it; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=_AS_LOCATION).execute(
        _QUERIES["unlock_location"], {"location_id": location_id}
    )
    return await cursor.fetchone()


async def rename(tx: Transaction, location_id: int, name: str) -> Location | None:
    """Give a location another name, and return it; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=_AS_LOCATION).execute(
        _QUERIES["rename_location"], {"location_id": location_id, "name": name}
    )
    return await cursor.fetchone()
