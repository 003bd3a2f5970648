"""Answers kept for requests that carry an idempotency key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from sinetti.kit.db import load_queries, text_array

_SQL = load_queries(__package__, "answers.sql")


class StoredAnswer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What an earlier request with the same key was answered."""

    request_digest: bytes
    http_status: int
    body: bytes
    transaction_id: str


class KeyedRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A request's idempotency key, which counts within one piece of client equipment only."""

    equipment_id: int
    key: str
    request_digest: bytes

    @property
    def lock(self) -> int:
        """A number for PostgreSQL's advisory locks. Two keys may share one; then they wait a little for nothing."""
        digest = blake2b(f"{self.equipment_id} {self.key}".encode(), digest_size=8).digest()
        return int.from_bytes(digest, "big", signed=True)


async def find_answers(
    tx: AsyncConnection[TupleRow], keyed: Sequence[KeyedRequest]
) -> Mapping[int, StoredAnswer]:
    """Earlier answers by index in `keyed`. Until the transaction ends nobody else can answer to these keys."""
    locks = "{" + ",".join(str(request.lock) for request in keyed) + "}"
    await tx.execute(_SQL["lock_keys"], {"locks": locks}, prepare=True)
    cursor = await tx.execute(
        _SQL["stored_answers"],
        {
            "equipment_ids": [request.equipment_id for request in keyed],
            "keys": text_array([request.key for request in keyed]),
        },
        prepare=True,
    )
    return {
        position - 1: StoredAnswer(
            request_digest=digest, http_status=status, body=body, transaction_id=transaction_id
        )
        for position, digest, status, body, transaction_id in await cursor.fetchall()
    }


async def store_answers(
    tx: AsyncConnection[TupleRow],
    answers: Sequence[tuple[KeyedRequest, int, bytes, str]],
    now: datetime,
) -> None:
    """Keep (request, HTTP status, body, transaction id) of each answer."""
    await tx.execute(
        _SQL["store_answers"],
        {
            "equipment_ids": [request.equipment_id for request, *_ in answers],
            "keys": text_array([request.key for request, *_ in answers]),
            "digests": [request.request_digest.hex() for request, *_ in answers],
            "statuses": [status for _, status, *_ in answers],
            "answers": text_array([body.decode() for _, _, body, _ in answers]),
            "transaction_ids": [transaction_id for *_, transaction_id in answers],
            "recorded_at": now,
        },
        prepare=True,
    )


async def remove_old_answers(tx: AsyncConnection[TupleRow], before: datetime) -> int:
    """Forget answers that were given before `before`; returns how many."""
    cursor = await tx.execute(_SQL["remove_old_answers"], {"before": before})
    return cursor.rowcount
