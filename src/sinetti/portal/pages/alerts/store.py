"""Alerts within somebody's reach, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec
from psycopg import sql

from sinetti.alerts.model import Doer
from sinetti.alerts.searching import Search, conditions
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import COUNTED_ROWS_MAX, ListPage, ListQuery
from sinetti.portal.pages.alerts.model import ListedAlert
from sinetti.portal.store.lists import Orders
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Party

_QUERIES = load_queries("sinetti.portal.pages.alerts", "alerts.sql")

ORDERS: Orders = {
    "recorded_at": ("recorded_at", "recorded_at DESC"),
    "product": ("product_code", "product_code DESC"),
    "status": ("status, recorded_at", "status DESC, recorded_at DESC"),
}
"""Each column that the list can be sorted by, up and down: as the indexes have them."""

_PLACES_HIDDEN: Final = frozenset({Party.MAH, Party.OBP})


async def list_alerts(
    tx: Transaction, rules: AlertRules, query: ListQuery, search: Search, doer: Doer, now: datetime
) -> ListPage[ListedAlert]:
    """A page of the doer's alerts that the search finds, in the order of the query.

    As `list_page`, but for two things that a hundred thousand alerts need: the rows of a page are looked up by their
    keys, and where few are found, they are all found before they are put in order. PostgreSQL would go through the
    order until it has a page, and expects to meet what is rare as often as anywhere.
    """
    found, values = conditions(rules, doer, search, now)
    values |= {"places_shown": doer.party not in _PLACES_HIDDEN, "counted_max": COUNTED_ROWS_MAX}
    where, order = sql.SQL(found), sql.SQL(ORDERS[query.sort][query.descending])
    counting = sql.SQL(_QUERIES["count_alerts"]).format(where=where)
    row = await (await tx.execute(counting, values)).fetchone()
    assert row is not None, "counting gives one row"
    total = min(row[0], COUNTED_ROWS_MAX)
    shown = ListPage[ListedAlert](rows=(), total=total, more=row[0] > total, query=query)
    query = msgspec.structs.replace(query, page=min(query.page, shown.pages))
    values |= {"page_rows": query.page_rows, "offset": query.offset}
    keys = sql.SQL(_QUERIES["keys_of_many" if shown.more else "keys_of_few"])
    keyed = await (await tx.execute(keys.format(where=where, order=order), values)).fetchall()
    values |= {"product_ids": [key[0] for key in keyed], "event_numbers": [key[1] for key in keyed]}
    rows = await tx.cursor(row_factory=rows_as(ListedAlert)).execute(_QUERIES["list_alerts"], values)
    return msgspec.structs.replace(shown, rows=await rows.fetchall(), query=query)
