"""Gaps in a company's uploads and near misses, as the sums of its alerts have them (`company_sums`); nobody else's."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

import msgspec

from sinetti.alerts.gaps import ListedGap, SentSerial
from sinetti.alerts.near_misses import NearMiss
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries

Row = TypeVar("Row")

_SQL = load_queries("sinetti.alerts.store", "upload_gaps.sql")


class OneBatch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of a company's product, as alerts name it."""

    organisation_id: int
    product_code: str
    batch: str


async def serial_numbers(tx: Transaction, wanted: OneBatch, at_most: int) -> list[SentSerial]:
    """What came up of the batch without having been uploaded, what is missing still before the rest."""
    values = {**msgspec.structs.asdict(wanted), "at_most": at_most}
    cursor = await tx.cursor(row_factory=rows_as(SentSerial)).execute(_SQL["serial_numbers_of_batch"], values)
    return list(await cursor.fetchall())


async def suspected_packs(tx: Transaction, wanted: OneBatch) -> int:
    """How many packs of the batch are under suspicion, and so left out of the list."""
    row = await (await tx.execute(_SQL["suspected_of_batch"], msgspec.structs.asdict(wanted))).fetchone()
    assert row is not None, "counting gives one row"
    return int(row[0])


async def page_of_gaps(
    tx: Transaction, organisation_id: int, since: datetime, *, with_closed: bool, skip: int, at_most: int
) -> list[ListedGap]:
    """Gaps to which an alert since a moment points, those with most open alerts first; without those of closed alerts
    alone unless they are asked for.
    """
    values = {"since": since, "with_closed": with_closed, "skip": skip, "at_most": at_most}
    return await _read(tx, "page_of_gaps", ListedGap, values | {"organisation_id": organisation_id})


async def page_of_near_misses(
    tx: Transaction, organisation_id: int, since: datetime, *, with_closed: bool, skip: int, at_most: int
) -> list[NearMiss]:
    """Near misses of open alerts, or of closed ones too, that came up since a moment; the most telling first."""
    values = {"since": since, "with_closed": with_closed, "skip": skip, "at_most": at_most}
    return await _read(tx, "page_of_near_misses", NearMiss, values | {"organisation_id": organisation_id})


async def _read(tx: Transaction, query: str, row: type[Row], values: Mapping[str, Any]) -> list[Row]:
    cursor = await tx.cursor(row_factory=rows_as(row)).execute(_SQL[query], values)
    return list(await cursor.fetchall())
