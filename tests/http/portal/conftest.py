"""The portal for tests without a browser: `async with portal.browser("location_user") as client:`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from tests.conftest import MovableClock
from tests.http.portal.world import PortalClient, a_portal

from sinetti.kit.db import Database


@pytest.fixture
async def portal(
    database_url: str, database: Database, clock: MovableClock, tmp_path: Path
) -> AsyncIterator[PortalClient]:
    """A portal with a database of its own."""
    async with a_portal(database_url, database, clock, tmp_path) as made:
        yield made
