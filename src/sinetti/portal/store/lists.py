"""Runs the query of a list: counts it, and reads the page that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, LiteralString, TypeVar

import msgspec
from psycopg import sql

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction
from sinetti.portal.lists import COUNTED_ROWS_MAX, ListPage, ListQuery

Row = TypeVar("Row")

Orders = Mapping[str, tuple[LiteralString, LiteralString]]
"""What ORDER BY says for each column, up and down."""

_COUNT = sql.SQL(
    "SELECT count(*) FROM (SELECT FROM ({select}) AS listed LIMIT %(counted_rows_max)s + 1) AS counted"
)
_PAGE = sql.SQL(
    "SELECT * FROM ({select}) AS listed ORDER BY {order}, {key} LIMIT %(page_rows)s OFFSET %(offset)s"
)
_DEEP_PAGE = sql.SQL(
    "SELECT * FROM ({select}) AS listed WHERE {key} = ANY (ARRAY("
    "SELECT {key} FROM ({select}) AS listed ORDER BY {order}, {key} LIMIT %(page_rows)s OFFSET %(offset)s"
    ")) ORDER BY {order}, {key}"
)
"""For pages behind the first: which rows they show is found out before anything is reckoned for them. PostgreSQL would
reckon every column of the rows that it skips, too."""


async def list_page(
    tx: Transaction,
    select: LiteralString,
    row: type[Row],
    query: ListQuery,
    *,
    orders: Orders,
    key: LiteralString,
    values: Mapping[str, Any],
) -> ListPage[Row]:
    """The page that was asked for, or the last one where the list has become shorter.

    `select` has neither ORDER BY nor LIMIT; `key` is its column that tells rows apart, which puts equal ones in the
    same order on every page. Columns that cost something are best sub-selects: counting passes them over.
    """
    body = sql.SQL(select)
    wanted = {**values, "counted_rows_max": COUNTED_ROWS_MAX}
    cursor = await tx.execute(_COUNT.format(select=body), wanted)
    counted = await cursor.fetchone()
    assert counted is not None, "counting gives one row"
    total = min(int(counted[0]), COUNTED_ROWS_MAX)
    shown = ListPage[Row](rows=(), total=total, more=counted[0] > total, query=query)
    query = msgspec.structs.replace(query, page=min(query.page, shown.pages))
    order = sql.SQL(orders[query.sort][query.descending])
    deep = query.page > 1 and "," not in key
    page = (_DEEP_PAGE if deep else _PAGE).format(select=body, order=order, key=sql.SQL(key))
    place = {"page_rows": query.page_rows, "offset": query.offset}
    found = await tx.cursor(row_factory=rows_as(row)).execute(page, {**wanted, **place})
    return msgspec.structs.replace(shown, rows=await found.fetchall(), query=query)
