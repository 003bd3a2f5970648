"""The open alerts of a company by batch, and how what was sent differs from what it uploaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import msgspec

from sinetti.alerts.near_misses import Example, NearMiss
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.rules.vocabulary import Cause

_QUERIES = load_queries("sinetti.portal.pages.product_alerts", "product_alerts.sql")

WHAT = ("waiting", "overdue", "suspicions")
ANY = "any"
ORDERS: Orders = {
    "due": ("due_at NULLS LAST, oldest_at", "due_at DESC NULLS LAST, oldest_at"),
    "product": ("product_name NULLS FIRST, product_code", "product_name DESC NULLS LAST, product_code DESC"),
    "alerts": ("alerts", "alerts DESC"),
    "locations": ("locations", "locations DESC"),
    "oldest": ("oldest_at", "oldest_at DESC"),
}
NEAR_MISS_ORDERS: Orders = {
    "same": (
        "same_value_locations, locations, alerts",
        "same_value_locations DESC, locations DESC, alerts DESC",
    ),
    "locations": ("locations", "locations DESC"),
    "alerts": ("alerts", "alerts DESC"),
    "product": ("product_code, batch", "product_code DESC, batch DESC"),
    "latest": ("latest_at", "latest_at DESC"),
}


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """The company's open alerts in figures."""

    alerts: int
    waiting: int
    """The company has not answered."""
    overdue: int
    suspicions: int


class BatchAlerts(msgspec.Struct, frozen=True, kw_only=True):
    """The open alerts that name one batch."""

    product_code: str
    product_name: str | None
    batch: str
    """As it was sent; empty where none was."""
    alerts: int
    locations: int
    waiting: int
    overdue: int
    suspicions: int
    due_at: datetime | None
    """When the next answer of the company is due."""
    oldest_at: datetime
    cause: Cause | None
    """The likeliest cause of most of them."""


async def count_alerts(tx: Transaction, organisation_id: int) -> Counted:
    """Open alerts of a company, and what waits for it."""
    cursor = await tx.cursor(row_factory=rows_as(Counted)).execute(
        _QUERIES["count_product_alerts"], {"organisation_id": organisation_id}
    )
    counted: Counted | None = await cursor.fetchone()
    assert counted is not None, "counting gives one row"
    return counted


async def list_batches(
    tx: Transaction, query: ListQuery, organisation_id: int, language: str
) -> ListPage[BatchAlerts]:
    """A page of the batches with open alerts."""
    return await list_page(
        tx,
        _QUERIES["list_batches"],
        BatchAlerts,
        query,
        orders=ORDERS,
        key="product_code, batch",
        values={"organisation_id": organisation_id, **list_values(query, language)},
    )


async def late_batches(tx: Transaction, organisation_id: int, at_most: int) -> list[BatchAlerts]:
    """Batches with an answer of the company that is overdue, the longest overdue first."""
    cursor = await tx.cursor(row_factory=rows_as(BatchAlerts)).execute(
        _QUERIES["late_batches"], {"organisation_id": organisation_id, "at_most": at_most}
    )
    return list(await cursor.fetchall())


async def list_near_misses(
    tx: Transaction, query: ListQuery, organisation_id: int, since: datetime, language: str
) -> tuple[ListPage[NearMiss], Mapping[int, list[Example]]]:
    """A page of near misses that came up since a moment, and by their ids the wrong values from the most locations.

    All of them are looked through: none is left out because there are many.
    """
    page = await list_page(
        tx,
        _QUERIES["list_near_misses"],
        NearMiss,
        query,
        orders=NEAR_MISS_ORDERS,
        key="near_miss_id",
        values={"organisation_id": organisation_id, **list_values(query, language), "since": since},
    )
    shown = {"near_miss_ids": [row.near_miss_id for row in page.rows]}
    rows = await (await tx.execute(_QUERIES["examples_of_near_misses"], shown)).fetchall()
    return page, {row[0]: msgspec.convert(row[1], list[Example]) for row in rows}
