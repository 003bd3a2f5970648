"""Alerts within somebody's reach, a page at a time."""

from __future__ import annotations

from typing import Final, LiteralString

from sinetti.alerts.model import Doer
from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.lists import ListPage, ListQuery
from sinetti.portal.pages.alerts.model import ListedAlert
from sinetti.portal.store.lists import Orders, list_page
from sinetti.rules.alerts.vocabulary import Party, Side

_QUERIES = load_queries("sinetti.portal.pages.alerts", "alerts.sql")

ORDERS: Orders = {
    "recorded_at": ("recorded_at", "recorded_at DESC"),
    "product": ("product_code", "product_code DESC"),
    "status": ("status", "status DESC"),
}
"""Each column that the list can be sorted by, up and down."""

OPEN: Final = "open"
ANY: Final = "any"

# Each is its own statement, so that PostgreSQL plans with the index that fits: one statement for every reader would be
# planned for none of them.
_OF_PARTY: dict[Party, LiteralString] = {
    Party.END_USER_LOCATION: " AND file.location_id = ANY (%(location_ids)s)",
    Party.END_USER_ORGANISATION: " AND file.organisation_id = %(organisation_id)s",
    Party.MAH: " AND file.obp_organisation_id = %(organisation_id)s",
    Party.OBP: " AND file.obp_organisation_id = %(organisation_id)s",
    Party.OPERATOR: "",
    Party.AUTHORITY: "",
}
_PLACES_HIDDEN: Final = frozenset({Party.MAH, Party.OBP})
_OF_STATUS: dict[str, LiteralString] = {"": " AND file.status <> 'closed'", ANY: ""}
_ONE_STATUS: LiteralString = " AND file.status = %(status)s"
_OF_KIND: LiteralString = " AND file.kind = %(kind)s"
_SEARCHED: LiteralString = (
    " AND (file.alert_id = upper(%(exactly)s) OR file.product_code = lpad(%(exactly)s, 14, '0')"
    " OR file.product_code = %(exactly)s OR file.batch = %(exactly)s OR file.serial_number = %(exactly)s)"
)


async def list_alerts(
    tx: Transaction, query: ListQuery, doer: Doer, side: Side | None
) -> ListPage[ListedAlert]:
    """A page of the alerts that are the doer's matter."""
    status, kind = query.filters["status"], query.filters["kind"]
    select = _QUERIES["list_alerts"] + _OF_PARTY[doer.party] + _OF_STATUS.get(status, _ONE_STATUS)
    if kind:
        select += _OF_KIND
    if query.search:
        select += _SEARCHED
    return await list_page(
        tx,
        select,
        ListedAlert,
        query,
        orders=ORDERS,
        key="event_number",
        values={
            "location_ids": list(doer.location_ids),
            "organisation_id": doer.organisation_id,
            "places_shown": doer.party not in _PLACES_HIDDEN,
            "side": side,
            "status": status,
            "kind": kind,
            "exactly": query.search,
        },
    )
