"""Notices that were sent, within somebody's reach."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.rules.alerts.vocabulary import Classification
from sinetti.rules.chain_notices import Recipients

_QUERIES = load_queries("sinetti.portal.pages.chain_notices", "chain_notices.sql")

ORDERS: Orders = {
    "sent_at": ("sent_at", "sent_at DESC"),
    "product": ("product_name NULLS FIRST, batch", "product_name DESC NULLS LAST, batch DESC"),
}


class ListedNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list. Who got it is counted, and not named."""

    notice_id: int
    sent_at: datetime
    alert_id: str
    product_code: str
    product_name: str | None
    batch: str | None
    classification: Classification
    recipients: list[Recipients]
    people: int
    addition: str | None
    company_name: str


async def list_notices(
    tx: Transaction, query: ListQuery, reach: Reach, language: str
) -> ListPage[ListedNotice]:
    """A page of the notices."""
    return await list_page(
        tx,
        _QUERIES["list_chain_notices"],
        ListedNotice,
        query,
        orders=ORDERS,
        key="notice_id",
        values={**reach_values(reach), **list_values(query, language)},
    )
