"""What a distributor's locations are asked to hold."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.sales_holds.vocabulary import HoldState

_QUERIES = load_queries("sinetti.portal.pages.held_batches", "held_batches.sql")

STATES = ("waiting", "any")
"""Beside those that are under way."""
ORDERS: Orders = {
    "asked_at": ("asked_at", "asked_at DESC"),
    "product": ("product_name, product_code, batch", "product_name DESC, product_code DESC, batch DESC"),
    "location": ("location_name", "location_name DESC"),
}


class ListedBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    hold_id: int
    location_id: int
    location_name: str
    product_code: str
    product_name: str
    batch: str
    request_state: HoldState
    asked_at: datetime
    state: HoldState
    packs: int | None


async def list_batches(
    tx: Transaction, query: ListQuery, reach: Reach, language: str
) -> ListPage[ListedBatch]:
    """A page of the requests."""
    values = {**reach_values(reach), **list_values(query, language)}
    return await list_page(
        tx,
        _QUERIES["list_held_batches"],
        ListedBatch,
        query,
        orders=ORDERS,
        key="hold_id, location_id",
        values={**values, "state": query.filters["state"] or "under_way"},
    )


async def count_batches(tx: Transaction, reach: Reach) -> tuple[int, int]:
    """How many wait for an answer or for their packs to be released, and how many hold packs."""
    row = await (await tx.execute(_QUERIES["count_held_batches"], reach_values(reach))).fetchone()
    assert row is not None, "counting gives one row"
    return row[0], row[1]
