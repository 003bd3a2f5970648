"""The worker's part: one attempt after the other until a message has arrived, or days have passed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Final
from uuid import UUID

import httpx
import msgspec
import structlog

from sinetti.kit import jobs
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.sealing import Sealer
from sinetti.webhooks import outgoing
from sinetti.webhooks.endpoints import purpose_of
from sinetti.webhooks.messages import DELIVER
from sinetti.webhooks.outgoing import Sent
from sinetti.webhooks.signing import headers_of

WAITS: Final = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""After each failure, as the Standard Webhooks specification proposes: more than three days in all."""
FREE_AFTER: Final = timedelta(seconds=60)
"""An attempt has ended by then, well or badly (`outgoing.SECONDS_MAX`), or its worker has died."""
SWEPT_MAX: Final = 5000
KEPT_DAYS: Final = 90
TELL_OF_PAUSE: Final = "tell_of_paused_webhook"
"""The task that tells people; whoever has the words for it brings it."""

_QUERIES = load_queries("sinetti.webhooks.store", "webhooks.sql")
_logger = structlog.get_logger(__name__)


def webhook_tasks(
    database: Database, sealer: Sealer, clock: Clock, client: httpx.AsyncClient
) -> list[jobs.Task]:
    """The tasks that deliver messages through this client, and forget old ones."""

    async def deliver(message_id: str, endpoint_id: str) -> None:
        await _deliver(database, sealer, clock, client, UUID(message_id), UUID(endpoint_id))

    async def forget() -> None:
        before = {"before": clock() - timedelta(days=KEPT_DAYS)}
        async with database.transaction() as tx:
            await tx.execute(_QUERIES["remove_old_messages"], before)
            await tx.execute(_QUERIES["remove_old_attempts"], before)

    async def sweep() -> None:
        await ask_again(database, clock())

    return [
        # A failed delivery is put off by its own row; what fails here is the database.
        jobs.Task(name=DELIVER, run=deliver),
        jobs.Task(name="sweep_webhooks", run=sweep, every="* * * * *"),
        jobs.Task(name="forget_webhooks", run=forget, every="53 3 * * *"),
    ]


async def ask_again(database: Database, now: datetime) -> int:
    """Have everything tried whose time has come, for what was lost on the way; how many. What is asked for twice is
    tried once: the first attempt keeps the others away.
    """
    async with database.transaction() as tx:
        cursor = await tx.execute(_QUERIES["find_overdue"], {"now": now, "at_most": SWEPT_MAX})
        overdue = await cursor.fetchall()
        for message_id, endpoint_id in overdue:
            await jobs.defer(tx, DELIVER, message_id=str(message_id), endpoint_id=str(endpoint_id))
    return len(overdue)


async def _deliver(
    database: Database,
    sealer: Sealer,
    clock: Clock,
    client: httpx.AsyncClient,
    message_id: UUID,
    endpoint_id: UUID,
) -> None:
    now = clock()
    named = {
        "message_id": message_id,
        "endpoint_id": endpoint_id,
        "now": now,
        "free_at": now + FREE_AFTER,
    }
    async with database.transaction() as tx:
        cursor = await tx.execute(_QUERIES["begin_delivery"], named)
        row = await cursor.fetchone()
        secrets = await _secrets(tx, sealer, endpoint_id, now)
    if row is None:
        return  # Arrived, given up, tried by another now, or the endpoint is paused: `resume` asks again.
    address, kind, occurred_at, content, attempts = row
    body = msgspec.json.encode({"type": kind, "timestamp": occurred_at, "data": content})
    # Outside any transaction: a slow receiver holds no lock.
    sent = await outgoing.send(client, address, body, headers_of(message_id, body, clock(), secrets))
    async with database.transaction() as tx:
        await _conclude(tx, sent, message_id, endpoint_id, attempts, clock())


async def _secrets(tx: Transaction, sealer: Sealer, endpoint_id: UUID, now: datetime) -> list[str]:
    cursor = await tx.execute(_QUERIES["find_secrets"], {"endpoint_id": endpoint_id, "now": now})
    row = await cursor.fetchone()
    opened = [sealer.open(sealed, purpose_of(endpoint_id)) for sealed in row or () if sealed is not None]
    return [secret for secret in opened if secret is not None]


async def _conclude(
    tx: Transaction, sent: Sent, message_id: UUID, endpoint_id: UUID, attempts: int, now: datetime
) -> None:
    """Write down what came of it, and what follows."""
    values = {
        "message_id": message_id,
        "endpoint_id": endpoint_id,
        "now": now,
        "milliseconds": sent.milliseconds,
        "http_status": sent.http_status,
        "fault": sent.fault,
    }
    cursor = await tx.execute(_QUERIES["organisation_of_endpoint"], {"endpoint_id": endpoint_id})
    row = await cursor.fetchone()
    assert row is not None, "a delivery has an endpoint"
    organisation_id, proven_at = row
    await tx.execute(_QUERIES["add_attempt"], values)
    if sent.fault is None:
        await tx.execute(_QUERIES["end_delivery"], values)
        if proven_at is None:
            await _prove(tx, organisation_id, endpoint_id, now)
        return
    _logger.info("webhook_failed", endpoint=str(endpoint_id), attempt=attempts, fault=sent.fault)
    if sent.http_status == HTTPStatus.GONE:
        await _pause(tx, values, "410 Gone")
    elif attempts > len(WAITS):
        await tx.execute(_QUERIES["give_up_delivery"], values)
        await _pause(tx, values, sent.fault)
    else:
        at = now + WAITS[attempts - 1]
        await tx.execute(_QUERIES["put_off_delivery"], {**values, "next_attempt_at": at})
        await jobs.defer(tx, DELIVER, at=at, message_id=str(message_id), endpoint_id=str(endpoint_id))


async def _pause(tx: Transaction, values: Mapping[str, object], reason: str) -> None:
    """Pause it, and have those told who can do something about it: nothing else would say that nothing comes."""
    cursor = await tx.execute(_QUERIES["pause_endpoint"], {**values, "reason": reason, "by_name": None})
    if await cursor.fetchone() is not None:
        await jobs.defer(tx, TELL_OF_PAUSE, endpoint_id=str(values["endpoint_id"]))


async def _prove(tx: Transaction, organisation_id: int, endpoint_id: UUID, now: datetime) -> None:
    """The first message that arrives proves an endpoint, and ends the one whose place it takes."""
    await tx.execute(_QUERIES["tell_alone"], {"organisation_id": organisation_id, "alone": True})
    cursor = await tx.execute(_QUERIES["prove_endpoint"], {"endpoint_id": endpoint_id, "now": now})
    ended = await cursor.fetchone()
    if ended is None:
        return
    values = {"from_endpoint": ended[0], "to_endpoint": endpoint_id, "now": now}
    cursor = await tx.execute(_QUERIES["take_over"], values)
    for (message_id,) in await cursor.fetchall():
        await jobs.defer(tx, DELIVER, message_id=str(message_id), endpoint_id=str(endpoint_id))
