"""Is the system there, can it serve, and its figures for Prometheus."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from sinetti import __version__
from sinetti.announcements.model import Announcement
from sinetti.announcements.store import shown
from sinetti.contracts.status import Health, StatusAnnouncement
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database
from sinetti.kit.metrics import render_metrics
from sinetti.kit.web import endpoint, json_response, request_language
from sinetti.nmvs.packs import Country
from sinetti.rules.vocabulary import Language


def routes(database: Database, country: Country, clock: Clock) -> list[Route]:
    """Routes for those who watch the system."""

    @endpoint
    async def live(_request: Request) -> Response:
        return json_response(_health(country))

    @endpoint
    async def ready(request: Request) -> Response:
        language = Language(request_language(request))
        async with database.connection() as connection:
            await connection.execute("SELECT 1 FROM identity_epoch")
            announced = await shown(connection, clock())
        return json_response(_health(country, [_told(one, language) for one in announced]))

    @endpoint
    async def figures(_request: Request) -> Response:
        body, content_type = render_metrics()
        return Response(body, media_type=content_type)

    return [
        Route("/health/live", live, methods=["GET"]),
        Route("/health/ready", ready, methods=["GET"]),
        Route("/metrics", figures, methods=["GET"]),
    ]


def _health(country: Country, announcements: list[StatusAnnouncement] | None = None) -> Health:
    return Health(
        status="ok",
        version=__version__,
        market=country.market,
        rules_version=country.rules.version,
        announcements=announcements or [],
    )


def _told(announcement: Announcement, language: Language) -> StatusAnnouncement:
    return StatusAnnouncement(
        level=announcement.level.value,
        text=announcement.text(language),
        starts_at=announcement.starts_at,
        ends_at=announcement.ends_at,
    )
