"""The national list of batches outside the Delegated Regulation, kept by the operator (operation code 41020006)."""

from __future__ import annotations

from sinetti.kit.db import Database
from sinetti.nmvs import upload_checks
from sinetti.nmvs.changes import Change
from sinetti.nmvs.store import non_fmd as store
from sinetti.nmvs.store.changes import record_change
from sinetti.nmvs.store.non_fmd import NonFmdBatch


async def add_non_fmd(
    database: Database, change: Change, *, scheme: str, product_code: str, batch: str, risk_note: str
) -> bool:
    """Put a batch on the list; returns whether it was not there. `risk_note` says why that is safe."""
    code = upload_checks.product_code(scheme, product_code)
    upload_checks.batch(scheme, batch)
    note = upload_checks.text(risk_note, "$.riskNote")
    async with database.transaction() as tx:
        added = await store.add_non_fmd(
            tx, scheme=scheme, product_code=code, batch=batch, risk_note=note, change=change
        )
        if added:
            await record_change(
                tx, "non_fmd_added", change, scheme=scheme, product_code=code, batch=batch, reason=note
            )
    return added


async def remove_non_fmd(
    database: Database, change: Change, *, scheme: str, product_code: str, batch: str, reason: str | None
) -> bool:
    """Take a batch off the list; returns whether it was there."""
    code = upload_checks.product_code(scheme, product_code)
    async with database.transaction() as tx:
        removed = await store.remove_non_fmd(tx, scheme=scheme, product_code=code, batch=batch)
        if removed:
            await record_change(
                tx, "non_fmd_removed", change, scheme=scheme, product_code=code, batch=batch, reason=reason
            )
    return removed


async def list_non_fmd(database: Database) -> list[NonFmdBatch]:
    """The whole list, in the order of product codes."""
    async with database.transaction() as tx:
        return await store.read_non_fmd(tx)
