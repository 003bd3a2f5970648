"""Gaps in a company's uploads, read from the alerts of its products."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery, list_values
from sinetti.portal.pages.product_alerts.gaps import BatchGap, SentSerial
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
    """A batch of a company's product, as the alerts since a moment name it."""

    organisation_id: int
    product_code: str
    batch: str
    since: datetime


async def list_gaps(
    tx: Transaction, query: ListQuery, organisation_id: int, since: datetime, language: str
) -> ListPage[BatchGap]:
    """A page of the gaps."""
    return await list_page(
        tx,
        _QUERIES["list_upload_gaps"],
        BatchGap,
        query,
        orders=ORDERS,
        key="product_code, batch, gap",
        values={
            **list_values(query, language),
            "organisation_id": organisation_id,
            "since": since,
            "exact_product": None,
            "exact_batch": None,
        },
    )


async def gaps_of_batch(tx: Transaction, wanted: OneBatch) -> list[BatchGap]:
    """All gaps of one batch, those of closed alerts too."""
    values = {
        "organisation_id": wanted.organisation_id,
        "since": wanted.since,
        "exact_product": wanted.product_code,
        "exact_batch": wanted.batch,
        "pattern": "%",
        "forgiving": "",
        "status": ANY,
        "gap": "",
    }
    cursor = await tx.cursor(row_factory=rows_as(BatchGap)).execute(_QUERIES["list_upload_gaps"], values)
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
