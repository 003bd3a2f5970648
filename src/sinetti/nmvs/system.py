"""The parts of one national system in one process: made together, started and stopped together."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from sinetti.kit import metrics
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database
from sinetti.kit.problems import Problem
from sinetti.nmvs.coalesce import Coalescer
from sinetti.nmvs.maintenance import Chore, chores_of, do_chores, keep_house
from sinetti.nmvs.model import PackRequest
from sinetti.nmvs.packs import Country
from sinetti.nmvs.singles import Reply, answer, conflicts

WAITING_MAX = 256
"""Requests that may wait for a round in one process: four rounds, some fifty milliseconds. More are told to come again
at once, because an answer that comes too late helps nobody (Delegated Regulation (EU) 2016/161 art. 35(1)(f):
300 ms)."""


@asynccontextmanager
async def pack_path(
    database: Database, country: Country, clock: Clock
) -> AsyncIterator[Coalescer[PackRequest, Reply | Problem]]:
    """The running coalescer of this process; on leaving, what waits is still answered."""

    async def work(requests: Sequence[PackRequest]) -> Sequence[Reply | Problem]:
        started = time.monotonic()
        async with database.connection() as connection, connection.pipeline(), connection.transaction():
            replies = await answer(connection, country, requests, clock())
        metrics.observe_round(len(requests), time.monotonic() - started)
        for reply in replies:
            # Only now: what was rolled back never happened.
            if isinstance(reply, Reply) and reply.judged is not None:
                metrics.count_outcome(*reply.judged)
        return replies

    coalescer = Coalescer(work, conflicts, waiting_max=WAITING_MAX)
    coalescer.start()
    try:
        yield coalescer
    finally:
        await coalescer.stop()


@asynccontextmanager
async def housekeeping(
    database: Database, country: Country, clock: Clock, more_chores: Sequence[Chore] = ()
) -> AsyncIterator[None]:
    """Chores done once before anything is served, and now and then from there on."""
    chores = [*chores_of(country), *more_chores]
    await do_chores(database, chores, clock())
    task = asyncio.create_task(keep_house(database, chores, clock), name="housekeeping")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
