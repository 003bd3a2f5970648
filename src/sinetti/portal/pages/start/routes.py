"""The start page after signing in: what waits, and what there is, by role."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.portal.pages.start.waiting import NOT_USED_DAYS, count_country, what_waits
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit


async def show(visit: Visit) -> Response:
    """The start page of whoever asks."""
    counted = await count_country(visit)
    waits = await what_waits(visit, counted)
    return visit.render("start.html", counted=counted, waits=waits, days=NOT_USED_DAYS)


PAGE = Page(
    name="start",
    menu=MenuEntry(route="start", group=MenuGroup.START, order=10),
    routes=(Route(name="start", path="/", action="see_start", handler=show),),
)
