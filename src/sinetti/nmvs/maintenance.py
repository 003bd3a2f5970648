"""What a national system does for itself now and then: partitions ahead of time, and forgetting what has run out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

import structlog

from sinetti.kit.clock import Clock
from sinetti.kit.db import UNAVAILABLE, Database
from sinetti.nmvs.packs import Country
from sinetti.nmvs.store import answers, packs

Chore = Callable[[Database, datetime], Awaitable[object]]

INTERVAL_SECONDS = 600.0

_log = structlog.get_logger(__name__)


def chores_of(country: Country) -> list[Chore]:
    """The chores of the pack path. Other parts add theirs where the system is put together."""
    lifetime = timedelta(hours=country.rules.parameters["idempotency_lifetime_hours"].value)

    async def ensure_event_months(database: Database, now: datetime) -> None:
        async with database.transaction() as tx:
            await packs.ensure_event_months(tx, now)

    async def forget_answers(database: Database, now: datetime) -> None:
        async with database.transaction() as tx:
            await answers.remove_old_answers(tx, now - lifetime)

    return [ensure_event_months, forget_answers]


async def do_chores(database: Database, chores: Sequence[Chore], now: datetime) -> None:
    """All chores, one after the other."""
    for chore in chores:
        await chore(database, now)


async def keep_house(database: Database, chores: Sequence[Chore], clock: Clock) -> None:
    """Do the chores every ten minutes until cancelled. What fails is logged and tried again next time."""
    while True:
        await asyncio.sleep(INTERVAL_SECONDS)
        try:
            await do_chores(database, chores, clock())
        except UNAVAILABLE as error:
            _log.warning("chores_put_off", error=str(error))
