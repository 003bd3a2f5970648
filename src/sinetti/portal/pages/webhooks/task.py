"""Tells the main users that their endpoint was paused because nothing got through. Background work."""

from __future__ import annotations

from uuid import UUID

from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, load_queries
from sinetti.kit.jobs import Task
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal.formats import formats
from sinetti.portal.mailing import post
from sinetti.portal.pages.webhooks.showing import pause_of
from sinetti.portal.words import page_words
from sinetti.rules.vocabulary import Language
from sinetti.webhooks import endpoints
from sinetti.webhooks.deliveries import TELL_OF_PAUSE

_QUERIES = load_queries("sinetti.portal.pages.webhooks", "webhooks.sql")


def tell_of_paused_webhook_task(database: Database, settings: Settings, sealer: Sealer, clock: Clock) -> Task:
    """Asked for in the transaction that pauses an endpoint. Whoever has resumed it since needs no mail."""

    async def tell(endpoint_id: str) -> None:
        async with database.transaction() as tx:
            endpoint = await endpoints.endpoint(tx, UUID(endpoint_id))
            if endpoint.paused_at is None:
                return
            values = {"organisation_id": endpoint.organisation_id}
            for email, spoken in await (await tx.execute(_QUERIES["list_main_users"], values)).fetchall():
                language = Language(spoken or settings.default_language)
                await post(
                    tx,
                    sealer,
                    settings,
                    page="webhooks",
                    key="paused",
                    to=email,
                    language=language,
                    path=f"/webhooks/{endpoint.endpoint_id}",
                    now=clock(),
                    values={
                        "address": endpoint.address,
                        "moment": formats(language, settings.zone)["moment"](endpoint.paused_at),
                        "why": pause_of(page_words("webhooks", language), endpoint),
                        "waiting": endpoint.waiting,
                    },
                )

    return Task(name=TELL_OF_PAUSE, run=tell)
