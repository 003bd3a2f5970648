"""The record of what was done to products and batches themselves, and who is named in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store.packs import UNKNOWN_PRODUCT_ID

_SQL = load_queries(__package__, "changes.sql")


async def record_change(
    tx: Transaction,
    what: str,
    change: Change,
    *,
    product_id: int = UNKNOWN_PRODUCT_ID,
    scheme: str,
    product_code: str,
    batch: str | None = None,
    reason: str | None,
    details: Mapping[str, object] | None = None,
) -> None:
    """Record a recall, a correction, a withdrawal or a change of the non-FMD list, with its reason."""
    await tx.execute(
        _SQL["record_change"],
        {
            "change": what,
            "product_id": product_id,
            "scheme": scheme,
            "product_code": product_code,
            "batch": batch,
            "reason": reason,
            "details": None if details is None else Jsonb(dict(details)),
            **author(change),
        },
    )


def author(change: Change) -> dict[str, Any]:
    """Who changes something, and when, as parameters of a query."""
    return {
        "organisation_id": change.organisation_id,
        "equipment_id": change.equipment_id,
        "person": change.person,
        "transaction_id": change.transaction_id,
        "now": change.at,
    }
