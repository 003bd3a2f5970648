"""Requests to hold a batch, within somebody's reach."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.sales_holds.vocabulary import HoldState

_QUERIES = load_queries("sinetti.portal.pages.sales_holds", "sales_holds.sql")

STATES = (HoldState.LIFTED.value, "any")
"""Beside those that are in force."""
ORDERS: Orders = {
    "asked_at": ("asked_at", "asked_at DESC"),
    "product": ("product_name, product_code, batch", "product_name DESC, product_code DESC, batch DESC"),
    "answered": ("answered", "answered DESC"),
    "packs": ("packs", "packs DESC"),
}


class ListedHold(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    hold_id: int
    batch: str
    product_code: str
    product_name: str
    state: HoldState
    asked_at: datetime
    company_name: str
    asked: int
    answered: int
    holding: int
    packs: int


async def list_holds(tx: Transaction, query: ListQuery, reach: Reach, language: str) -> ListPage[ListedHold]:
    """A page of the requests."""
    values = {**reach_values(reach), **list_values(query, language)}
    return await list_page(
        tx,
        _QUERIES["list_sales_holds"],
        ListedHold,
        query,
        orders=ORDERS,
        key="hold_id",
        values={**values, "state": query.filters["state"] or HoldState.ASKED.value},
    )
