"""The audit page, and the same as a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg import sql
from starlette.responses import Response

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import load_queries
from sinetti.portal.exports import EXPORTED_ROWS_MAX, csv_file
from sinetti.portal.lists import ListPage, ListQuery, list_values, read_list_query
from sinetti.portal.routing import MenuEntry, Page, Route
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.portal.visit import Visit
from sinetti.portal.words import audited_actions

OBJECT_KINDS = ("organisation", "location", "client_equipment", "user", "application", "announcement", "pack")

_QUERIES = load_queries("sinetti.portal.pages.audit", "audit.sql")
_ORDERS: Orders = {
    "recorded_at": ("recorded_at", "recorded_at DESC"),
    "user_name": (
        "sinetti_sort_key(user_name, %(language)s)",
        "sinetti_sort_key(user_name, %(language)s) DESC",
    ),
    "action": ("action", "action DESC"),
}


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit as it is shown."""

    audit_number: int
    recorded_at: datetime
    actor: str
    user_name: str
    user_role: str | None
    source_address: str | None
    action: str
    object_kind: str
    object_id: str
    object_name: str
    organisation_id: int | None
    old_values: dict[str, Any]
    new_values: dict[str, Any]
    reason: str | None
    ground: str | None

    @property
    def changes(self) -> list[tuple[str, Any, Any]]:
        """What changed: field, old and new value."""
        names = dict.fromkeys([*self.old_values, *self.new_values])
        return [(name, self.old_values.get(name), self.new_values.get(name)) for name in names]


async def show(visit: Visit) -> Response:
    """What was done, the newest first."""
    found = await _entries(visit)
    kinds = [
        ("", visit.words["any_kind"]),
        *((kind, visit.words["object_kind"][kind]) for kind in OBJECT_KINDS),
    ]
    actions = audited_actions(tuple(page.name for page in visit.portal.pages), visit.language)
    return visit.render("audit.html", list=found, kinds=kinds, actions=actions)


async def export(visit: Visit) -> Response:
    """The same as CSV, in full, for as many rows as a spreadsheet bears."""
    heads = AuditEntry.__struct_fields__
    entries = await _exported(visit)
    return await csv_file("audit", heads, ([getattr(entry, name) for name in heads] for entry in entries))


async def _entries(visit: Visit) -> ListPage[AuditEntry]:
    query = _query(visit)
    return await list_page(
        visit.tx,
        _QUERIES["list_audit"],
        AuditEntry,
        query,
        orders=_ORDERS,
        key="audit_number DESC",
        values={**list_values(query, visit.language.value), **reach_values(visit.reach)},
    )


async def _exported(visit: Visit) -> list[AuditEntry]:
    query = _query(visit)
    statement = sql.SQL("{select} ORDER BY audit_number DESC LIMIT %(rows_max)s").format(
        select=sql.SQL(_QUERIES["list_audit"])
    )
    values = {**list_values(query, visit.language.value), **reach_values(visit.reach)}
    cursor = await visit.tx.cursor(row_factory=rows_as(AuditEntry)).execute(
        statement, {**values, "rows_max": EXPORTED_ROWS_MAX}
    )
    return await cursor.fetchall()


def _query(visit: Visit) -> ListQuery:
    return read_list_query(
        visit.url("audit"),
        visit.request.query_params,
        columns=list(_ORDERS),
        filters={"object_kind": OBJECT_KINDS},
        descending=True,
    )


PAGE = Page(
    name="audit",
    menu=MenuEntry(route="audit", order=90),
    routes=(
        Route(name="audit", path="/audit", action="see_audit", handler=show),
        Route(
            name="audit_export", path="/audit/audit.csv", action="export_audit", handler=export, is_page=False
        ),
    ),
)
