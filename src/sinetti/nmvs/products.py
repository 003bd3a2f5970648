"""Products from outside: their owner uploads master data, and can withdraw them for good."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

from sinetti.contracts.uploads import ProductUpload, ProductWithdrawal
from sinetti.kit.db import Database, Transaction
from sinetti.kit.problems import Problem
from sinetti.nmvs import upload_checks
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store import products as store
from sinetti.nmvs.store.changes import record_change
from sinetti.nmvs.store.products import StoredProduct
from sinetti.nmvs.store.uploaded_packs import allow_minutes

PRODUCTS_MAX: Final = 10_000
"""Products in one upload: more than any marketing authorisation holder sells in a country."""


class UploadResult(StrEnum):
    """What an upload did, in the words of its answer."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


async def upload_products(
    database: Database, change: Change, products: Sequence[ProductUpload]
) -> list[UploadResult]:
    """Store master data, all or nothing; the same again changes nothing (Delegated Regulation art. 33).

    Returns what became of each, in the order sent. Problems: 422 for data that is wrong, 403 where a product
    is another organisation's.
    """
    if len(products) > PRODUCTS_MAX:
        raise Problem("too-many-products", 422, limit=PRODUCTS_MAX, count=len(products))
    assert change.organisation_id is not None, "a product has an owner"
    sent = [
        upload_checks.master_data(product, "$" if len(products) == 1 else f"$[{number}]")
        for number, product in enumerate(products)
    ]
    # Of a product that comes twice the last counts, as if the two had been sent one after the other.
    each = list({(product.scheme, product.product_code): product for product in sent}.values())
    async with database.transaction() as tx:
        created = await store.insert_products(tx, each, change)
        if foreign := await store.foreign_products(tx, each, change):
            raise Problem("not-your-product", 403, product_code=foreign)
        updated = await store.update_products(tx, each)
        await store.record_products(tx, "product_created", created, change)
        await store.record_products(tx, "product_updated", updated, change)
    results = []
    for product in sent:
        code = (product.scheme, product.product_code)
        results.append(
            UploadResult.CREATED
            if code in created
            else UploadResult.UPDATED
            if code in updated
            else UploadResult.UNCHANGED
        )
    return results


async def withdraw_product(database: Database, change: Change, withdrawal: ProductWithdrawal) -> UploadResult:
    """Withdraw a product for good: its packs are refused from now on, and no others are taken in.

    One that is withdrawn already keeps its first reason. Problems: 404 and 403 as `owned_product`, 422.
    """
    scheme = withdrawal.product_code_scheme
    code = upload_checks.product_code(scheme, withdrawal.product_code)
    reason = upload_checks.text(withdrawal.reason, "$.reason")
    async with database.transaction() as tx:
        await allow_minutes(tx)  # a large upload of the product may have to end first
        product = await owned_product(tx, change, scheme, code, to_change=True)
        if not await store.withdraw_product(tx, product.product_id, reason, change.at):
            return UploadResult.UNCHANGED
        await record_change(
            tx,
            "product_withdrawn",
            change,
            product_id=product.product_id,
            scheme=scheme,
            product_code=code,
            reason=reason,
        )
    return UploadResult.UPDATED


async def owned_product(
    tx: Transaction, change: Change, scheme: str, code: str, *, to_change: bool = False
) -> StoredProduct:
    """The product, held as it is, if it is theirs. Problems: 404 when unknown, 403 when it is another's."""
    product = await store.find_product(tx, scheme, code, to_change=to_change)
    if product is None:
        raise Problem("unknown-product", 404, product_code=code)
    if not change.may_change(product.organisation_id):
        raise Problem("not-your-product", 403, product_code=code)
    return product
