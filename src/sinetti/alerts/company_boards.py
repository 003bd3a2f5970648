"""What a company's board shows of the alerts of its own products: by whose side the cause is on, by cause, by batch.

Read from the sums of days that the operator's boards read (docs/adr/0021). Locations are not in any of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from sinetti.alerts.boards import CLUSTERS_MAX, WAITING_MAX, Cluster, Period
from sinetti.alerts.guidance import READING
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Cause, CauseSide

_SQL = load_queries("sinetti.alerts.store", "company_boards.sql")


class Group(StrEnum):
    """On whose side the likeliest cause is; of the users' side, what is read or typed wrongly stands alone."""

    READING = "reading"
    END_USER = "end_user"
    MAH_OBP = "mah_obp"
    PARALLEL_DISTRIBUTOR = "parallel_distributor"
    OTHER_MARKET = "other_market"
    NOBODY = "nobody"
    NOT_ANALYSED = "not_analysed"
    """No cause is known yet."""


class Count(msgspec.Struct, kw_only=True):
    """Alerts of a period that have something in common."""

    alerts: int = 0
    open_alerts: int = 0
    false_alerts: int = 0
    trend: list[int]
    """Alerts of each step of the period."""

    def add(self, step: int, alerts: int, open_alerts: int, false_alerts: int) -> None:
        """Count a day in."""
        self.alerts += alerts
        self.open_alerts += open_alerts
        self.false_alerts += false_alerts
        self.trend[step] += alerts


class Causes(msgspec.Struct, frozen=True, kw_only=True):
    """A company's alerts by cause."""

    alerts: int
    open_alerts: int
    groups: Mapping[Group, Count]
    """Those that have alerts, in the order of `Group`."""
    causes: Mapping[Cause, Count]
    """The commonest first."""

    def share(self, group: Group) -> float | None:
        """Of all alerts that are analysed, the part that is in a group, from 0 to 1."""
        waiting = self.groups[Group.NOT_ANALYSED].alerts if Group.NOT_ANALYSED in self.groups else 0
        analysed = self.alerts - waiting
        if not analysed:
            return None
        return self.groups[group].alerts / analysed if group in self.groups else 0.0


class OldOpen(msgspec.Struct, frozen=True, kw_only=True):
    """An alert of the company that has been open for long."""

    alert_id: str
    recorded_at: datetime
    kind: AlertKind
    status: AlertStatus
    product_code: str
    batch: str | None
    product_name: str | None


def group_of(cause: Cause, rules: Rules) -> Group:
    """On whose side a cause is."""
    if cause in READING:
        return Group.READING
    side = next((row.side for row in rules.root_causes.values() if row.cause is cause), None)
    return Group(side or CauseSide.NOBODY)


async def by_cause(tx: Transaction, rules: Rules, organisation_id: int, period: Period) -> Causes:
    """The company's alerts of a period by side and cause."""
    values = {"company": str(organisation_id), **period.values()}
    days = await (await tx.execute(_SQL["company_days"], values)).fetchall()
    rows = await (await tx.execute(_SQL["causes_by_day"], values)).fetchall()

    def nothing() -> Count:
        return Count(trend=[0] * period.steps)

    groups: defaultdict[Group, Count] = defaultdict(nothing)
    causes: defaultdict[Cause, Count] = defaultdict(nothing)
    for name, day, *counted in rows:
        cause = Cause(name)
        causes[cause].add(period.step_of(day), *counted)
        groups[group_of(cause, rules)].add(period.step_of(day), *counted)
    whole = nothing()
    for day, alerts, open_alerts in days:
        whole.add(period.step_of(day), alerts, open_alerts, 0)
    trend = [
        in_all - sum(group.trend[step] for group in groups.values())
        for step, in_all in enumerate(whole.trend)
    ]
    if sum(trend) > 0:
        open_ones = whole.open_alerts - sum(group.open_alerts for group in groups.values())
        groups[Group.NOT_ANALYSED] = Count(alerts=sum(trend), open_alerts=max(open_ones, 0), trend=trend)
    return Causes(
        alerts=whole.alerts,
        open_alerts=whole.open_alerts,
        groups={group: groups[group] for group in Group if group in groups},
        causes=dict(sorted(causes.items(), key=lambda one: (-one[1].alerts, one[0]))),
    )


async def by_batch(tx: Transaction, organisation_id: int, period: Period) -> tuple[list[Cluster], int]:
    """The company's batches with the most alerts of a period, and how many have any."""
    values: dict[str, Any] = {
        "organisation_id": organisation_id,
        "at_most": CLUSTERS_MAX,
        **period.values(),
    }
    found = await (await tx.execute(_SQL["company_batches"], values)).fetchall()
    counts = {(row[0], row[1]): Count(trend=[0] * period.steps) for row in found}
    names: dict[str, str | None] = {}
    asked = {"keys": [key for key, _ in counts], "batches": [batch for _, batch in counts]}
    for key, batch, day, *counted, name in await (
        await tx.execute(_SQL["days_of_batches"], {**values, **asked})
    ).fetchall():
        counts[key, batch].add(period.step_of(day), *counted)
        names[key] = name
    clusters = [
        Cluster(
            key=key,
            batch=batch,
            name=names.get(key),
            place=None,
            alerts=count.alerts,
            open_alerts=count.open_alerts,
            false_alerts=count.false_alerts,
            trend=tuple(count.trend),
        )
        for (key, batch), count in counts.items()
    ]
    return clusters, found[0][2] if found else 0


async def oldest_open(tx: Transaction, organisation_id: int) -> list[OldOpen]:
    """The company's alerts that have been open for longest, the oldest first."""
    values = {"organisation_id": organisation_id, "at_most": WAITING_MAX}
    cursor = await tx.cursor(row_factory=rows_as(OldOpen)).execute(_SQL["oldest_open_of_company"], values)
    return list(await cursor.fetchall())
