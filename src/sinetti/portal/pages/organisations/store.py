"""Organisations as the pages show and change them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from psycopg.rows import dict_row

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.organisations.model import (
    ListedOrganisation,
    LocationOfOrganisation,
    PersonOfOrganisation,
    RecentEntry,
    ShownOrganisation,
)
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values

_QUERIES = load_queries("sinetti.portal.pages.organisations", "organisations.sql")

ORDERS: Orders = {
    "name": ("sinetti_sort_key(name, %(language)s)", "sinetti_sort_key(name, %(language)s) DESC"),
    "kind": ("kind", "kind DESC"),
    "locations": ("location_count", "location_count DESC"),
    "equipment": ("equipment_count", "equipment_count DESC"),
    "users": ("user_count", "user_count DESC"),
    "last_used": ("last_used_at NULLS LAST", "last_used_at DESC NULLS LAST"),
}
"""Each column that the list can be sorted by, up and down."""

ROWS_SHOWN = 50
"""Locations, and people, on an organisation's page: the longest of Finland's chains has more, and the list of
locations shows them all."""
RECENT_SHOWN = 10


async def list_organisations(
    tx: Transaction, query: ListQuery, language: str
) -> ListPage[ListedOrganisation]:
    """A page of the country's organisations."""
    return await list_page(
        tx,
        _QUERIES["list_organisations"],
        ListedOrganisation,
        query,
        orders=ORDERS,
        key="organisation_id",
        values=list_values(query, language),
    )


async def find_organisation(tx: Transaction, organisation_id: int) -> ShownOrganisation | None:
    """One organisation; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=rows_as(ShownOrganisation)).execute(
        _QUERIES["find_organisation"], {"organisation_id": organisation_id}
    )
    return await cursor.fetchone()


async def list_locations(
    tx: Transaction, organisation_id: int, reach: Reach, language: str
) -> tuple[list[LocationOfOrganisation], int]:
    """The first locations of the organisation within reach, and how many there are in all."""
    values = {"of_organisation": organisation_id, "language": language, "limit": ROWS_SHOWN}
    cursor = await tx.cursor(row_factory=dict_row).execute(
        _QUERIES["list_locations"], {**values, **reach_values(reach)}
    )
    rows = await cursor.fetchall()
    return msgspec.convert(rows, list[LocationOfOrganisation]), rows[0]["total"] if rows else 0


async def list_people(
    tx: Transaction, organisation_id: int, language: str, *, everybody: bool
) -> list[PersonOfOrganisation]:
    """The people of the organisation: everybody, or the main users whom others may ask."""
    cursor = await tx.cursor(row_factory=rows_as(PersonOfOrganisation)).execute(
        _QUERIES["list_people"],
        {
            "of_organisation": organisation_id,
            "language": language,
            "everybody": everybody,
            "limit": ROWS_SHOWN,
        },
    )
    return await cursor.fetchall()


async def list_recent(tx: Transaction, organisation_id: int) -> list[RecentEntry]:
    """What the audit has of late."""
    cursor = await tx.cursor(row_factory=rows_as(RecentEntry)).execute(
        _QUERIES["list_recent"], {"of_organisation": organisation_id, "limit": RECENT_SHOWN}
    )
    return await cursor.fetchall()


async def hold_organisation(tx: Transaction, organisation_id: int) -> dict[str, Any]:
    """Name, kind and details as they are, held until the transaction ends."""
    cursor = await tx.cursor(row_factory=dict_row).execute(
        _QUERIES["hold_organisation"], {"organisation_id": organisation_id}
    )
    row = await cursor.fetchone()
    assert row is not None, "the concern of the route has found it"
    return row


async def holder_of_business_id(tx: Transaction, business_id: str, organisation_id: int) -> str | None:
    """Name of another organisation that has this number. From now on nobody else gives one out."""
    await tx.execute(_QUERIES["hold_business_ids"])
    cursor = await tx.execute(
        _QUERIES["holder_of_business_id"], {"business_id": business_id, "organisation_id": organisation_id}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def keep_details(tx: Transaction, organisation_id: int, details: Mapping[str, str | None]) -> None:
    """Keep number and contact."""
    await tx.execute(_QUERIES["keep_details"], {"organisation_id": organisation_id, **details})
