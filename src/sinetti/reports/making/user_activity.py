"""What people did: the audit, as a report."""

from __future__ import annotations

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.packs import Country
from sinetti.reports.content import CsvReport
from sinetti.reports.model import FoundRequest, Made
from sinetti.reports.reading import Pace, read_tuples
from sinetti.reports.types import USER_ACTIVITY

_SQL = load_queries("sinetti.reports.store", "record.sql")


async def make(tx: Transaction, country: Country, asked: FoundRequest, report: CsvReport) -> Made:  # noqa: ARG001 - as all
    """Write an entry a row, in the order of the audit."""
    (table,) = USER_ACTIVITY.tables
    await report.begin_table(table, named=False)
    pace = Pace()
    values = {"starts_at": asked.window.starts_at, "ends_at": asked.window.ends_at}
    async for some in read_tuples(tx, "activity", _SQL["user_activity"], values):
        await report.add([list(row) for row in some])
        await pace.rest()
    return Made(row_count=report.row_count, events_read=report.row_count)
