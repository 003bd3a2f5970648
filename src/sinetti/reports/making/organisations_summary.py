"""Every organisation with its contact."""

from __future__ import annotations

from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.packs import Country
from sinetti.reports.content import CsvReport
from sinetti.reports.model import FoundRequest, Made
from sinetti.reports.reading import read_tuples
from sinetti.reports.types import ORGANISATIONS_SUMMARY

_SQL = load_queries("sinetti.reports.store", "snapshot.sql")
_KNOWN_FACTS = 10


async def make(tx: Transaction, country: Country, asked: FoundRequest, report: CsvReport) -> Made:  # noqa: ARG001 - as all
    """Write an organisation a row. A contact's name is one text here and goes into the column for last names."""
    (table,) = ORGANISATIONS_SUMMARY.tables
    await report.begin_table(table, named=False)
    async for some in read_tuples(tx, "organisations", _SQL["organisations"]):
        await report.add(
            [
                [
                    organisation_id, created_at, kind, None, name, "Locked" if locked else "Active", None, contact,
                    email, None, None, locations, *(None,) * 4, *(None,) * _KNOWN_FACTS,
                ]
                for organisation_id, kind, name, locked, created_at, contact, email, locations in some
            ]
        )  # fmt: skip
    return Made(row_count=report.row_count, events_read=report.row_count)
