"""Is the system there, can it serve, and its figures for Prometheus."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti import __version__
from sinetti.contracts.status import Health
from sinetti.kit.db import Database
from sinetti.kit.metrics import render_metrics
from sinetti.kit.web import endpoint, json_response
from sinetti.nmvs.packs import Country


def routes(database: Database, country: Country) -> list[Route]:
    """Routes for those who watch the system."""

    @endpoint
    async def live(_request: Request) -> Response:
        return json_response(_health(country))

    @endpoint
    async def ready(_request: Request) -> Response:
        async with database.connection() as connection:
            await connection.execute("SELECT 1 FROM identity_epoch")
        return json_response(_health(country))

    @endpoint
    async def figures(_request: Request) -> Response:
        body, content_type = render_metrics()
        return Response(body, media_type=content_type)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", figures, methods=["GET"]),
    ]


def _health(country: Country) -> Health:
    return Health(
        status="ok", version=__version__, market=country.market, rules_version=country.rules.version
    )
