"""What must be done now and then to what `identity` keeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from sinetti.identity.store import tokens as token_store
from sinetti.kit.db import Database

EXPIRED_KEPT = timedelta(hours=1)
"""How long an expired token stays, so that its holder is told that it expired, and not that it is unknown."""
REMOVED_AT_ONCE_MAX = 5_000


async def remove_expired_tokens(database: Database, now: datetime) -> int:
    """Remove the tokens that expired over an hour ago, and return how many. Several processes may do it."""
    removed = 0
    while True:
        async with database.transaction() as tx:
            count = await token_store.remove_expired(
                tx, expired_before=now - EXPIRED_KEPT, limit=REMOVED_AT_ONCE_MAX
            )
        removed += count
        if count < REMOVED_AT_ONCE_MAX:
            return removed
