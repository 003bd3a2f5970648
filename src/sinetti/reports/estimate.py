"""When a report will be ready: told beforehand and to be kept, because tools wait until then and take what is there."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

from sinetti.kit.db import Transaction, load_queries
from sinetti.reports.model import ALERTS, Window
from sinetti.reports.store import requests as store
from sinetti.reports.types import DAILY_SNAPSHOT, EXCEPTIONS_AUDIT_TRAIL, TRANSACTIONS

EVENT_BYTES: Final = 250
"""Of the record, a little less than measured (docs/operating/running.md), so that there seem to be more events."""
BEGIN_SECONDS: Final = 5
"""Until a worker has begun, and for what takes time however small a report is."""
SECONDS_A_DAY: Final = 0.5
"""For each day of the span, however few events it has."""
MARGIN: Final = 2.0
EVENTS_MIN: Final = 50_000
"""A smaller report tells nothing of the speed."""

_SPEEDS: Final = {
    EXCEPTIONS_AUDIT_TRAIL.report_type: 3_000.0,
    ALERTS: 3_000.0,
    DAILY_SNAPSHOT.report_type: 200_000.0,
}
"""Expected events a second, in the worst case, until there are measurements."""
_SPEED: Final = 100_000.0
_BY_SIZE: Final = frozenset({EXCEPTIONS_AUDIT_TRAIL.report_type, TRANSACTIONS.report_type, ALERTS})
_RECORD = load_queries("sinetti.reports.store", "record.sql")
_SNAPSHOT = load_queries("sinetti.reports.store", "snapshot.sql")


async def expected_events(tx: Transaction, report_type: str, window: Window | None, now: datetime) -> int:
    """How many events, or packs, will have to be read: from the size of the months, without looking into them."""
    if report_type == DAILY_SNAPSHOT.report_type:
        row = await (await tx.execute(_SNAPSHOT["stored_packs"])).fetchone()
        return 0 if row is None else int(row[0])
    if window is None or report_type not in _BY_SIZE:
        return 0
    return await events_of_record(tx, window, now)


async def events_of_record(tx: Transaction, window: Window, now: datetime) -> int:
    """About how many events the record has of a time, from the size of its months."""
    sizes = await (await tx.execute(_RECORD["record_sizes"])).fetchall()
    events = sum(int(size) / EVENT_BYTES * _share(month, window, now) for month, size in sizes)
    return round(events)


async def expected_eta(
    tx: Transaction, report_type: str, window: Window | None, events: int, now: datetime
) -> datetime:
    """When it will be ready: after what waits before it, at the speed of the slower ones of those made lately."""
    measured = await store.measured_speed(tx, report_type, now, events_min=EVENTS_MIN)
    waits_until = await store.last_waiting_eta(tx, report_type, now)
    days = 0.0 if window is None else (window.ends_at - window.starts_at) / timedelta(days=1)
    reading = events / (measured or _SPEEDS.get(report_type, _SPEED))
    seconds = BEGIN_SECONDS + MARGIN * reading + SECONDS_A_DAY * days
    return max(now, waits_until or now) + timedelta(seconds=seconds)


def _share(month: date | None, window: Window, now: datetime) -> float:
    """The part of a month's events that lies in the span, if they come evenly."""
    if month is None:
        return 1.0
    first = datetime(month.year, month.month, 1, tzinfo=UTC)
    filled_until = min((first + timedelta(days=31)).replace(day=1), max(now, first + timedelta(days=1)))
    overlap = min(window.ends_at, filled_until) - max(window.starts_at, first)
    return max(0.0, min(1.0, overlap / (filled_until - first)))
