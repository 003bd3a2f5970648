"""Rows of the record as the alert management reads them."""

from __future__ import annotations

from typing import Any

from psycopg.rows import dict_row

from sinetti.kit.db import Transaction, load_queries

_SQL = load_queries("sinetti.alerts.store", "intake.sql")


async def event_of_transaction(
    tx: Transaction, *, scheme: str, product_code: str, serial_key: str | None, transaction_id: str
) -> dict[str, Any] | None:
    """The event of a pack that this request made."""
    async with tx.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(
            _SQL["find_event"],
            {
                "scheme": scheme,
                "product_code": product_code,
                "serial_key": serial_key,
                "transaction_id": transaction_id,
            },
        )
        return await cursor.fetchone()
