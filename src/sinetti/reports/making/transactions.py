"""Numbers of operations by day, operation and operation code."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.packs import Country
from sinetti.reports.content import CsvReport
from sinetti.reports.model import FoundRequest, Made
from sinetti.reports.reading import in_spans
from sinetti.reports.types import TRANSACTIONS

_SQL = load_queries("sinetti.reports.store", "record.sql")
_Key = tuple[date, str, str, bool]


async def make(tx: Transaction, country: Country, asked: FoundRequest, report: CsvReport) -> Made:
    """Count span by span, and write the sums."""
    (table,) = TRANSACTIONS.tables
    await report.begin_table(table, named=False)
    sums: Counter[_Key] = Counter()
    starts_at = asked.window.starts_at
    ends_at = min(asked.window.ends_at, max(asked.requested_at, starts_at))
    async for at, until in in_spans(starts_at, ends_at):
        await _count(tx, at, until, sums)
    await report.add(
        [
            [day.isoformat(), country.market, operation, code, is_bulk, number]
            for (day, operation, code, is_bulk), number in sorted(sums.items())
        ]
    )
    return Made(row_count=report.row_count, events_read=sums.total())


async def _count(tx: Transaction, starts_at: datetime, ends_at: datetime, sums: Counter[_Key]) -> None:
    cursor = await tx.execute(_SQL["transactions"], {"starts_at": starts_at, "ends_at": ends_at})
    for day, operation, code, is_bulk, number in await cursor.fetchall():
        sums[day, operation, code or "", is_bulk] += number
