"""What was uploaded of the batches that an alert is about: whether, when, how many, with which expiry, and how the
packs stand (NMVO-0048 §6.2 to 6.5). Reads only; `view_for` says who sees it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import msgspec

from sinetti.alerts.view import BatchSeen, CorrectionSeen, UploadSeen
from sinetti.kit.db import Transaction, load_queries, text_array
from sinetti.nmvs.store.packs import state_of_letter

_SQL = load_queries("sinetti.alerts.store", "batches.sql")

UPLOADS_MAX: Final = 100
PACKS_COUNTED_MAX: Final = 500_000
"""Packs of a batch that are counted by state while somebody waits: a million of 2.2 million took 0.1 s on two cores,
and 0.6 s before a vacuum had told the block range index of them.
"""


async def read_batch_facts(
    tx: Transaction, product_id: int, sent: str | None, stored: str | None, *, with_states: bool
) -> tuple[BatchSeen, ...]:
    """The batch that was sent, and the one of the pack that is likely meant where that is another."""
    asked = list(dict.fromkeys(batch for batch in (sent, stored) if batch is not None))
    cursor = await tx.execute(
        _SQL["batches_asked_for"],
        {"product_id": product_id, "batches": text_array(asked), "uploads_max": UPLOADS_MAX},
    )
    found = []
    for batch, batch_id, uploaded_at, expiry, pack_count, *ended, uploads, corrections in [
        (*row[:8], row[8:11], row[11]) for row in await cursor.fetchall()
    ]:
        recalled_at, recall_reason, withdrawn_at = ended
        is_counted = with_states and batch_id is not None and pack_count <= PACKS_COUNTED_MAX
        found.append(
            BatchSeen(
                batch=batch,
                is_sent=batch == sent,
                uploaded_at=uploaded_at,
                expiry=expiry,
                pack_count=pack_count or 0,
                recalled_at=recalled_at,
                recall_reason=recall_reason,
                withdrawn_at=withdrawn_at,
                uploads=tuple(
                    UploadSeen(uploaded_at=upload[0], pack_count=upload[1], transaction_id=upload[2])
                    for upload in zip(*uploads, strict=True)
                ),
                corrections=tuple(msgspec.convert(one, CorrectionSeen) for one in corrections),
                states=await _count_states(tx, product_id, batch_id) if is_counted else None,
            )
        )
    return tuple(found)


async def _count_states(tx: Transaction, product_id: int, batch_id: int) -> Mapping[str, int]:
    values = {"product_id": product_id, "batch_id": batch_id}
    rows = await (await tx.execute(_SQL["states_of_packs"], values)).fetchall()
    counted = {state_of_letter(letter).value: count for letter, count in rows}
    return dict(sorted(counted.items(), key=lambda state: (-state[1], state[0])))
