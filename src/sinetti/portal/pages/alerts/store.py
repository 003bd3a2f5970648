"""Alerts within somebody's reach, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sinetti.alerts.model import Doer
from sinetti.alerts.searching import Search, conditions
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery
from sinetti.portal.pages.alerts.model import ListedAlert
from sinetti.portal.store.lists import Orders, list_page
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
    """A page of the doer's alerts that the search finds, in the order of the query."""
    found, values = conditions(rules, doer, search, now)
    return await list_page(
        tx,
        _QUERIES["list_alerts"] + found,
        ListedAlert,
        query,
        orders=ORDERS,
        key="event_number",
        values={**values, "places_shown": doer.party not in _PLACES_HIDDEN},
    )
