"""Alerts within a party's reach, a page at a time: searched, sorted, and cut down to what the party may see.

For other systems and for exports. A page begins after the last alert of the one before, so that no alert is missed or
comes twice when others are raised meanwhile.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec
from msgspec import UNSET

from sinetti.alerts import files
from sinetti.alerts.model import AlertFile, Doer, FileKey
from sinetti.alerts.reading import read_known
from sinetti.alerts.searching import FilterHiddenError, Search, conditions
from sinetti.alerts.view import AlertView, view_for
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.types import AlertRules

PAGE_MAX: Final = 500
EXPORTED_AT_ONCE: Final = 2_000
"""Alerts that an export reads at a time: each page has its own search, so that few of them are quicker."""
_NUMBER_MAX: Final = 2**63 - 1
_SQL = load_queries("sinetti.alerts.store", "listing.sql")

LISTED: Final = (
    "alert_id",
    "case_id",
    "recorded_at",
    "level",
    "market",
    "kind",
    "operation",
    "operation_code",
    "entry_mode",
    "product_code",
    "product_name",
    "sent_serial_number",
    "sent_batch",
    "sent_expiry",
    "location",
    "organisation",
    "equipment",
    "software",
    "earlier_place",
    "earlier_time",
    "stored_serial_number",
    "stored_batch",
    "stored_expiry",
    "cause",
    "confidence",
    "status",
    "closing_reason",
    "closing_comment",
    "outcome",
    "classification",
    "investigations",
)
"""Fields that lists and exports have, where the party may see them. All others belong to a single alert."""


NAMES: Final = {
    "cause": "cause",
    "location_ids": "location",
    "organisation_id": "organisation",
    "equipment_id": "equipment",
    "software": "software",
    "company_id": "company",
    "overdue": "overdue",
}
"""What filters are called that not every party has."""


class _Order(msgspec.Struct, frozen=True):
    column: int
    after: LiteralString
    order: LiteralString


SORTS: Final[dict[str, _Order]] = {
    "recordedAt": _Order(
        2,
        " AND (file.recorded_at, file.event_number) > (%(after)s::timestamptz, %(after_number)s)",
        " ORDER BY file.recorded_at, file.event_number LIMIT %(at_most)s",
    ),
    "-recordedAt": _Order(
        2,
        " AND (file.recorded_at, file.event_number) < (%(after)s::timestamptz, %(after_number)s)",
        " ORDER BY file.recorded_at DESC, file.event_number DESC LIMIT %(at_most)s",
    ),
    "productCode": _Order(
        3,
        " AND (file.product_code, file.event_number) > (%(after)s::text, %(after_number)s)",
        " ORDER BY file.product_code, file.event_number LIMIT %(at_most)s",
    ),
    "-productCode": _Order(
        3,
        " AND (file.product_code, file.event_number) < (%(after)s::text, %(after_number)s)",
        " ORDER BY file.product_code DESC, file.event_number DESC LIMIT %(at_most)s",
    ),
}


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of a list: as it stands, which only judges may read, and as the party sees it."""

    file: AlertFile
    view: AlertView


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A page of what a search finds."""

    alerts: tuple[Listed, ...]
    next: str | None
    """Where the next page begins; `None` on the last one."""


async def list_alerts(
    tx: Transaction,
    rules: AlertRules,
    market: str,
    doer: Doer,
    search: Search,
    now: datetime,
    *,
    after: str | None = None,
    at_most: int = PAGE_MAX,
) -> Found:
    """A page of the doer's alerts.

    Problems: 422 `cursor-invalid` for an `after` that nobody was given, 403 `filter-not-for-party`.
    """
    order = SORTS[search.sort]
    try:
        found, values = conditions(rules, doer, search, now)
    except FilterHiddenError as hidden:
        raise Problem("filter-not-for-party", 403, field=NAMES[hidden.name]) from None
    query: LiteralString = _SQL["list_keys"] + found
    values["at_most"] = min(at_most, EXPORTED_AT_ONCE) + 1
    if after is not None:
        query += order.after
        values["after"], values["after_number"] = _place(after, search.sort)
    rows = await (await tx.execute(query + order.order, values)).fetchall()
    page = rows[: values["at_most"] - 1]
    last = page[-1] if len(rows) > len(page) else None
    listed = await _listed(tx, rules, market, doer, [FileKey(row[0], row[1]) for row in page])
    return Found(
        alerts=tuple(listed),
        next=None if last is None else _cursor(search.sort, last[order.column], last[1]),
    )


async def count_alerts(
    tx: Transaction, rules: AlertRules, doer: Doer, search: Search, now: datetime, *, at_most: int
) -> int:
    """How many of the doer's alerts a search finds, counted no further than `at_most`.

    Raises `FilterHiddenError` for a filter by what the doer does not see.
    """
    found, values = conditions(rules, doer, search, now)
    query: LiteralString = _SQL["count_keys"] + found + " LIMIT %(at_most)s) AS counted"
    counted = await (await tx.execute(query, {**values, "at_most": at_most})).fetchone()
    assert counted is not None, "counting gives one row"
    return int(counted[0])


async def _listed(
    tx: Transaction, rules: AlertRules, market: str, doer: Doer, keys: Sequence[FileKey]
) -> list[Listed]:
    if not keys:
        return []
    read = {file.key: file for file in await files.read_files(tx, keys)}
    found = [read[key] for key in keys]
    return [
        # The fields of a single alert are left out: they would be empty here, and say that there is nothing.
        Listed(file=whole.file, view=_with_reference(view_for(rules, doer, whole, LISTED), whole.file))
        for whole in await read_known(tx, market, doer, found)
    ]


def _with_reference(view: AlertView, file: AlertFile) -> AlertView:
    """A refusal that raised no alert is called by its reference."""
    is_hidden = view.alert_id is UNSET
    return view if view.alert_id or is_hidden else msgspec.structs.replace(view, alert_id=file.reference)


def _cursor(sort: str, value: object, number: int) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    return base64.urlsafe_b64encode(json.dumps([sort, text, number]).encode()).decode().rstrip("=")


def _place(cursor: str, sort: str) -> tuple[object, int]:
    """Where a page begins. What is no cursor of this order is refused: another place would be silently wrong."""
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        sorted_by, value, number = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        at: object = datetime.fromisoformat(value) if sort.endswith("recordedAt") else value
    except (ValueError, TypeError, binascii.Error, RecursionError):
        raise Problem("cursor-invalid", 422, field="after") from None
    is_number = type(number) is int and 0 <= number <= _NUMBER_MAX
    if sorted_by != sort or not is_number or not isinstance(value, str) or "\0" in value:
        raise Problem("cursor-invalid", 422, field="after")
    return at, number
