"""A company's board: how its alerts go by week, whose side the causes are on, which batches, and what waits."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlencode

from starlette.responses import Response

from sinetti.alerts import boards, company_boards
from sinetti.alerts.boards import Period
from sinetti.alerts.company_boards import Group, group_of
from sinetti.alerts.root_cause.words import cause_name
from sinetti.portal.pages.boards import drawing
from sinetti.portal.pages.boards.routes import STALE
from sinetti.portal.pages.product_alerts import store
from sinetti.portal.pages.product_alerts.company import company_of
from sinetti.portal.visit import Visit

USUAL_DAYS: Final = 90
"""Thirteen weeks: a batch is on sale for months."""


async def show_overview(visit: Visit) -> Response:
    """The company's own alerts of a period, and what waits however old it is."""
    company = await company_of(visit)
    given, tx = visit.request.query_params, visit.tx
    days = next((days for days in boards.PERIODS if str(days) == given.get("days")), USUAL_DAYS)
    period = Period.until(visit.now.astimezone(visit.portal.settings.zone).date(), days)
    causes = await company_boards.by_cause(tx, visit.rules, company.organisation_id, period)
    batches, batch_count = await company_boards.by_batch(tx, company.organisation_id, period)
    counted_at = await boards.counted_at(tx, visit.now)
    span = {"from": period.first_day.isoformat(), "until": period.last_day.isoformat(), "status": "any"}
    return visit.render(
        "overview.html",
        is_counted=company.is_counted,
        days=days,
        periods=boards.PERIODS,
        weekly=period.step_days > 1,
        begins=period.begins(),
        counted_at=counted_at,
        is_stale=counted_at is None or visit.now - counted_at > STALE,
        causes=causes,
        reading_share=causes.share(Group.READING),
        groups=[(visit.words["group"][group], count) for group, count in causes.groups.items()],
        share=lambda count: count.alerts / causes.alerts if causes.alerts else 0,
        named_causes=[
            (
                cause_name(cause, visit.language),
                visit.words["group"][group_of(cause, visit.rules)],
                count,
                _alerts(visit, {"cause": cause.value, **span}),
            )
            for cause, count in causes.causes.items()
        ],
        batches=[(one, _alerts(visit, {"product": one.key, "batch": one.batch, **span})) for one in batches],
        batch_count=batch_count,
        drawing=drawing,
        bars_width=drawing.bars_width(period.steps),
        counted=await store.count_alerts(tx, company.organisation_id),
        late=await store.late_batches(tx, company.organisation_id, boards.WAITING_MAX),
        oldest=await company_boards.oldest_open(tx, company.organisation_id),
        said=visit.rules.alerts.words[visit.language],
    )


def _alerts(visit: Visit, query: dict[str, str]) -> str:
    return f"{visit.url('alerts')}?{urlencode(query)}"
