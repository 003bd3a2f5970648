"""For those who watch the service. Tells nothing that a stranger may not know."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.kit.web import json_response
from sinetti.portal.routing import Page, Route
from sinetti.portal.visit import Visit


async def ready(_visit: Visit) -> Response:
    """Every request opens a transaction first, so whoever gets here has reached the database."""
    return json_response({"status": "ok"})


PAGE = Page(
    name="health",
    routes=(Route(name="health", path="/health/ready", action="ask_health", handler=ready, is_page=False),),
)
