"""The open alerts of a company by batch, and how what was sent differs from what it uploaded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.product_alerts.near_misses import Example, NearMiss
from sinetti.portal.store.lists import Orders, list_page
from sinetti.rules.alerts.vocabulary import Side
from sinetti.rules.vocabulary import Cause

_QUERIES = load_queries("sinetti.portal.pages.product_alerts", "product_alerts.sql")

WHAT = ("waiting", "overdue", "suspicions")
ANY = "any"
LOOKED_AT_MAX = 5000
"""Of so many alerts at most, the newest, near misses are looked for: each analysis is read (100 000 take seconds)."""
EXAMPLES_MAX = 3
"""Values of a near miss that the list shows; the alerts have all."""
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


class Company(msgspec.Struct, frozen=True, kw_only=True):
    """Who looks, and when: the company's alerts are those of its own products."""

    organisation_id: int
    side: Side
    now: datetime


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


async def count_alerts(tx: Transaction, company: Company) -> Counted:
    """Open alerts, and what waits for the company."""
    cursor = await tx.cursor(row_factory=rows_as(Counted)).execute(
        _QUERIES["count_product_alerts"], msgspec.structs.asdict(company)
    )
    counted: Counted | None = await cursor.fetchone()
    assert counted is not None, "counting gives one row"
    return counted


async def list_batches(
    tx: Transaction, query: ListQuery, company: Company, language: str
) -> ListPage[BatchAlerts]:
    """A page of the batches with open alerts."""
    return await list_page(
        tx,
        _QUERIES["list_batches"],
        BatchAlerts,
        query,
        orders=ORDERS,
        key="product_code, batch",
        values={**msgspec.structs.asdict(company), **list_values(query, language)},
    )


async def list_near_misses(
    tx: Transaction, query: ListQuery, company: Company, since: datetime, language: str
) -> tuple[ListPage[NearMiss], list[Example]]:
    """A page of near misses, with some values of each row."""
    values = {
        **msgspec.structs.asdict(company),
        **list_values(query, language),
        "since": since,
        "looked_at": LOOKED_AT_MAX,
    }
    page = await list_page(
        tx,
        _QUERIES["list_near_misses"],
        NearMiss,
        query,
        orders=NEAR_MISS_ORDERS,
        key="product_code, batch, cause, field, how, places",
        values=values,
    )
    return page, await _examples(tx, page.rows, values) if page.rows else []


async def _examples(tx: Transaction, rows: Sequence[NearMiss], values: dict[str, object]) -> list[Example]:
    columns = ("product_ids", "batches", "causes", "fields", "hows", "places")
    wanted = {column: [row.group[at] for row in rows] for at, column in enumerate(columns)}
    cursor = await tx.cursor(row_factory=rows_as(Example)).execute(
        _QUERIES["examples_of_near_misses"], {**values, **wanted, "at_most": EXAMPLES_MAX}
    )
    return list(await cursor.fetchall())
