"""The worker process takes alerts in, beside its other work."""

from __future__ import annotations

import asyncio

from tests.store.alerts.world import World

from sinetti.kit.settings import Settings
from sinetti.worker import a_worker


async def test_a_worker_that_runs_makes_a_case_of_an_alert(database, database_url, clock, home):
    world = World(database, clock)
    await world.set_up()
    async with a_worker(Settings(database_url=database_url, home=home), clock):
        await world.scan("A", "verify", "UNKNOWN1")
        async with asyncio.timeout(20):
            while not await world.rows("SELECT 1 FROM alert_file WHERE cause IS NOT NULL"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    assert len(await world.rows("SELECT * FROM alert_case")) >= 1
