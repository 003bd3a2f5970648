"""Locations with all their fields, for pages that change them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from sinetti.identity import registry
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.location_form import Value
from sinetti.rules.applications.vocabulary import LocationField

_QUERIES = load_queries("sinetti.portal.store", "locations.sql")


class HeldLocation(msgspec.Struct, frozen=True, kw_only=True):
    """A location that nobody else changes meanwhile."""

    location_id: int
    organisation_id: int
    organisation_name: str
    organisation_kind: str
    locked_at: datetime | None
    state: str
    name: str
    kind: str | None
    gln: str | None
    street: str | None
    postal_code: str | None
    city: str | None
    country: str | None
    languages: list[str]
    contact_name: str | None
    contact_email: str | None
    contact_phone: str | None

    @property
    def values(self) -> dict[str, Value]:
        """Its fields by name."""
        return {field.value: getattr(self, field.value) for field in LocationField}


async def hold_location(tx: Transaction, location_id: int) -> HeldLocation:
    """The location, which must exist, until the transaction ends."""
    cursor = await tx.cursor(row_factory=rows_as(HeldLocation)).execute(
        _QUERIES["hold_location"], {"location_id": location_id}
    )
    held: HeldLocation | None = await cursor.fetchone()
    assert held is not None, "the concern of the route has found it"
    return held


async def change_fields(
    tx: Transaction, held: HeldLocation, values: Mapping[str, Value], now: datetime
) -> tuple[dict[str, Value], dict[str, Value]]:
    """Write what differs; returns old and new values of that. Nothing is written where nothing differs."""
    before = held.values
    after = {**before, **values}
    changed = [name for name in after if after[name] != before[name]]
    if not changed:
        return {}, {}
    if after["name"] != before["name"]:
        await registry.rename_location(tx, held.location_id, str(after["name"]))
    await keep_fields(tx, held.location_id, after, now)
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}


async def keep_fields(tx: Transaction, location_id: int, values: Mapping[str, Value], now: datetime) -> None:
    """Keep all fields of a location but its name."""
    await tx.execute(_QUERIES["keep_fields"], {**values, "location_id": location_id, "now": now})


async def close_location(tx: Transaction, location_id: int, *, reason: str, now: datetime) -> None:
    """End the contract of a location, and lock it: what was forgotten must not go on working."""
    await registry.lock_location(tx, location_id, reason=reason, now=now)
    await tx.execute(_QUERIES["close_location"], {"location_id": location_id, "reason": reason, "now": now})


async def gln_is_taken(tx: Transaction, gln: str, location_id: int | None) -> bool:
    """Whether another location has this GLN; nobody else gives one before the transaction ends."""
    await tx.execute(_QUERIES["hold_glns"])
    cursor = await tx.execute(_QUERIES["gln_is_taken"], {"gln": gln, "location_id": location_id})
    row = await cursor.fetchone()
    assert row is not None, "asking whether there is one gives one row"
    return bool(row[0])
