"""Batches from outside: their owner uploads them with the packs' serial numbers, corrects and recalls them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec
from psycopg.errors import UniqueViolation

from sinetti.contracts.uploads import BatchCorrection, BatchHead, BatchRecall
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.nmvs import upload_checks
from sinetti.nmvs.changes import Change
from sinetti.nmvs.products import UploadResult, owned_product
from sinetti.nmvs.store import batches as store
from sinetti.nmvs.store import uploaded_packs
from sinetti.nmvs.store.batches import StoredBatch, UploadedBatch
from sinetti.nmvs.store.changes import record_change
from sinetti.nmvs.store.products import StoredProduct
from sinetti.nmvs.store.serial_key import serial_number
from sinetti.nmvs.store.serial_set import SerialSet

SERIAL_NUMBERS_MAX: Final = 5_000_000
"""In one upload; several may go into one batch."""
NAMED_MAX: Final = 100
"""Serial numbers that a refusal names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReceipt:
    """What the upload of a batch did."""

    result: UploadResult
    """`created` with a new batch, `updated` where packs were added to one, `unchanged` for the same again."""
    pack_count: int
    """Packs that the upload held."""
    recorded_at: datetime
    """When it was stored; for the same again, the first time."""


async def upload_batch(
    database: Database, change: Change, head: BatchHead, serials: SerialSet
) -> BatchReceipt:
    """Store the packs of a batch, all of them or none (Delegated Regulation (EU) 2016/161 art. 33 and 35(3)).

    `head` comes from `upload_checks.batch_head`, `serials` is sorted. The same content again changes nothing.
    Other serial numbers are added to a batch that is there, if its expiry is the same. Problems: 404 for an
    unknown product, 403 for another organisation's, 409 where the batch is recalled, the product withdrawn,
    the expiry another one, or a serial number not new; it names up to `NAMED_MAX` of them.
    """
    if not serials.count:
        raise Problem("invalid-body", 422, path="$.serialNumbers", reason="Expected at least one")
    digest = await serials.digest(msgspec.json.encode(head))
    scheme, code = head.product_code_scheme, head.product_code
    async with database.transaction() as tx:
        await uploaded_packs.allow_minutes(tx)
        product = await owned_product(tx, change, scheme, code)
        batch, is_new = await store.open_batch(
            tx,
            product_id=product.product_id,
            batch=head.batch_id,
            expiry=head.expiry_date,
            serials=serials,
            now=change.at,
        )
        earlier = await store.find_upload(tx, product.product_id, batch.batch_id, digest)
        if earlier is not None:
            return BatchReceipt(result=UploadResult.UNCHANGED, pack_count=serials.count, recorded_at=earlier)
        _refuse_closed(head, product, batch)
        if serials.repeated:
            raise await _duplicates(tx, product, head, serials)
        try:
            async with tx.transaction():
                await uploaded_packs.copy_packs(tx, product.product_id, batch.batch_id, serials)
        except UniqueViolation:
            raise await _duplicates(tx, product, head, serials) from None
        await store.complete_batch(tx, product.product_id, batch.batch_id, serials, change, digest=digest)
    return BatchReceipt(
        result=UploadResult.CREATED if is_new else UploadResult.UPDATED,
        pack_count=serials.count,
        recorded_at=change.at,
    )


def _refuse_closed(head: BatchHead, product: StoredProduct, batch: StoredBatch) -> None:
    """Raise where nothing may be added: data that has gone bad in one way must not be mended by another upload."""
    named: dict[str, Any] = {"product_code": head.product_code, "batch": head.batch_id}
    _refuse_ended(named, product, batch)
    if batch.expiry != head.expiry_date:
        raise Problem("batch-conflict", 409, **named, expiry=batch.expiry)


def _refuse_ended(named: Mapping[str, Any], product: StoredProduct, batch: StoredBatch) -> None:
    """Raise where the batch is recalled or its product withdrawn: neither is changed any more."""
    if product.withdrawn_at is not None:
        raise Problem("product-withdrawn", 409, **named)
    if batch.recalled_at is not None:
        raise Problem("batch-recalled", 409, **named)


async def _duplicates(
    tx: Transaction, product: StoredProduct, head: BatchHead, serials: SerialSet
) -> Problem:
    """The refusal of serial numbers that were sent twice or are stored, whatever batch they are in."""
    sent_twice = serials.repeated
    stored: list[bytes] = []
    async for keys in serials.slices():
        stored += await uploaded_packs.stored_packs(tx, product.product_id, keys)
    all_of_them = set(sent_twice).union(stored)
    return Problem(
        "duplicate-serial-numbers",
        409,
        product_code=head.product_code,
        batch=head.batch_id,
        count=len(all_of_them),
        serial_numbers=_names(sorted(all_of_them)),
        sent_twice_count=len(sent_twice),
        stored_count=len(stored),
    )


def _names(keys: Sequence[bytes]) -> list[str]:
    return [serial_number(key) for key in keys[:NAMED_MAX]]


async def recall_batch(database: Database, change: Change, recall: BatchRecall) -> UploadResult:
    """Recall a batch for good: its packs are refused from now on, and no others are taken in.

    One that is recalled already keeps its first reason. Problems: 404, 403, 422.
    """
    scheme = recall.product_code_scheme
    code = upload_checks.product_code(scheme, recall.product_code)
    number = upload_checks.batch(scheme, recall.batch_id)
    reason = upload_checks.text(recall.reason, "$.reason")
    async with database.transaction() as tx:
        await uploaded_packs.allow_minutes(tx)  # a large upload into the batch may have to end first
        product = await owned_product(tx, change, scheme, code)
        batch = await store.lock_batch(tx, product.product_id, number)
        if batch is None:
            raise Problem("unknown-batch", 404, product_code=code, batch=number)
        if not await store.recall_batch(tx, product.product_id, batch.batch_id, reason, change.at):
            return UploadResult.UNCHANGED
        await record_change(
            tx,
            "batch_recalled",
            change,
            product_id=product.product_id,
            scheme=scheme,
            product_code=code,
            batch=number,
            reason=reason,
        )
    return UploadResult.UPDATED


async def correct_batch(database: Database, change: Change, correction: BatchCorrection) -> UploadResult:
    """Correct a batch's number, expiry date or both; its packs, their states and their record stay as they are.

    The same again changes nothing. Problems: 404, 403, 422, and 409 where the batch is recalled, the product withdrawn,
    or the product has another batch of the new number: packs of two batches are never put together.
    """
    async with database.transaction() as tx:
        await uploaded_packs.allow_minutes(tx)  # a large upload into the batch may have to end first
        return await correct_batch_within(tx, change, correction)


async def correct_batch_within(tx: Transaction, change: Change, correction: BatchCorrection) -> UploadResult:
    """The same within the caller's transaction."""
    wanted = upload_checks.batch_correction(correction)
    named: dict[str, Any] = {"product_code": wanted.product_code, "batch": wanted.batch_id}
    product = await owned_product(tx, change, wanted.product_code_scheme, wanted.product_code)
    batch = await store.lock_batch(tx, product.product_id, wanted.batch_id)
    if batch is None:
        if await _is_corrected_so(tx, product, wanted):
            return UploadResult.UNCHANGED
        raise Problem("unknown-batch", 404, **named)
    number = wanted.new_batch_id or wanted.batch_id
    expiry = wanted.new_expiry_date or batch.expiry
    if (number, expiry) == (wanted.batch_id, batch.expiry):
        return UploadResult.UNCHANGED
    _refuse_ended(named, product, batch)
    try:
        async with tx.transaction():
            await store.correct_batch(tx, product.product_id, batch.batch_id, number, expiry, change.at)
    except UniqueViolation:
        raise Problem("batch-exists", 409, **named | {"batch": number}) from None
    await record_change(
        tx,
        "batch_corrected",
        change,
        product_id=product.product_id,
        scheme=wanted.product_code_scheme,
        product_code=wanted.product_code,
        batch=number,
        reason=wanted.reason,
        details={
            "batch_id": batch.batch_id,
            "previous_batch": wanted.batch_id,
            "previous_expiry": batch.expiry,
            "batch": number,
            "expiry": expiry,
        },
    )
    return UploadResult.UPDATED


async def _is_corrected_so(tx: Transaction, product: StoredProduct, wanted: BatchCorrection) -> bool:
    """Whether the batch has got its new number already: the same correction, sent again."""
    if wanted.new_batch_id is None:
        return False
    batch = await store.lock_batch(tx, product.product_id, wanted.new_batch_id)
    if batch is None or batch.expiry != (wanted.new_expiry_date or batch.expiry):
        return False
    return await store.was_corrected(tx, product.product_id, wanted.batch_id, wanted.new_batch_id)


async def uploaded_batches(
    database: Database, change: Change, scheme: str, product_code: str, batch: str | None
) -> tuple[StoredProduct, list[UploadedBatch]]:
    """What has been uploaded for a product of one's own, or for one batch of it. Problems: 404, 403."""
    code = upload_checks.product_code(scheme, product_code)
    async with database.transaction() as tx:
        product = await owned_product(tx, change, scheme, code)
        batches = await store.read_batches(tx, product.product_id, batch)
    if batch is not None and not batches:
        raise Problem("unknown-batch", 404, product_code=code, batch=batch)
    return product, batches
