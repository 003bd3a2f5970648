"""Batches, and the record of what was uploaded into them, in PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
from psycopg.rows import class_row

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store.changes import author
from sinetti.nmvs.store.serial_set import SerialSet

_SQL = load_queries(__package__, "batches.sql")

BATCHES_SHOWN_MAX: Final = 1000
UPLOADS_SHOWN_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBatch:
    """A batch as it stands while the transaction lasts."""

    batch_id: int
    expiry: str
    recalled_at: datetime | None
    recall_reason: str | None
    pack_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredUpload:
    """One upload into a batch."""

    recorded_at: datetime
    pack_count: int
    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCorrection:
    """One correction of a batch's number or expiry date."""

    previous_batch: str
    previous_expiry: str
    batch: str
    expiry: str
    reason: str
    recorded_at: datetime
    transaction_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UploadedBatch:
    """What has been uploaded for a batch."""

    batch: str
    expiry: str
    pack_count: int
    uploaded_at: datetime
    recalled_at: datetime | None
    recall_reason: str | None
    uploads: tuple[StoredUpload, ...]
    """The latest first, at most `UPLOADS_SHOWN_MAX`."""
    corrections: tuple[StoredCorrection, ...]
    """The latest first, at most as many."""


async def open_batch(
    tx: Transaction, *, product_id: int, batch: str, expiry: str, serials: SerialSet, now: datetime
) -> tuple[StoredBatch, bool]:
    """The batch, made if it is not there and locked in any case; and whether it is new."""
    cursor = await tx.execute(
        _SQL["insert_batch"],
        {
            "product_id": product_id,
            "batch": batch,
            "expiry": expiry,
            "now": now,
            "length_min": serials.length_min,
            "length_max": serials.length_max,
            "serial_format": serials.character_classes,
        },
    )
    is_new = cursor.rowcount == 1
    found = await lock_batch(tx, product_id, batch)
    assert found is not None, "inserted just now, or there already"
    return found, is_new


async def lock_batch(tx: Transaction, product_id: int, batch: str) -> StoredBatch | None:
    """The batch, locked until the transaction ends."""
    async with tx.cursor(row_factory=class_row(StoredBatch)) as cursor:
        await cursor.execute(_SQL["lock_batch"], {"product_id": product_id, "batch": batch})
        return await cursor.fetchone()


async def recall_batch(tx: Transaction, product_id: int, batch_id: int, reason: str, now: datetime) -> bool:
    """Mark the batch as recalled; returns whether it was not so before."""
    cursor = await tx.execute(
        _SQL["recall_batch"],
        {"product_id": product_id, "batch_id": batch_id, "reason": reason, "now": now},
    )
    return await cursor.fetchone() is not None


async def correct_batch(
    tx: Transaction, product_id: int, batch_id: int, new_batch: str, new_expiry: str, now: datetime
) -> None:
    """Give the batch another number and expiry date. `UniqueViolation` where the product has one of that number."""
    await tx.execute(
        _SQL["correct_batch"],
        {
            "product_id": product_id,
            "batch_id": batch_id,
            "new_batch": new_batch,
            "new_expiry": new_expiry,
            "now": now,
        },
    )


async def was_corrected(tx: Transaction, product_id: int, previous: str, batch: str) -> bool:
    """Whether a batch that had the number `previous` was given this one."""
    values = {"product_id": product_id, "previous": previous, "batch": batch}
    row = await (await tx.execute(_SQL["was_corrected"], values)).fetchone()
    assert row is not None, "EXISTS has one row"
    return bool(row[0])


async def complete_batch(
    tx: Transaction, product_id: int, batch_id: int, serials: SerialSet, change: Change, *, digest: bytes
) -> None:
    """Add an upload to what is known of the batch, and record it."""
    of_batch = {"product_id": product_id, "batch_id": batch_id, "pack_count": serials.count}
    await tx.execute(
        _SQL["complete_batch"],
        {
            **of_batch,
            "length_min": serials.length_min,
            "length_max": serials.length_max,
            "serial_format": serials.character_classes,
        },
    )
    await tx.execute(_SQL["insert_upload"], {**of_batch, "content_sha256": digest, **author(change)})


async def find_upload(tx: Transaction, product_id: int, batch_id: int, digest: bytes) -> datetime | None:
    """When the same content was uploaded into the batch before."""
    cursor = await tx.execute(
        _SQL["find_upload"], {"product_id": product_id, "batch_id": batch_id, "content_sha256": digest}
    )
    row = await cursor.fetchone()
    return None if row is None else row[0]


async def read_batches(tx: Transaction, product_id: int, batch: str | None) -> list[UploadedBatch]:
    """What has been uploaded for the product, or for one batch of it; the latest batch first."""
    cursor = await tx.execute(
        _SQL["read_batches"],
        {
            "product_id": product_id,
            "batch": batch,
            "batches_max": BATCHES_SHOWN_MAX,
            "uploads_max": UPLOADS_SHOWN_MAX,
        },
    )
    return [
        UploadedBatch(
            batch=row[0],
            expiry=row[1],
            pack_count=row[2],
            uploaded_at=row[3],
            recalled_at=row[4],
            recall_reason=row[5],
            uploads=tuple(
                StoredUpload(recorded_at=recorded_at, pack_count=pack_count, transaction_id=transaction_id)
                for recorded_at, pack_count, transaction_id in zip(*row[6:9], strict=True)
            ),
            corrections=tuple(
                msgspec.convert(
                    {name: one[name] for name in StoredCorrection.__dataclass_fields__}, StoredCorrection
                )
                for one in row[9]
            ),
        )
        for row in await cursor.fetchall()
    ]
