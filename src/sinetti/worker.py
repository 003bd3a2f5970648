"""Composition root of the worker: background work of all parts, in a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import httpx

from sinetti.alerts.analysis import analyser_of
from sinetti.alerts.company_sums import CompanySums
from sinetti.alerts.day_sums import day_sum_tasks
from sinetti.alerts.guidance import prove_guidance
from sinetti.alerts.intake import AlertIntake
from sinetti.kit.clock import Clock, system_clock
from sinetti.kit.db import Database
from sinetti.kit.jobs import RUN_AT_ONCE, Task, working
from sinetti.kit.logging import configure_logging
from sinetti.kit.sealing import Sealer, sealer_of
from sinetti.kit.settings import Settings
from sinetti.mail.queue import forget_mail_task, send_mail_task
from sinetti.mail.transport import transport_of
from sinetti.nmvs.packs import Country
from sinetti.portal.legitimacy_notices import legitimacy_notices_task
from sinetti.portal.notice_mails import notice_tasks
from sinetti.portal.pages.changes.reminders import close_locations_task, remind_of_changes_task
from sinetti.portal.pages.forgotten.task import send_password_link_task
from sinetti.portal.pages.sales_holds.newcomers import ask_newcomers_task
from sinetti.portal.pages.webhooks.task import tell_of_paused_webhook_task
from sinetti.portal.results import result_makers
from sinetti.reports.making.tasks import report_tasks
from sinetti.reports.personal import personal_tasks
from sinetti.rules.load import load_rules
from sinetti.webhooks import outgoing
from sinetti.webhooks.deliveries import webhook_tasks

REPORT_CONNECTIONS_MAX = 11
"""A report, a window of alerts, a workbook, a report for the authority and a file of alerts can be made at a time, each
reading by one and writing by another; and days are counted."""


@asynccontextmanager
async def a_worker(settings: Settings, clock: Clock = system_clock) -> AsyncIterator[asyncio.Task[None]]:
    """Do background work for as long as the block runs; yields what ends when it can go on no more.

    The settings must name a database that runs.
    """
    configure_logging(settings.log_level)
    url = settings.known_database_url
    async with AsyncExitStack() as parts:
        rules = load_rules(settings.market)
        prove_guidance(rules.alerts)
        database = await parts.enter_async_context(await Database.open(url, pool_max=RUN_AT_ONCE + 2))
        await parts.enter_async_context(AlertIntake(database, rules, analyser_of(rules), clock))
        await parts.enter_async_context(CompanySums(database, clock))
        client = outgoing.client(private_too=settings.private_webhooks == "yes")
        await parts.enter_async_context(client)
        country = Country(
            market=settings.market,
            rules=rules,
            zone=settings.zone,
            portal_address=settings.portal_address,
        )
        sealer = sealer_of(settings.home)
        tasks = tasks_of(database, settings, sealer, clock, client)
        tasks += notice_tasks(database, settings, sealer, country, clock)
        # Connections of their own: a report holds one for minutes, and mail must not wait for it.
        for_reports = await parts.enter_async_context(
            await Database.open(url, pool_max=REPORT_CONNECTIONS_MAX)
        )
        tasks += report_tasks(for_reports, country, clock)
        tasks += personal_tasks(for_reports, result_makers(country), clock)
        # For the same reason: the first count of a large record takes minutes.
        tasks += day_sum_tasks(for_reports, settings.zone, clock)
        yield await parts.enter_async_context(working(url, tasks))


def tasks_of(
    database: Database, settings: Settings, sealer: Sealer, clock: Clock, client: httpx.AsyncClient
) -> list[Task]:
    """All background work there is. `client` reaches the systems of others."""
    return [
        send_mail_task(database, sealer, transport_of(settings), settings.mail_from, clock),
        forget_mail_task(database, clock),
        send_password_link_task(database, settings, sealer, clock),
        tell_of_paused_webhook_task(database, settings, sealer, clock),
        *webhook_tasks(database, sealer, clock, client),
        legitimacy_notices_task(database, sealer, settings, clock),
        remind_of_changes_task(database, settings, sealer, clock),
        close_locations_task(database, settings, clock),
        ask_newcomers_task(database, settings, sealer, clock),
    ]
