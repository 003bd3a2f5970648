"""The operator's boards: clusters of alerts, their share of all operations, and what has waited for longest."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from sinetti.alerts import boards
from sinetti.alerts.boards import Cluster, Dimension, Period
from sinetti.alerts.root_cause.words import cause_name
from sinetti.portal.pages.boards import drawing
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import Side
from sinetti.rules.vocabulary import Cause

USUAL_DAYS: Final = 28
STALE: Final = timedelta(minutes=10)
"""Sums that are older than this mean that no worker runs: they are renewed each minute."""


async def show_boards(visit: Visit) -> Response:
    """The clusters of one dimension in one period, and what concerns all alerts."""
    given, zone = visit.request.query_params, visit.portal.settings.zone
    days = next((days for days in boards.PERIODS if str(days) == given.get("days")), USUAL_DAYS)
    by = next((one for one in Dimension if one.value == given.get("by")), Dimension.BATCH)
    period = Period.until(visit.now.astimezone(zone).date(), days)
    found, cluster_count = await boards.clusters(visit.tx, by, period)
    totals = await boards.day_totals(visit.tx, period, zone)
    counted_at = await boards.counted_at(visit.tx, visit.now)
    missed, longest_missed = await boards.missed_deadlines(visit.tx, visit.now)
    alerts, operations = sum(day.alerts for day in totals), sum(day.operations for day in totals)
    most = max((number for cluster in found for number in cluster.trend), default=1)
    return visit.render(
        "boards.html",
        by=by.value,
        days=days,
        periods=boards.PERIODS,
        dimensions=[(one.value, visit.words["dimension"][one]) for one in Dimension],
        clusters=[
            {
                "cluster": cluster,
                "name": _name(visit, by, cluster),
                "all_link": _list_address(visit, by, cluster, period, "any"),
                "open_link": _list_address(visit, by, cluster, period, ""),
                "bars": drawing.bars(cluster.trend, most),
            }
            for cluster in found
        ],
        cluster_count=cluster_count,
        trends=[(f"{_name(visit, by, one)} {one.batch}".strip(), one.trend) for one in found],
        begins=period.begins(),
        bars_width=drawing.bars_width(period.steps),
        drawing=drawing,
        weekly=period.step_days > 1,
        totals=totals,
        alerts=alerts,
        operations=operations,
        per_thousand=1000 * alerts / operations if operations else None,
        target=boards.TARGET_PER_THOUSAND,
        chart=drawing.chart([day.per_thousand for day in totals], boards.TARGET_PER_THOUSAND),
        counted_at=counted_at,
        is_stale=counted_at is None or visit.now - counted_at > STALE,
        oldest=await boards.oldest_open(visit.tx),
        missed=[(side, missed[side]) for side in Side if missed[side]],
        longest_missed=longest_missed,
        counted_max=boards.COUNTED_MAX,
        said=visit.rules.alerts.words[visit.language],
        address=lambda **changes: _address(visit, {"by": by.value, "days": days, **changes}),
    )


def _address(visit: Visit, query: dict[str, object]) -> str:
    return f"{visit.url('boards')}?{urlencode(query)}"


def _name(visit: Visit, by: Dimension, cluster: Cluster) -> str:
    """What a cluster is called."""
    if by is Dimension.CAUSE:
        return cause_name(Cause(cluster.key), visit.language)
    if by is Dimension.CODE:
        code = visit.rules.codes.get(cluster.key)
        text = code.texts[visit.language].message if code is not None and code.texts else ""
        return f"{cluster.key} {text}".strip()
    return cluster.name or cluster.key


_FILTERS: Final[dict[Dimension, Sequence[str]]] = {
    Dimension.BATCH: ("product", "batch"),
    Dimension.LOCATION: ("location",),
    Dimension.EQUIPMENT: ("equipment",),
    Dimension.SOFTWARE: ("software",),
    Dimension.COMPANY: ("company",),
    Dimension.CAUSE: ("cause",),
    Dimension.CODE: ("code",),
}


def _list_address(visit: Visit, by: Dimension, cluster: Cluster, period: Period, status: str) -> str:
    """The list of just these alerts."""
    last_day: date = period.last_day
    query = dict(zip(_FILTERS[by], (cluster.key, cluster.batch), strict=False))
    query |= {"from": period.first_day.isoformat(), "until": last_day.isoformat()}
    if status:
        query["status"] = status
    return f"{visit.url('alerts')}?{urlencode(query)}"


PAGE = Page(
    name="boards",
    menu=MenuEntry(route="boards", group=MenuGroup.INVESTIGATION, order=15),
    routes=(Route(name="boards", path="/boards", action="see_boards", handler=show_boards),),
)
