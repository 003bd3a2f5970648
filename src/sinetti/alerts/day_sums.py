"""Counts alerts by day and operations by hour, for the boards (docs/adr/0021). Background work, each minute.

Whole days and hours are counted anew, so that it does not matter how often, and what was missed is made up for.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any, Final
from zoneinfo import ZoneInfo

from sinetti.alerts.boards import CLUSTERS_MAX, PERIODS, Dimension, Period
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.jobs import Task
from sinetti.rules.alerts.vocabulary import ClosingReason

DAYS_KEPT: Final = max(PERIODS) + 2
"""Days that boards can show, today included: the longest period, and a little more."""
FALSE_REASONS: Final = frozenset(ClosingReason) - {
    ClosingReason.FALSIFICATION,
    ClosingReason.NO_ANSWER,
    ClosingReason.OTHER,
}
"""An alert closed with one of these was false: a cause was found, and it is no falsification. Of one that nobody
answered, nobody knows."""

_SQL = load_queries("sinetti.alerts.store", "day_sums.sql")
_LOCK: Final = 7_300_021
_OVERLAP: Final = timedelta(minutes=5)
"""What is written takes at most so long to be committed: analysing a thousand alerts takes 5 s."""
_HOURS_AT_ONCE: Final = 24
_SECONDS_MAX: Final = 40.0
"""A run that has more to do than that leaves the rest to the next one, a minute after it."""


def day_sum_tasks(database: Database, zone: ZoneInfo, clock: Clock) -> list[Task]:
    """All background work of this part. `zone` is where the days of the country begin."""

    async def count() -> None:
        await count_days(database, zone, clock())
        await count_hours(database, clock())

    async def recount() -> None:
        async with database.transaction() as tx:
            first_day = _day(clock(), zone) - timedelta(days=DAYS_KEPT)
            await tx.execute(_SQL["forget_days"], {"first_day": first_day})
            await tx.execute(_SQL["want_days"])

    return [
        Task(name="count_alert_days", run=count, every="* * * * *", attempts_max=1),
        Task(name="recount_alert_days", run=recount, every="40 1 * * *", attempts_max=1),
    ]


async def count_days(database: Database, zone: ZoneInfo, now: datetime) -> int:
    """Count the alerts of the days that are new or have changed, and return how many days it were."""
    last_day = _day(now, zone)
    async with database.transaction() as tx:
        row = await (await tx.execute(_SQL["last_count"])).fetchone()
        last_count = row[0] if row is not None and row[0] is not None else now
        values = {
            "first_day": last_day - timedelta(days=DAYS_KEPT - 1),
            "last_day": last_day,
            "since": last_count - _OVERLAP,
            "zone": zone.key,
        }
        days = [row[0] for row in await (await tx.execute(_SQL["days_to_count"], values)).fetchall()]
    has_changed = False
    for day in days:
        async with database.transaction() as tx:
            if not await _is_alone(tx):
                return 0
            has_changed = await _count_day(tx, day, zone, now) or has_changed
    await _make_boards(database, last_day, has_changed=has_changed)
    return len(days)


async def _make_boards(database: Database, last_day: date, *, has_changed: bool) -> None:
    """Sum the days of each period up, where one of them has changed or another day has begun."""
    async with database.transaction() as tx:
        row = await (await tx.execute(_SQL["boards_end"], {"periods": len(PERIODS)})).fetchone()
        if (row is not None and row[0] == last_day and not has_changed) or not await _is_alone(tx):
            return
        for days in PERIODS:
            period = Period.until(last_day, days)
            values = {"days": days, "at_most": CLUSTERS_MAX, **period.values()}
            await tx.execute(_SQL["clear_board"], values)
            await tx.execute(_SQL["make_board"], values)


async def _count_day(tx: Transaction, day: date, zone: ZoneInfo, now: datetime) -> bool:
    """Count a day; whether its sums are others than before."""
    values: dict[str, Any] = {
        "day": day,
        "now": now,
        "starts_at": _begin(day, zone),
        "ends_at": _begin(day + timedelta(days=1), zone),
        "false_reasons": sorted(FALSE_REASONS),
        # All there are: said, so that the day's rows are found by the key.
        "dimensions": ["all", "company_cause", *Dimension],
    }
    row = await (await tx.execute(_SQL["count_day"], values)).fetchone()
    await tx.execute(_SQL["note_day"], values)
    return row is not None and bool(row[0])


async def count_hours(database: Database, now: datetime) -> int:
    """Count the operations of the hours that are new or end, and return how many hours it were."""
    began, counted = time.monotonic(), 0
    last_hour = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    values = {
        "first_hour": last_hour - timedelta(days=DAYS_KEPT),
        "last_hour": last_hour,
        "at_most": DAYS_KEPT * 24 + 1,
    }
    async with database.transaction() as tx:
        hours = [row[0] for row in await (await tx.execute(_SQL["hours_to_count"], values)).fetchall()]
    for at in range(0, len(hours), _HOURS_AT_ONCE):
        async with database.transaction() as tx:
            if time.monotonic() - began > _SECONDS_MAX or not await _is_alone(tx):
                return counted
            for hour in hours[at : at + _HOURS_AT_ONCE]:
                ends_at = hour + timedelta(hours=1)
                await tx.execute(_SQL["count_hour"], {"starts_at": hour, "ends_at": ends_at, "now": now})
                counted += 1
    return counted


async def _is_alone(tx: Transaction) -> bool:
    row = await (await tx.execute(_SQL["lock"], {"lock": _LOCK})).fetchone()
    return row is not None and bool(row[0])


def _day(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time_of_day(), tzinfo=zone)
