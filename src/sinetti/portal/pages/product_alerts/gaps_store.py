"""Gaps in a company's uploads, read from the alerts of its products."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.alerts.gaps import BatchGap, ListedGap
from sinetti.alerts.upload_gaps import OneBatch
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.store.lists import Orders, list_page

_QUERIES = load_queries("sinetti.portal.pages.product_alerts", "upload_gaps.sql")

ANY = "any"
ORDERS: Orders = {
    "open": ("open_alerts, packs", "open_alerts DESC, packs DESC"),
    "packs": ("packs", "packs DESC"),
    "locations": ("locations", "locations DESC"),
    "product": ("product_code, batch", "product_code DESC, batch DESC"),
    "first": ("first_at", "first_at DESC"),
}


async def list_gaps(
    tx: Transaction, query: ListQuery, organisation_id: int, since: datetime, language: str
) -> ListPage[ListedGap]:
    """A page of the gaps to which an alert since a moment points."""
    return await list_page(
        tx,
        _QUERIES["list_upload_gaps"],
        ListedGap,
        query,
        orders=ORDERS,
        key="product_code, batch, gap",
        values={**list_values(query, language), "organisation_id": organisation_id, "since": since},
    )


async def gaps_of_batch(tx: Transaction, wanted: OneBatch) -> list[BatchGap]:
    """All gaps of one batch, those of closed alerts too."""
    cursor = await tx.cursor(row_factory=rows_as(BatchGap)).execute(
        _QUERIES["gaps_of_batch"], msgspec.structs.asdict(wanted)
    )
    return list(await cursor.fetchall())
