"""The national list of batches outside the Delegated Regulation, in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from psycopg.rows import class_row

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.changes import Change

_SQL = load_queries(__package__, "non_fmd.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class NonFmdBatch:
    """A batch on the national non-FMD list."""

    scheme: str
    product_code: str
    batch: str
    risk_note: str
    added_by: str
    added_at: datetime


async def add_non_fmd(
    tx: Transaction, *, scheme: str, product_code: str, batch: str, risk_note: str, change: Change
) -> bool:
    """Put a batch on the list; returns whether it was not there."""
    cursor = await tx.execute(
        _SQL["insert_non_fmd"],
        {
            "scheme": scheme,
            "product_code": product_code,
            "batch": batch,
            "risk_note": risk_note,
            "added_by": change.person,
            "now": change.at,
        },
    )
    return await cursor.fetchone() is not None


async def remove_non_fmd(tx: Transaction, *, scheme: str, product_code: str, batch: str) -> bool:
    """Take a batch off the list; returns whether it was there."""
    cursor = await tx.execute(
        _SQL["delete_non_fmd"], {"scheme": scheme, "product_code": product_code, "batch": batch}
    )
    return await cursor.fetchone() is not None


async def read_non_fmd(tx: Transaction) -> list[NonFmdBatch]:
    """The whole list."""
    async with tx.cursor(row_factory=class_row(NonFmdBatch)) as cursor:
        await cursor.execute(_SQL["read_non_fmd"])
        return await cursor.fetchall()
