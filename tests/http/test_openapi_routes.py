"""The document and the server know the same routes."""

from __future__ import annotations

import re

import pytest
from starlette.routing import Route

from sinetti.asgi import create_nmvs
from sinetti.contracts.endpoints import ENDPOINTS, PACK, PREFIX
from sinetti.kit.settings import Settings

PACK_ROUTES = {(method, _shape) for method in ("get", "patch") for _shape in (PACK, PREFIX + PACK)}
"""Answered before the router, because a serial number may hold slashes (`nmvs/http/targets.py`)."""


def shape(path: str) -> str:
    """The path without the names of its parameters, which are nobody's business but the code's."""
    return re.sub(r"{[^}]*}", "{}", path)


@pytest.fixture
async def served(database_url):
    system = create_nmvs(Settings(database_url=database_url))
    async with system.running():
        yield {
            (method.lower(), shape(route.path))
            for route in system._router.routes
            if isinstance(route, Route) and route.methods
            for method in route.methods - {"HEAD"}
        } | {(method, shape(path)) for method, path in PACK_ROUTES}


async def test_every_route_is_described_and_every_described_route_is_there(served):
    described = {(endpoint.method, shape(path)) for endpoint in ENDPOINTS for path in endpoint.paths}
    assert served - described == set(), "served, and nobody is told"
    assert described - served == set(), "told, and nobody is served"
