"""Access tokens and the identity epoch in the database. Of secrets and tokens only digests ever come here."""

from __future__ import annotations

from datetime import datetime

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from sinetti.identity.model import Caller, IdentityPart, Lock
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.vocabulary import ClientRole, OrganisationKind

_QUERIES = load_queries("sinetti.identity.store", "tokens.sql")


class FoundClient(msgspec.Struct, frozen=True, kw_only=True):
    """What there is to judge a request for a token by."""

    equipment_id: int
    secret_sha256: bytes
    lock: Lock | None


class FoundToken(msgspec.Struct, frozen=True, kw_only=True):
    """Whose token it is, as things stand in one identity epoch."""

    epoch: int
    expires_at: datetime
    caller: Caller
    lock: Lock | None


async def read_epoch(connection: AsyncConnection[TupleRow]) -> int:
    """Return the number that changes with everything that a remembered caller rests on."""
    cursor = await connection.execute(_QUERIES["read_epoch"])
    row = await cursor.fetchone()
    assert row is not None, "the first migration writes the only row"
    epoch: int = row[0]
    return epoch


async def find_client(tx: Transaction, client_id: str) -> FoundClient | None:
    """Return the living client equipment with this client id."""
    cursor = await tx.execute(_QUERIES["find_client"], {"client_id": client_id})
    row = await cursor.fetchone()
    if row is None:
        return None
    equipment_id, secret_sha256, *lock = row
    return FoundClient(equipment_id=equipment_id, secret_sha256=secret_sha256, lock=_lock(*lock))


async def add(
    tx: Transaction, *, token_sha256: bytes, equipment_id: int, now: datetime, expires_at: datetime
) -> None:
    """Keep a new token, by its digest."""
    await tx.execute(
        _QUERIES["add_token"],
        {"token_sha256": token_sha256, "equipment_id": equipment_id, "now": now, "expires_at": expires_at},
    )


async def find(connection: AsyncConnection[TupleRow], token_sha256: bytes) -> FoundToken | None:
    """Return whose token this is; `None` for one never issued, taken back, or expired long ago."""
    cursor = await connection.execute(_QUERIES["find_token"], {"token_sha256": token_sha256})
    row = await cursor.fetchone()
    if row is None:
        return None
    epoch, expires_at, equipment_id, location_id, organisation_id, kind, role, *lock = row
    caller = Caller(
        equipment_id=equipment_id,
        location_id=location_id,
        organisation_id=organisation_id,
        organisation_kind=OrganisationKind(kind),
        client_role=None if role is None else ClientRole(role),
    )
    return FoundToken(epoch=epoch, expires_at=expires_at, caller=caller, lock=_lock(*lock))


async def remove_expired(tx: Transaction, *, expired_before: datetime, limit: int) -> int:
    """Remove at most `limit` tokens that expired before that moment, oldest first; return how many went."""
    cursor = await tx.execute(
        _QUERIES["remove_expired_tokens"], {"expired_before": expired_before, "limit": limit}
    )
    return cursor.rowcount


def _lock(part: str | None, reason: str | None, locked_at: datetime | None) -> Lock | None:
    if part is None or reason is None or locked_at is None:
        return None
    return Lock(part=IdentityPart(part), reason=reason, locked_at=locked_at)
