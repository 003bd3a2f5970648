"""Gaps in a company's uploads, read from the alerts of its products."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.product_alerts.gaps import BatchGap, ListedGap, SentSerial
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


class OneBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of a company's product, as alerts name it."""

    organisation_id: int
    product_code: str
    batch: str


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


async def serial_numbers(tx: Transaction, wanted: OneBatch, at_most: int) -> list[SentSerial]:
    """What came up of the batch without having been uploaded, what is missing still before the rest."""
    values = {**msgspec.structs.asdict(wanted), "at_most": at_most}
    cursor = await tx.cursor(row_factory=rows_as(SentSerial)).execute(
        _QUERIES["serial_numbers_of_batch"], values
    )
    return list(await cursor.fetchall())


async def suspected_packs(tx: Transaction, wanted: OneBatch) -> int:
    """How many packs of the batch are under suspicion, and so left out of the list."""
    row = await (await tx.execute(_QUERIES["suspected_of_batch"], msgspec.structs.asdict(wanted))).fetchone()
    assert row is not None, "counting gives one row"
    return int(row[0])
