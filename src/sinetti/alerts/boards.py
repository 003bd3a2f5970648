"""What the operator's boards show: clusters of alerts, their share of all operations, what has waited for longest.

Read from sums of days (`day_sums`), and for what waits from indexes: never from all alerts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Deadline, Side

PERIODS: Final = (7, 28, 90)
"""Days that boards can show, up to today."""
CLUSTERS_MAX: Final = 25
"""Clusters that a board shows, those with the most alerts."""
WAITING_MAX: Final = 10
"""Rows of what has waited for longest."""
COUNTED_MAX: Final = 10_000
"""Missed deadlines beyond this are not counted."""
TARGET_PER_THOUSAND: Final = 0.5
"""Alerts to a thousand operations: the European target of 0.05 % (DAZ 2022)."""

_SQL = load_queries("sinetti.alerts.store", "boards.sql")
_FRESH: Final = timedelta(days=1)


class Dimension(StrEnum):
    """What alerts of a cluster have in common."""

    BATCH = "batch"
    LOCATION = "location"
    EQUIPMENT = "equipment"
    SOFTWARE = "software"
    COMPANY = "company"
    CAUSE = "cause"
    CODE = "code"


_NAMED: Final = {Dimension.BATCH, Dimension.LOCATION, Dimension.EQUIPMENT, Dimension.COMPANY}


class Period(msgspec.Struct, frozen=True, kw_only=True):
    """Days of the country, the last one included, in steps: of a trend, each is a bar."""

    first_day: date
    last_day: date
    step_days: int

    @classmethod
    def until(cls, last_day: date, days: int) -> Period:
        """The last so many days; longer periods go by the week, whose last one is whole."""
        return cls(
            first_day=last_day - timedelta(days=days - 1),
            last_day=last_day,
            step_days=1 if days <= 31 else 7,  # noqa: PLR2004 - a month's bars fit a column
        )

    @property
    def length(self) -> int:
        """How many days it has."""
        return (self.last_day - self.first_day).days + 1

    def days(self) -> Iterator[date]:
        """Each day, the first one first."""
        for number in range(self.length):
            yield self.first_day + timedelta(days=number)

    @property
    def steps(self) -> int:
        """How many steps there are; the first one may be shorter."""
        return self.step_of(self.last_day) + 1

    def step_of(self, day: date) -> int:
        """The number of the step that a day is in, from nought."""
        whole = -(-self.length // self.step_days)
        return whole - 1 - (self.last_day - day).days // self.step_days

    def begins(self) -> list[date]:
        """The first day of each step."""
        return [
            max(self.first_day, self.last_day - timedelta(days=self.step_days * (self.steps - number) - 1))
            for number in range(self.steps)
        ]

    def values(self) -> dict[str, date]:
        """For SQL."""
        return {"first_day": self.first_day, "last_day": self.last_day}


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """Alerts that have something in common."""

    key: str
    """Number, code or name of it; the product code for a batch."""
    batch: str
    """Empty where it is no batch."""
    name: str | None
    place: str | None
    """Where or whose it is."""
    alerts: int
    open_alerts: int
    false_alerts: int
    trend: tuple[int, ...]
    """Alerts of each step of the period."""

    @property
    def false_share(self) -> float | None:
        """Of those that are closed, the part that turned out false, from 0 to 1; `None` while none is closed."""
        closed = self.alerts - self.open_alerts
        return self.false_alerts / closed if closed else None


class DayTotal(msgspec.Struct, frozen=True, kw_only=True):
    """All alerts and operations of the country on one day."""

    day: date
    alerts: int
    operations: int

    @property
    def per_thousand(self) -> float | None:
        """Alerts to a thousand operations; `None` on a day without any."""
        return 1000 * self.alerts / self.operations if self.operations else None


class OldOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert that has been open for long."""

    alert_id: str
    recorded_at: datetime
    kind: AlertKind
    status: AlertStatus
    product_code: str
    product_name: str | None
    location_name: str | None


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A deadline that somebody has missed and not made up for."""

    alert_id: str
    kind: AlertKind
    side: Side
    deadline: Deadline
    due_at: datetime


async def counted_at(tx: Transaction, now: datetime) -> datetime | None:
    """When the sums were last brought up to date; `None` if they were not within a day."""
    row = await (await tx.execute(_SQL["counted_at"], {"hours_since": now - _FRESH})).fetchone()
    return None if row is None else row[0]


async def clusters(tx: Transaction, dimension: Dimension, period: Period) -> tuple[list[Cluster], int]:
    """The clusters with the most alerts, and how many there are in all."""
    values: dict[str, Any] = {"dimension": dimension, "days": period.length, **period.values()}
    rows = await (await tx.execute(_SQL["clusters"], values)).fetchall()
    keys = [row[0] for row in rows]
    trends = {(row[0], row[1]): [0] * period.steps for row in rows}
    cursor = await tx.execute(
        _SQL["days_of_clusters"], {**values, "keys": keys, "batches": [row[1] for row in rows]}
    )
    for key, batch, day, alerts in await cursor.fetchall():
        trends[key, batch][period.step_of(day)] += alerts
    names = await _names(tx, dimension, keys)
    found = [
        Cluster(
            key=key,
            batch=batch,
            name=names.get(key, (None, None))[0],
            place=names.get(key, (None, None))[1],
            alerts=alerts,
            open_alerts=open_alerts,
            false_alerts=false_alerts,
            trend=tuple(trends[key, batch]),
        )
        for key, batch, alerts, open_alerts, false_alerts, _ in rows
    ]
    return found, rows[0][5] if rows else 0


async def _names(
    tx: Transaction, dimension: Dimension, keys: Sequence[str]
) -> Mapping[str, tuple[str | None, str | None]]:
    if dimension not in _NAMED:
        return {}
    cursor = await tx.execute(_SQL[f"names_{dimension}"], {"keys": list(keys)})
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def day_totals(tx: Transaction, period: Period, zone: ZoneInfo) -> list[DayTotal]:
    """Alerts and operations of each day of the period, in the country's time."""
    rows = await (await tx.execute(_SQL["alerts_by_day"], period.values())).fetchall()
    alerts = {row[0]: row[1] for row in rows}
    values = {
        "starts_at": datetime.combine(period.first_day, time(), tzinfo=zone),
        "ends_at": datetime.combine(period.last_day + timedelta(days=1), time(), tzinfo=zone),
        "zone": zone.key,
    }
    rows = await (await tx.execute(_SQL["operations_by_day"], values)).fetchall()
    operations = {row[0]: int(row[1]) for row in rows}
    return [
        DayTotal(day=day, alerts=alerts.get(day, 0), operations=operations.get(day, 0))
        for day in period.days()
    ]


async def oldest_open(tx: Transaction) -> list[OldOpen]:
    """The alerts that have been open for longest, the oldest first."""
    cursor = await tx.cursor(row_factory=rows_as(OldOpen)).execute(
        _SQL["oldest_open"], {"at_most": WAITING_MAX}
    )
    return list(await cursor.fetchall())


async def missed_deadlines(tx: Transaction, now: datetime) -> tuple[dict[Side, int], list[Missed]]:
    """How many deadlines each side has missed, `COUNTED_MAX` + 1 for more, and those missed first."""
    values = {
        "sides": [side.value for side in Side],
        "now": now,
        "counted_max": COUNTED_MAX,
        "at_most": WAITING_MAX,
    }
    rows = await (await tx.execute(_SQL["missed_by_side"], values)).fetchall()
    counts = {Side(row[0]): row[1] for row in rows}
    rows = await (await tx.execute(_SQL["longest_missed"], values)).fetchall()
    return counts, [
        Missed(
            alert_id=row[0],
            kind=AlertKind(row[1]),
            side=Side(row[2]),
            deadline=Deadline(row[3]),
            due_at=row[4],
        )
        for row in rows
    ]
