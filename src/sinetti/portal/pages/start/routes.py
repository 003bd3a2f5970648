"""The start page after signing in: what is there and what needs care, by role."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from starlette.responses import Response

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import load_queries
from sinetti.portal.routing import MenuEntry, Page, Route
from sinetti.portal.store.reach import reach_values
from sinetti.portal.visit import Visit

NOT_USED_DAYS = 30
"""A pharmacy's system verifies packs each working day; one that is silent for a month is worth a question."""

_QUERIES = load_queries("sinetti.portal.pages.start", "start.sql")


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Figures of the start page."""

    locations: int
    equipment: int
    without_role: int
    locked: int
    not_used: int


async def show(visit: Visit) -> Response:
    """The start page of whoever asks."""
    cursor = await visit.tx.cursor(row_factory=rows_as(Counted)).execute(
        _QUERIES["count_country"],
        {**reach_values(visit.reach), "quiet_since": visit.now - timedelta(days=NOT_USED_DAYS)},
    )
    counted = await cursor.fetchone()
    assert counted is not None, "counting gives one row"
    return visit.render("start.html", counted=counted, days=NOT_USED_DAYS)


PAGE = Page(
    name="start",
    menu=MenuEntry(route="start", order=10),
    routes=(Route(name="start", path="/", action="see_start", handler=show),),
)
