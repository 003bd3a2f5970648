"""What came of a bulk or recovery request: told to the location that sent it, until it expires."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec

from sinetti.identity.model import Caller
from sinetti.kit.db import Database
from sinetti.nmvs.answers import render_code
from sinetti.nmvs.bulk import Kind
from sinetti.nmvs.store import bulk as store
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Language

RETRY_SECONDS_MAX: Final = 30
"""Longest `Retry-After` of a result that is not ready: an estimate is one."""

_CHUNKS_A_READ: Final = 10


class NotReady(msgspec.Struct, frozen=True):
    """The result is still to come."""

    retry_after_seconds: int


async def find_result(
    database: Database, kind: Kind, bulk_id: UUID, caller: Caller, now: datetime
) -> NotReady | bool:
    """Whether there is a result for this caller: `True`, `False`, or not yet.

    Only the location that sent the request sees it.
    """
    async with database.connection() as connection:
        found = await store.find_request(
            connection, bulk_id=bulk_id, kind=kind, location_id=caller.location_id, now=now
        )
    if found is None:
        return False
    if found.finished_at is None:
        wait = math.ceil((found.eta - now).total_seconds())
        return NotReady(min(max(wait, 1), RETRY_SECONDS_MAX))
    return True


async def result_pieces(
    database: Database, rules: Rules, kind: Kind, bulk_id: UUID, language: Language
) -> AsyncIterator[bytes]:
    """The body of a finished result, piece by piece, in the order in which the packs were sent."""
    code = kind.code(rules, "result_ready")
    _, head = render_code(code, language)
    yield head.removesuffix(b"}") + b',"packs":['
    after, comma = -1, b""
    while True:
        async with database.connection() as connection:
            some = await store.read_results(connection, bulk_id, after, _CHUNKS_A_READ)
        if not some:
            break
        for number, results in some:
            assert number == after + 1, "a result is removed as a whole, and only when it has expired"
            after = number
            yield comma + results
            comma = b","
    yield b"]}"


async def remove_expired_results(database: Database, now: datetime) -> int:
    """Forget results that nobody may see any more; returns of how many requests."""
    async with database.transaction() as tx:
        return await store.remove_expired(tx, now)
