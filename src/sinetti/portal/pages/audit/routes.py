"""The audit page, and the same as files."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from psycopg import sql
from starlette.responses import Response

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import load_queries
from sinetti.kit.exports import csv_of_chunks, xlsx_of_chunks
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.audit_words import AuditWords
from sinetti.portal.lists import (
    ListQuery,
    like,
    list_values,
    read_list_query,
    some_day,
    some_text,
    words_that_begin,
)
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.store.reach import reach_values
from sinetti.portal.visit import Visit

CHUNK_ROWS = 500

_QUERIES = load_queries("sinetti.portal.pages.audit", "audit.sql")
_ORDERS: Orders = {"recorded_at": ("recorded_at, audit_number", "recorded_at DESC, audit_number DESC")}
"""By time only: whoever looks for a person or an action filters, and sorting millions of entries has no bound."""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the audit."""

    audit_number: int
    recorded_at: datetime
    transaction_id: UUID | None
    actor: str
    user_name: str
    user_role: str | None
    source_address: str | None
    action: str
    object_kind: str
    object_id: str
    object_name: str
    organisation_id: int | None
    organisation_name: str | None
    old_values: dict[str, Any]
    new_values: dict[str, Any]
    reason: str | None
    ground: str | None


_FIELDS = AuditEntry.__struct_fields__
_WORKBOOK = (
    "recorded_at",
    "user_name",
    "role",
    "action",
    "object_kind",
    "object",
    "organisation",
    "changes",
    "reason",
    "ground",
    "source_address",
    "transaction_id",
)


async def show(visit: Visit) -> Response:
    """What was done, the newest first."""
    query = _query(visit)
    found = await list_page(
        visit.tx,
        _QUERIES["list_audit"],
        AuditEntry,
        query,
        orders=_ORDERS,
        key="audit_number",
        values=_values(visit, query),
    )
    told = _words(visit)
    everything = ("", visit.words["any_kind"])
    used = urlencode({name: value for name, value in (("q", query.search), *query.filters.items()) if value})
    return visit.render(
        "audit.html",
        list=found,
        kinds=[everything, *told.kinds.items()],
        actions=[everything, *sorted(told.actions.items(), key=lambda pair: pair[1])],
        audit_words=told,
        several=visit.reach.everything,
        used=f"?{used}" if used else "",
    )


async def export_csv(visit: Visit) -> Response:
    """The same as CSV for programs, in full: names of fields and codes as they are kept."""
    return await csv_of_chunks(
        "audit", _FIELDS, _chunks(visit, "csv", lambda entry: [getattr(entry, name) for name in _FIELDS])
    )


async def export_xlsx(visit: Visit) -> Response:
    """The same as a workbook for people, in full: in words."""
    told, columns = _words(visit), visit.words["export_column"]

    def row(entry: AuditEntry) -> list[object]:
        changes = told.changes(entry.old_values, entry.new_values)
        return [
            entry.recorded_at,
            entry.user_name,
            told.role(entry.user_role),
            told.action(entry.action),
            told.kind(entry.object_kind),
            entry.object_name,
            entry.organisation_name,
            "\n".join(f"{name}: {old} → {new}" for name, old, new in changes),
            entry.reason,
            told.ground(entry.ground),
            entry.source_address,
            str(entry.transaction_id or ""),
        ]

    heads = [columns[name] for name in _WORKBOOK]
    return await xlsx_of_chunks("audit", heads, _chunks(visit, "xlsx", row), visit.portal.settings.zone)


async def _chunks(
    visit: Visit, form: str, row: Callable[[AuditEntry], list[object]]
) -> AsyncIterator[list[list[object]]]:
    """All that the filters let through, as it stands at one moment. That it was taken out is itself recorded."""
    query = _query(visit)
    narrowed = {name: value for name, value in (("search", query.search), *query.filters.items()) if value}
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="audit_exported",
        object_kind="audit",
        object_id=form,
        object_name=f"audit.{form}",
        concern=Concern(organisation_id=visit.reach.organisation_id),
        new=narrowed,
    )
    statement = sql.SQL("{select} ORDER BY recorded_at DESC, audit_number DESC").format(
        select=sql.SQL(_QUERIES["list_audit"])
    )
    # A cursor of the server's: it sees what was there when it was opened, and one chunk at a time is in memory.
    async with visit.tx.cursor("export_audit", row_factory=rows_as(AuditEntry)) as cursor:
        cursor.itersize = CHUNK_ROWS
        await cursor.execute(statement, _values(visit, query))
        while entries := await cursor.fetchmany(CHUNK_ROWS):
            yield [row(entry) for entry in entries]


def _words(visit: Visit) -> AuditWords:
    return AuditWords(visit.portal.pages, visit.language, visit.portal.settings.zone)


def _query(visit: Visit) -> ListQuery:
    told = _words(visit)
    return read_list_query(
        visit.url("audit"),
        visit.request.query_params,
        columns=list(_ORDERS),
        filters={
            "object_kind": list(told.kinds),
            "action": list(told.actions),
            "from": some_day,
            "to": some_day,
            "organisation": some_text,
        },
        descending=True,
    )


def _values(visit: Visit, query: ListQuery) -> dict[str, object]:
    """Days are those of the country, and the last one counts in full."""
    zone = visit.portal.settings.zone

    def midnight(day: str, *, days_later: int = 0) -> datetime | None:
        if not day:
            return None
        return datetime.combine(date.fromisoformat(day) + timedelta(days=days_later), time(), zone)

    return {
        **list_values(query, visit.language.value),
        **reach_values(visit.reach),
        "words": words_that_begin(query.search),
        "from": midnight(query.filters["from"]),
        "to": midnight(query.filters["to"], days_later=1),
        "organisation": like(query.filters["organisation"]),
    }


PAGE = Page(
    name="audit",
    menu=MenuEntry(route="audit", group=MenuGroup.SYSTEM, order=90),
    routes=(
        Route(name="audit", path="/audit", action="see_audit", handler=show),
        Route(
            name="audit_csv",
            path="/audit/audit.csv",
            action="export_audit",
            handler=export_csv,
            is_page=False,
        ),
        Route(
            name="audit_xlsx",
            path="/audit/audit.xlsx",
            action="export_audit",
            handler=export_xlsx,
            is_page=False,
        ),
    ),
)
