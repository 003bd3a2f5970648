"""Attempts that cannot be told from guesses are slowed down, and nobody is shut out by them (docs/adr/0010)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sinetti.kit.db import Database, Transaction, load_queries

FORGET_AFTER = timedelta(hours=1)
"""Without further attempts."""

_QUERIES = load_queries("sinetti.identity.people.store", "slow_down.sql")


@dataclass(frozen=True, slots=True)
class Bucket:
    """Attempts that have something in common: how many are free, and how long the wait grows after them."""

    key: bytes
    free: int
    wait_max: timedelta


def bucket(*what: str, free: int, wait_max: timedelta) -> Bucket:
    """The bucket of what is named. Only a digest of it is kept."""
    return Bucket(hashlib.sha256("\x1f".join(what).encode()).digest(), free, wait_max)


async def attempt(tx: Transaction, buckets: Sequence[Bucket], now: datetime) -> int:
    """Count an attempt before it is looked at; seconds to wait where it may not be looked at.

    The rows stay locked until the transaction ends: guesses sent all at once are judged one after the other.
    """
    wait = timedelta()
    for one in sorted(buckets, key=lambda one: one.key):
        values = {"bucket": one.key, "now": now, "forget_before": now - FORGET_AFTER}
        cursor = await tx.execute(_QUERIES["count_attempt"], values)
        row = await cursor.fetchone()
        assert row is not None, "INSERT … RETURNING gives a row"
        attempts, open_at = row
        if open_at > now:
            wait = max(wait, open_at - now)
            continue
        over = attempts - one.free
        if over >= 0:
            closed = min(timedelta(seconds=2 ** min(over, 20)), one.wait_max)
            await tx.execute(_QUERIES["close_bucket"], {"bucket": one.key, "open_at": now + closed})
    return -(-wait // timedelta(seconds=1))


async def forget(tx: Transaction, one: Bucket) -> None:
    """A success clears what only this person can have done."""
    await tx.execute(_QUERIES["forget_bucket"], {"bucket": one.key})


async def remove_old_attempts(database: Database, now: datetime) -> None:
    """Remove what counts no more."""
    async with database.transaction() as tx:
        await tx.execute(_QUERIES["remove_old_attempts"], {"forget_before": now - FORGET_AFTER})
