"""Sums of a company's alerts by batch: open ones, upload gaps and near misses (docs/adr/0025).

Triggers note each batch of which something changes, in the transaction of the change. A batch that is noted is counted
anew as a whole: by the worker soon after, or before somebody is shown it. So the sums are always right when they are
read, and a page reads a row for each batch instead of one for each alert.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from types import TracebackType
from typing import Any, Final, Self

import structlog

from sinetti.kit import tasks
from sinetti.kit.clock import Clock
from sinetti.kit.db import UNAVAILABLE, Database, Transaction, load_queries
from sinetti.rules.alerts.vocabulary import Side

EXAMPLES_MAX: Final = 3
"""Wrong values of a near miss that are kept beside its sums; the alerts have all."""
AT_ONCE: Final = 200
"""Sums that the worker counts in one transaction, for which somebody who opens the page meanwhile waits."""
PAUSE_SECONDS: Final = 1.0
PAUSE_SHARE: Final = 4.0
"""The worker rests this many times longer than it has counted, so that a huge batch which goes on growing does not take
all of its time."""

_SQL = load_queries("sinetti.alerts.store", "company_sums.sql")
_LOCK: Final = 7_300_025
_SIDE: Final = Side.OBP
"""A company's people and systems answer for the OBP, and for its MAHs with it (`cases.party_of`)."""
_KINDS: Final = ("batches", "gaps", "near_misses")
_log = structlog.get_logger(__name__)


async def bring_up_to_date(
    tx: Transaction,
    organisation_id: int,
    now: datetime,
    *,
    at_most: int | None = None,
    alerts_max: int | None = None,
) -> int:
    """Count anew what has changed of a company's batches, and return how many sums that were.

    Afterwards they say what the alerts say, for the rest of the transaction. With `at_most` only so many are counted,
    and with `alerts_max` only of batches that had so many alerts in all when they were last counted: see `is_counted`.
    """
    if await is_counted(tx, organisation_id, now):
        return 0
    company: dict[str, Any] = {"organisation_id": organisation_id, "now": now}
    await tx.execute(_SQL["lock_company"], company | {"lock": _LOCK})
    asked = company | {"at_most": at_most, "alerts_max": alerts_max}
    changed = await (await tx.execute(_SQL["take_changed"], asked)).fetchall()
    for kind in _KINDS:
        batches = [(row[1], row[2]) for row in changed if row[0] == kind]
        if not batches:
            continue
        values = {
            **company,
            "product_ids": [product_id for product_id, _ in batches],
            "batches": [batch for _, batch in batches],
            "side": _SIDE,
            "examples": EXAMPLES_MAX,
        }
        await tx.execute(_SQL[f"forget_{kind}"], values)
        await tx.execute(_SQL[f"count_{kind}"], values)
    return len(changed)


async def is_counted(tx: Transaction, organisation_id: int, now: datetime) -> bool:
    """Whether nothing of a company's alerts has changed since it was counted."""
    values = {"organisation_id": organisation_id, "now": now}
    row = await (await tx.execute(_SQL["is_to_count"], values)).fetchone()
    return row is not None and not row[0]


class CompanySums:
    """Counts in a worker process for as long as the block runs, so that pages find little left to count."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="company sums")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._task is not None
        await tasks.stop(self._task)

    async def count_once(self) -> int:
        """Count some of what has changed, of each company; how many sums it were."""
        counted = 0
        async with self._database.transaction() as tx:
            rows = await (await tx.execute(_SQL["companies_to_count"], {"now": self._clock()})).fetchall()
        for (organisation_id,) in rows:
            async with self._database.transaction() as tx:
                counted += await bring_up_to_date(tx, organisation_id, self._clock(), at_most=AT_ONCE)
        return counted

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            began = loop.time()
            try:
                await self.count_once()
            except UNAVAILABLE as error:
                _log.warning("company_sums_put_off", error=str(error))
            except Exception as error:  # noqa: BLE001 - pages count what is left; the next round tries again
                _log.error("company_sums_failed", exc_info=error)
            await asyncio.sleep(max(PAUSE_SECONDS, PAUSE_SHARE * (loop.time() - began)))
