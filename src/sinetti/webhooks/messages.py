"""Messages: written in the transaction of what happened, owed to each endpoint, and there to be fetched."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from sinetti.kit import jobs
from sinetti.kit.db import Transaction, load_queries
from sinetti.webhooks.model import Message

DELIVER: Final = "deliver_webhook"
TEST: Final = "test"
PAGE_MAX: Final = 500
"""Messages that are given at once; one more may be read, to know whether there are more."""

_QUERIES = load_queries("sinetti.webhooks.store", "webhooks.sql")


async def tell(
    tx: Transaction,
    organisation_id: int,
    kind: str,
    body: Mapping[str, object],
    now: datetime,
    *,
    test_of: UUID | None = None,
) -> UUID:
    """Tell an organisation what happened, in the transaction in which it did: its endpoints hear of it after the
    commit, and whoever fetches finds it. `body` must hold nothing that the organisation may not see.
    """
    message_id = uuid4()
    await tell_together(tx, [organisation_id])
    cursor = await tx.execute(
        _QUERIES["add_message"],
        {
            "organisation_id": organisation_id,
            "message_id": message_id,
            "kind": kind,
            "now": now,
            "body": Jsonb(msgspec.to_builtins(body)),
            "test_of": test_of,
        },
    )
    for (endpoint_id,) in await cursor.fetchall():
        await jobs.defer(tx, DELIVER, message_id=str(message_id), endpoint_id=str(endpoint_id))
    return message_id


async def tell_together(tx: Transaction, organisation_ids: Iterable[int]) -> None:
    """Whoever tells several organisations in one transaction says so first, or two of them could wait for each other's
    readers. Readers wait until the transaction ends.
    """
    for organisation_id in sorted(set(organisation_ids)):
        await tx.execute(_QUERIES["tell_alone"], {"organisation_id": organisation_id, "alone": False})


async def messages_after(
    tx: Transaction, organisation_id: int, after: int, limit: int = PAGE_MAX
) -> list[Message]:
    """What happened after a message's number, oldest first: for those who fetch, and for receivers that were away.

    Whoever goes on after the last one given misses none: numbers are given before the commit, so a higher one may be
    there before a lower one, and those that have a number are waited for. The transaction should end soon after.
    """
    values = {"organisation_id": organisation_id, "after": after, "limit": min(limit, PAGE_MAX + 1)}
    if await _read(tx, {**values, "limit": 1}):
        await tx.execute(_QUERIES["tell_alone"], {"organisation_id": organisation_id, "alone": True})
        return await _read(tx, values)
    # Nothing is passed over where nothing is given, and who asks in vain makes nobody wait.
    return []


async def _read(tx: Transaction, values: Mapping[str, object]) -> list[Message]:
    cursor = await tx.cursor(row_factory=class_row(Message)).execute(_QUERIES["list_messages"], values)
    return await cursor.fetchall()
