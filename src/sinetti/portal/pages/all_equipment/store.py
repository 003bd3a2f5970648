"""Client equipment of the whole country, as lists."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from psycopg import sql

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.exports import EXPORTED_ROWS_MAX
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page

_QUERIES = load_queries("sinetti.portal.pages.all_equipment", "all_equipment.sql")

DAYS = ("30", "90", "180", "365")
"""Days without use that can be asked for: a month is worth a question, a year a lock."""
API_VERSIONS_MAX = 100

ORDERS: Orders = {
    "last_used": ("last_used_at NULLS FIRST", "last_used_at DESC NULLS LAST"),
    "name": ("sinetti_sort_key(name, %(language)s)", "sinetti_sort_key(name, %(language)s) DESC"),
    "location": (
        "sinetti_sort_key(location_name, %(language)s)",
        "sinetti_sort_key(location_name, %(language)s) DESC",
    ),
    "client_id": ("client_id", "client_id DESC"),
    "client_role": ("client_role NULLS FIRST", "client_role DESC NULLS LAST"),
    "software": ("user_agent NULLS LAST", "user_agent DESC NULLS LAST"),
    "api_version": ("api_version NULLS LAST", "api_version DESC NULLS LAST"),
}
SOFTWARE_ORDERS: Orders = {
    "equipment": ("equipment_count", "equipment_count DESC"),
    "software": ("user_agent NULLS LAST", "user_agent DESC NULLS LAST"),
    "api_version": ("api_version NULLS LAST", "api_version DESC NULLS LAST"),
    "locations": ("location_count", "location_count DESC"),
    "last_used": ("last_used_at", "last_used_at DESC"),
}


class ListedEquipment(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list, and of its export."""

    equipment_id: int
    name: str
    client_id: str
    client_role: str | None
    created_at: datetime
    location_id: int
    location_name: str
    organisation_id: int
    organisation_name: str
    last_used_at: datetime | None
    user_agent: str | None
    api_version: str | None
    locked_at: datetime | None
    lock_reason: str | None


class ListedSoftware(msgspec.Struct, frozen=True, kw_only=True):
    """Software with a version of the interface that it uses."""

    user_agent: str | None
    api_version: str | None
    equipment_count: int
    location_count: int
    last_used_at: datetime


async def list_equipment(
    tx: Transaction, query: ListQuery, language: str, now: datetime
) -> ListPage[ListedEquipment]:
    """A page of the country's living client equipment."""
    return await list_page(
        tx,
        _QUERIES["list_equipment"],
        ListedEquipment,
        query,
        orders=ORDERS,
        key="equipment_id",
        values=_values(query, language, now),
    )


async def export_equipment(
    tx: Transaction, query: ListQuery, language: str, now: datetime
) -> list[ListedEquipment]:
    """The same list from its beginning, for a file."""
    statement = sql.SQL(
        "SELECT * FROM ({select}) AS listed ORDER BY {order}, equipment_id LIMIT {limit}"
    ).format(
        select=sql.SQL(_QUERIES["list_equipment"]),
        order=sql.SQL(ORDERS[query.sort][query.descending]),
        limit=sql.Literal(EXPORTED_ROWS_MAX),
    )
    cursor = await tx.cursor(row_factory=rows_as(ListedEquipment)).execute(
        statement, _values(query, language, now)
    )
    return await cursor.fetchall()


async def list_api_versions(tx: Transaction) -> list[str]:
    """Versions of the interface that were used."""
    cursor = await tx.execute(_QUERIES["list_api_versions"], {"limit": API_VERSIONS_MAX})
    return [row[0] for row in await cursor.fetchall()]


async def list_software(
    tx: Transaction, query: ListQuery, language: str, now: datetime
) -> tuple[ListPage[ListedSoftware], int]:
    """A page of the software in use, and how much client equipment there is of all software."""
    used = query.filters["used"]
    values = {**list_values(query, language), "used_since": now - timedelta(days=int(used or 0))}
    page = await list_page(
        tx,
        _QUERIES["list_software"],
        ListedSoftware,
        query,
        orders=SOFTWARE_ORDERS,
        key="user_agent, api_version",
        values=values,
    )
    row = await (await tx.execute(_QUERIES["count_software"], values)).fetchone()
    assert row is not None, "counting gives one row"
    return page, row[0]


def _values(query: ListQuery, language: str, now: datetime) -> dict[str, object]:
    used = query.filters["used"]
    days = int(used) if used in DAYS else 0
    return {**list_values(query, language), "quiet_since": now - timedelta(days=days)}
