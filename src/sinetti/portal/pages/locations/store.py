"""Locations and their client equipment as the pages show them."""

from __future__ import annotations

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.locations.model import ListedEquipment, ListedLocation, ShownLocation
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values

_QUERIES = load_queries("sinetti.portal.pages.locations", "locations.sql")

ORDERS: Orders = {
    "name": (
        "sinetti_sort_key(name, %(language)s)",
        "sinetti_sort_key(name, %(language)s) DESC",
    ),
    "organisation": (
        "sinetti_sort_key(organisation_name, %(language)s)",
        "sinetti_sort_key(organisation_name, %(language)s) DESC",
    ),
    "city": (
        "sinetti_sort_key(city, %(language)s) NULLS LAST",
        "sinetti_sort_key(city, %(language)s) DESC NULLS LAST",
    ),
    "state": ("state", "state DESC"),
    "equipment": ("equipment_count", "equipment_count DESC"),
    "last_used": ("last_used_at NULLS LAST", "last_used_at DESC NULLS LAST"),
}
"""Each column that the list can be sorted by, up and down."""


async def list_locations(
    tx: Transaction, query: ListQuery, reach: Reach, language: str
) -> ListPage[ListedLocation]:
    """A page of the locations within reach."""
    return await list_page(
        tx,
        _QUERIES["list_locations"],
        ListedLocation,
        query,
        orders=ORDERS,
        key="listed_id",
        values={**list_values(query, language), **reach_values(reach)},
    )


async def find_location(tx: Transaction, location_id: int) -> ShownLocation | None:
    """One location; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=rows_as(ShownLocation)).execute(
        _QUERIES["find_location"], {"location_id": location_id}
    )
    return await cursor.fetchone()


async def list_equipment(tx: Transaction, location_id: int) -> list[ListedEquipment]:
    """The living client equipment of a location, newest first."""
    cursor = await tx.cursor(row_factory=rows_as(ListedEquipment)).execute(
        _QUERIES["list_equipment"], {"location_id": location_id}
    )
    return await cursor.fetchall()
