"""Partitions of the record: made ahead of time, by whichever process comes first."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, datetime

from sinetti.kit.db import Database
from sinetti.nmvs.store.packs import ensure_event_months


async def months(database: Database) -> list[str]:
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'pack_event'::regclass ORDER BY 1"
        )
        return [name for (name,) in await cursor.fetchall()]


async def test_processes_that_start_together_make_each_month_once(database, database_url):
    """As after a crash, when every worker finds a month missing at the same moment."""
    async with AsyncExitStack() as stack:
        pools = [await stack.enter_async_context(await Database.open(database_url)) for _ in range(6)]

        async def start(pool: Database) -> None:
            async with pool.transaction() as tx:
                await ensure_event_months(tx, datetime(2031, 11, 30, 23, 59, tzinfo=UTC))

        await asyncio.gather(*map(start, pools))
    assert [name for name in await months(database) if "_203" in name] == [
        "pack_event_2031_11",
        "pack_event_2031_12",
        "pack_event_2032_01",
    ]
