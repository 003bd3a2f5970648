"""How reports read: one moment of the database, through cursors, and with as many rests as work."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Final, LiteralString, TypeVar

from psycopg.rows import AsyncRowFactory, TupleRow, tuple_row

from sinetti.kit.db import Database, Transaction

Row = TypeVar("Row")

ROWS: Final = 2000
"""Rows that are read and worked on at a time."""
STATEMENT_TIMEOUT: Final = "5min"
"""For one statement, or one fetch from a cursor: a product's packs may be millions."""
REST_SECONDS_MAX: Final = 2.0
SPAN_FIRST: Final = timedelta(hours=1)
SPAN_MAX: Final = timedelta(days=1)
SPAN_MIN: Final = timedelta(minutes=5)
SPAN_SECONDS: Final = 0.5
"""Counted at a time: spans that take about as long."""


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[Transaction]:
    """A transaction that sees one moment of the database and can change nothing."""
    async with database.transaction() as tx:
        await tx.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        await tx.execute(f"SET LOCAL statement_timeout = '{STATEMENT_TIMEOUT}'")
        yield tx


class Pace:
    """Rests as long as it was worked, so that who else needs the database or a processor gets it half of the time."""

    def __init__(self) -> None:
        self._since = time.monotonic()

    async def rest(self) -> None:
        """Rest for as long as it was worked since the last rest."""
        await asyncio.sleep(min(time.monotonic() - self._since, REST_SECONDS_MAX))
        self._since = time.monotonic()


async def read_rows(
    tx: Transaction,
    name: str,
    query: LiteralString,
    values: Mapping[str, object],
    as_row: AsyncRowFactory[Row],
    rows: int = ROWS,
) -> AsyncIterator[Sequence[Row]]:
    """The rows of a query through a cursor with that name, some at a time, each made by `as_row`."""
    async with tx.cursor(name=name, row_factory=as_row) as cursor:
        await cursor.execute(query, values)
        while some := await cursor.fetchmany(rows):
            yield some


def read_tuples(
    tx: Transaction, name: str, query: LiteralString, values: Mapping[str, object] | None = None
) -> AsyncIterator[Sequence[TupleRow]]:
    """The same as plain tuples."""
    return read_rows(tx, name, query, values or {}, tuple_row)


async def in_spans(
    starts_at: datetime, ends_at: datetime, *, span_max: timedelta = SPAN_MAX, rests: bool = True
) -> AsyncIterator[tuple[datetime, datetime]]:
    """A long time as short spans, one after the other, for whoever reads each as it comes.

    They get longer while they are read quickly and shorter where they are not. With `rests`, each is followed by one.
    """
    pace = Pace()
    at, span = starts_at, SPAN_FIRST
    while at < ends_at:
        until, began = min(at + span, ends_at), time.monotonic()
        yield at, until
        span = span * 2 if time.monotonic() - began < SPAN_SECONDS else span / 2
        span = min(max(span, SPAN_MIN), span_max)
        at = until
        if rests:
            await pace.rest()
