"""Bulk and recovery requests in PostgreSQL: accepted, worked off chunk by chunk, fetched, forgotten."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from struct import pack
from typing import Final
from uuid import UUID

import msgspec
from psycopg import AsyncConnection
from psycopg.rows import TupleRow, class_row

from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.vocabulary import Language

_SQL = load_queries(__package__, "bulk.sql")

Connection = AsyncConnection[TupleRow]

TELLING_PACKS: Final = 100
"""Packs that a request must have to tell anything about speed."""

_LOCK_CLASS: Final = 0x53494E
"""First half of the advisory locks of this part; others use the other kind, of one 64-bit number."""


class NewRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request as it is accepted."""

    bulk_id: UUID
    kind: str
    equipment_id: int
    location_id: int
    organisation_id: int
    requested_state: str | None
    entry_mode: str | None
    language: Language
    api_version: str | None
    user_agent: str | None
    source_address: str | None
    pack_count: int
    received_at: datetime
    eta: datetime
    expires_at: datetime


class StartedRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is being worked on, with who sent it."""

    bulk_id: str
    kind: str
    equipment_id: int
    location_id: int
    organisation_id: int
    organisation_kind: str
    client_role: str | None
    requested_state: str | None
    entry_mode: str | None
    language: str
    api_version: str | None
    user_agent: str | None
    source_address: str | None
    received_at: datetime


class Chunk(msgspec.Struct, frozen=True):
    """Some packs of a request: as sent, a JSON array."""

    chunk_number: int
    packs: bytes


class FoundRequest(msgspec.Struct, frozen=True, kw_only=True):
    """How far a request is."""

    eta: datetime
    finished_at: datetime | None


# ---------------------------------------------------------------- accepting


async def read_load(tx: Transaction) -> tuple[int, float | None]:
    """Packs that wait, and packs a second of late; `None` where there was none to tell."""
    cursor = await tx.execute(_SQL["load"], {"telling_packs": TELLING_PACKS})
    row = await cursor.fetchone()
    assert row is not None, "a query without FROM has one row"
    return row[0], row[1]


# As in uploaded_packs: the binary format of COPY, PostgreSQL manual, COPY, "Binary Format".
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_COPY_END: Final = b"\xff\xff"


async def insert_request(tx: Transaction, request: NewRequest, chunks: Sequence[bytes]) -> None:
    """Store a request with its packs."""
    await tx.execute(_SQL["allow_minutes"])
    await tx.execute(_SQL["insert_bulk_request"], msgspec.structs.asdict(request))
    before = pack(">hi", 3, 16) + request.bulk_id.bytes
    async with tx.cursor() as cursor, cursor.copy(_SQL["copy_chunks"]) as copy:
        await copy.write(_COPY_HEAD)
        for number, chunk in enumerate(chunks):
            await copy.write(before + pack(">iii", 4, number, len(chunk)) + chunk)
        await copy.write(_COPY_END)


# ---------------------------------------------------------------- working


async def waiting_requests(connection: Connection) -> list[UUID]:
    """Requests that are not finished, the oldest first."""
    cursor = await connection.execute(_SQL["waiting"])
    return [bulk_id for (bulk_id,) in await cursor.fetchall()]


async def try_lock(connection: Connection, bulk_id: UUID) -> bool:
    """Whether this connection, and no other, may work on the request from now on."""
    cursor = await connection.execute(
        _SQL["lock_request"], {"lock_class": _LOCK_CLASS, "bulk_id": str(bulk_id)}
    )
    return (await cursor.fetchone()) == (True,)


async def unlock(connection: Connection, bulk_id: UUID) -> None:
    """Let others work on the request."""
    await connection.execute(_SQL["unlock_request"], {"lock_class": _LOCK_CLASS, "bulk_id": str(bulk_id)})


async def start_request(connection: Connection, bulk_id: UUID, now: datetime) -> StartedRequest | None:
    """The request, or `None` where it has been finished meanwhile."""
    async with connection.cursor(row_factory=class_row(StartedRequest)) as cursor:
        await cursor.execute(_SQL["start_request"], {"bulk_id": bulk_id, "now": now})
        return await cursor.fetchone()


async def next_chunk(tx: Transaction, bulk_id: str, after: int) -> Chunk | None:
    """The first chunk after that number without results, locked; `None` where all have them."""
    cursor = await tx.execute(_SQL["next_chunk"], {"bulk_id": bulk_id, "after": after})
    row = await cursor.fetchone()
    return None if row is None else Chunk(row[0], row[1])


async def store_results(tx: Transaction, bulk_id: str, chunk_number: int, results: bytes) -> None:
    """Store what came of a chunk."""
    await tx.execute(
        _SQL["store_results"], {"bulk_id": bulk_id, "chunk_number": chunk_number, "results": results}
    )


async def finish_request(connection: Connection, bulk_id: str, now: datetime) -> None:
    """Mark the request as finished."""
    await connection.execute(_SQL["finish_request"], {"bulk_id": bulk_id, "now": now})


# ---------------------------------------------------------------- fetching and forgetting


async def find_request(
    connection: Connection, *, bulk_id: UUID, kind: str, location_id: int, now: datetime
) -> FoundRequest | None:
    """The request, if this location sent it and its result has not expired."""
    async with connection.cursor(row_factory=class_row(FoundRequest)) as cursor:
        await cursor.execute(
            _SQL["find_request"],
            {"bulk_id": bulk_id, "kind": kind, "location_id": location_id, "now": now},
        )
        return await cursor.fetchone()


async def read_results(
    connection: Connection, bulk_id: UUID, after: int, chunks: int
) -> list[tuple[int, bytes]]:
    """Number and results of up to so many chunks after that number."""
    cursor = await connection.execute(
        _SQL["read_results"], {"bulk_id": bulk_id, "after": after, "chunks": chunks}, binary=True
    )
    return [(number, results) for number, results in await cursor.fetchall()]


async def remove_expired(tx: Transaction, now: datetime) -> int:
    """Forget results that have expired; returns how many requests."""
    cursor = await tx.execute(_SQL["remove_expired"], {"now": now})
    return cursor.rowcount
