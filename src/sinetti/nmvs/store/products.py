"""Products and their master data in PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

import msgspec
from psycopg.rows import class_row

from sinetti.kit.db import Transaction, load_queries, text_array
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store.changes import author

_SQL = load_queries(__package__, "products.sql")


@dataclass(frozen=True, slots=True, kw_only=True)
class MasterData:
    """What is uploaded of a product (Delegated Regulation (EU) 2016/161 art. 33(2)), named as in the table."""

    scheme: str
    product_code: str
    name: str
    common_name: str | None = None
    form: str | None = None
    strength: str | None = None
    pack_type: str | None = None
    pack_size: str | None = None
    nhrn: str | None = None
    mah_name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredProduct:
    """A product as it stands while the transaction lasts."""

    product_id: int
    organisation_id: int
    withdrawn_at: datetime | None
    withdrawal_reason: str | None


async def insert_products(
    tx: Transaction, products: Sequence[MasterData], change: Change
) -> set[tuple[str, str]]:
    """Insert those that are not there; returns scheme and code of the new ones."""
    cursor = await tx.execute(
        _SQL["insert_products"],
        {"products": _json(products), "organisation_id": change.organisation_id, "now": change.at},
    )
    return {(scheme, code) for scheme, code in await cursor.fetchall()}


async def foreign_products(tx: Transaction, products: Sequence[MasterData], change: Change) -> list[str]:
    """Codes of the products that belong to another organisation. All of the products stay locked."""
    cursor = await tx.execute(
        _SQL["foreign_products"],
        {"products": _json(products), "organisation_id": change.organisation_id},
    )
    return [code for (code,) in await cursor.fetchall()]


async def update_products(tx: Transaction, products: Sequence[MasterData]) -> set[tuple[str, str]]:
    """Replace master data that differs; returns scheme and code of the products that did."""
    cursor = await tx.execute(_SQL["update_products"], {"products": _json(products)})
    return {(scheme, code) for scheme, code in await cursor.fetchall()}


async def record_products(
    tx: Transaction, what: str, products: Iterable[tuple[str, str]], change: Change
) -> None:
    """Record that products were created or updated, with all their master data."""
    codes = sorted(products)
    if codes:
        await tx.execute(
            _SQL["record_products"],
            {
                "change": what,
                "schemes": text_array([scheme for scheme, _ in codes]),
                "product_codes": text_array([code for _, code in codes]),
                **author(change),
            },
        )


async def find_product(
    tx: Transaction, scheme: str, product_code: str, *, to_change: bool = False
) -> StoredProduct | None:
    """The product, which nobody else changes until the transaction ends; with `to_change`, this one may."""
    async with tx.cursor(row_factory=class_row(StoredProduct)) as cursor:
        query = _SQL["lock_product" if to_change else "find_product"]
        await cursor.execute(query, {"scheme": scheme, "product_code": product_code})
        return await cursor.fetchone()


async def withdraw_product(tx: Transaction, product_id: int, reason: str, now: datetime) -> bool:
    """Mark the product as withdrawn; returns whether it was not so before."""
    cursor = await tx.execute(
        _SQL["withdraw_product"], {"product_id": product_id, "reason": reason, "now": now}
    )
    return await cursor.fetchone() is not None


def _json(products: Sequence[MasterData]) -> str:
    return msgspec.json.encode([asdict(product) for product in products]).decode()
