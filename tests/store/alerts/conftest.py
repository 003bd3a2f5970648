"""The country of the alert tests, set up afresh for each."""

from __future__ import annotations

import pytest
from tests.store.alerts.world import World


@pytest.fixture
async def world(database, clock) -> World:
    made = World(database, clock)
    await made.set_up()
    return made
