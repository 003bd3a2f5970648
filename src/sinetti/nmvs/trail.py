"""What happened to one pack, and what is known of it now: for people who are entitled to ask.

Whether somebody is, and the record that they did, is the matter of whoever calls (Delegated Regulation (EU) 2016/161
art. 38(2) and 39).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from psycopg.rows import dict_row

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.store.packs import state_of_letter
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.vocabulary import PackState

EVENTS_MAX = 1000
"""A pack is verified a few dozen times in its life; one with more has a program that repeats itself."""

_QUERIES = load_queries("sinetti.nmvs.store", "trail.sql")


class AlertedPack(msgspec.Struct, frozen=True, kw_only=True):
    """The pack that an alert is about, as it was sent."""

    scheme: str
    product_code: str
    serial_number: str
    recorded_at: datetime


class TrailEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was done to the pack, or asked of it."""

    event_number: int
    recorded_at: datetime
    transaction_id: UUID
    operation: str
    requested_state: str | None
    operation_code: str | None
    level: int | None
    state_before: str | None
    state_after: str | None
    serial_number: str
    batch: str | None
    expiry: str | None
    entry_mode: str | None
    user_agent: str | None
    api_version: str | None
    alert_id: str | None
    reason: str | None
    equipment_name: str | None
    location_name: str | None
    organisation_name: str | None


class Trail(msgspec.Struct, frozen=True, kw_only=True):
    """A pack with its history in this country."""

    product_name: str | None
    """`None` where nobody has uploaded the product."""
    batch: str | None
    """`None` where nobody has uploaded the pack."""
    expiry: str | None
    uploaded_at: datetime | None
    recalled_at: datetime | None
    withdrawn_at: datetime | None
    state: PackState | None
    events: list[TrailEvent]


class KnownProduct(msgspec.Struct, frozen=True, kw_only=True):
    """A product that was uploaded."""

    product_id: int
    organisation_id: int
    name: str
    mah_name: str | None
    uploaded_at: datetime
    withdrawn_at: datetime | None
    withdrawal_reason: str | None


async def find_product(tx: Transaction, product_code: str) -> KnownProduct | None:
    """A product by its code; holds nothing, so that no upload waits for a reader."""
    cursor = await tx.cursor(row_factory=dict_row).execute(
        _QUERIES["find_product_for_reading"], {"product_code": product_code}
    )
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row, KnownProduct)


async def find_alerted(tx: Transaction, alert_id: str) -> AlertedPack | None:
    """The pack of an alert; `None` where there is no such alert."""
    cursor = await tx.cursor(row_factory=dict_row).execute(_QUERIES["find_alerted"], {"alert_id": alert_id})
    row = await cursor.fetchone()
    return None if row is None else msgspec.convert(row, AlertedPack)


async def read_trail(tx: Transaction, product_code: str, serial_number: str) -> Trail:
    """The whole history of a pack, oldest first, and how it stands."""
    key = serial_key(serial_number)
    # What has no key was refused before it could be judged, and nothing of it can have been stored.
    values = {"product_code": product_code, "serial_key": None if key is None else key.hex()}
    cursor = await tx.cursor(row_factory=dict_row).execute(_QUERIES["find_pack"], values)
    known = await cursor.fetchone() or {}
    cursor = await tx.cursor(row_factory=dict_row).execute(
        _QUERIES["read_trail"], {**values, "product_id": known.get("product_id", 0), "limit": EVENTS_MAX}
    )
    events = msgspec.convert(await cursor.fetchall(), list[TrailEvent])
    batch = known.get("batch")
    return Trail(
        product_name=known.get("product_name"),
        batch=batch,
        expiry=known.get("expiry"),
        uploaded_at=known.get("uploaded_at"),
        recalled_at=known.get("recalled_at"),
        withdrawn_at=known.get("withdrawn_at"),
        state=state_of_letter(known.get("state")) if batch is not None else None,
        events=events,
    )
