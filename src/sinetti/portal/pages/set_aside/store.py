"""The register within somebody's reach."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.alerts.vocabulary import AlertStatus, Classification, ClosingReason, SetAsideEnd

_QUERIES = load_queries("sinetti.portal.pages.set_aside", "set_aside.sql")

STATES = ("gone", "any")
"""Beside those that are apart now."""
ORDERS: Orders = {
    "set_aside_at": ("set_aside_at", "set_aside_at DESC"),
    "product": ("product_name NULLS FIRST, product_code", "product_name DESC NULLS LAST, product_code DESC"),
    "location": ("location_name", "location_name DESC"),
    "expiry": ("expiry NULLS FIRST", "expiry DESC NULLS LAST"),
}


class ListedPack(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the register."""

    product_id: int
    set_aside_id: int
    location_id: int
    location_name: str
    product_code: str
    product_name: str | None
    serial_number: str
    batch: str | None
    expiry: str | None
    place: str | None
    set_aside_at: datetime
    ended_at: datetime | None
    ended_as: SetAsideEnd | None
    alert_status: AlertStatus | None
    closing_reason: ClosingReason | None
    classification: Classification | None


class AsidePack(msgspec.Struct, frozen=True, kw_only=True):
    """One pack of the register, with who did what."""

    product_id: int
    set_aside_id: int
    location_id: int
    location_name: str
    product_code: str
    product_name: str | None
    serial_number: str
    batch: str | None
    expiry: str | None
    place: str | None
    set_aside_at: datetime
    set_aside_by_name: str
    ended_at: datetime | None
    ended_as: SetAsideEnd | None
    end_comment: str | None
    return_agreed: bool
    ended_by_name: str | None
    event_number: int | None
    organisation_id: int


async def list_packs(tx: Transaction, query: ListQuery, reach: Reach, language: str) -> ListPage[ListedPack]:
    """A page of the register."""
    values = {**reach_values(reach), **list_values(query, language)}
    return await list_page(
        tx,
        _QUERIES["list_set_aside"],
        ListedPack,
        query,
        orders=ORDERS,
        key="set_aside_id",
        values={**values, "state": query.filters["state"] or "apart"},
    )


async def find_pack(tx: Transaction, product_id: int, set_aside_id: int) -> AsidePack:
    """The pack that the route's concern has found."""
    values = {"product_id": product_id, "set_aside_id": set_aside_id}
    cursor = await tx.cursor(row_factory=rows_as(AsidePack)).execute(_QUERIES["find_set_aside"], values)
    found: AsidePack | None = await cursor.fetchone()
    assert found is not None, "the concern of the route has found it"
    return found


async def other_times(tx: Transaction, pack: AsidePack) -> list[AsidePack]:
    """The same pack at other times, the latest first."""
    values = {
        name: getattr(pack, name) for name in ("location_id", "product_id", "serial_number", "set_aside_id")
    }
    cursor = await tx.cursor(row_factory=rows_as(AsidePack)).execute(_QUERIES["other_times"], values)
    return list(await cursor.fetchall())
