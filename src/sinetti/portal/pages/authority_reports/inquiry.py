"""What one report is asked about, and how it reads: registers by one statement, long times span by span."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date, datetime, time, timedelta
from typing import Any, Final, LiteralString
from zoneinfo import ZoneInfo

import msgspec
from psycopg.rows import TupleRow, dict_row

from sinetti.kit.db import Transaction, load_queries
from sinetti.reports.reading import in_spans
from sinetti.rules.types import Rules

Row = dict[str, Any]
"""A row of a report: codes as they are kept, by the names of the columns."""

SPAN_MAX: Final = timedelta(days=31)
"""Counted at a time where that is quick."""
REPORTS_SQL: Final = load_queries("sinetti.portal.pages.authority_reports", "reports.sql")
RECORD_SQL: Final = load_queries("sinetti.portal.pages.authority_reports", "record.sql")


class Inquiry(msgspec.Struct, frozen=True, kw_only=True):
    """A report's question."""

    tx: Transaction
    rules: Rules
    market: str
    zone: ZoneInfo
    """Days begin and end in the country's time."""
    now: datetime
    first: date
    last: date
    at_most: int
    """Rows that are read of a register: one more than a file has, to know for sure that there are more."""
    rests: bool
    """Whether it rests as long as it works: nobody waits for it, and others need the database."""
    come: Callable[[float, float], Awaitable[None]]
    """Takes how far it has come, and of how much."""

    @property
    def since(self) -> datetime:
        """Where the first day begins."""
        return datetime.combine(self.first, time.min, self.zone)

    @property
    def until(self) -> datetime:
        """Where the last day ends."""
        return datetime.combine(self.last + timedelta(days=1), time.min, self.zone)

    async def rows(self, query: str, **values: object) -> list[Row]:
        """The rows of a statement of `reports.sql`."""
        given = {"since": self.since, "until": self.until, "now": self.now, "at_most": self.at_most, **values}
        return await (
            await self.tx.cursor(row_factory=dict_row).execute(REPORTS_SQL[query], given)
        ).fetchall()

    async def spans(self, statement: LiteralString, **values: object) -> AsyncIterator[list[TupleRow]]:
        """What a statement that counts says of each span of the days, in their order; days to come are left out."""
        # What was recorded in this very moment is counted, and clocks of two machines differ a little.
        since, until = self.since, min(self.until, max(self.now + timedelta(minutes=1), self.since))
        async for starts_at, ends_at in in_spans(since, until, span_max=SPAN_MAX, rests=self.rests):
            cursor = await self.tx.execute(statement, {"starts_at": starts_at, "ends_at": ends_at, **values})
            yield await cursor.fetchall()
            await self.come((ends_at - since).total_seconds(), (until - since).total_seconds())
