"""Reminders of changes of IT system that stand still, each sent once; and the closing of locations after their day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import msgspec

from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.jobs import Task
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.audit import Actor
from sinetti.portal.mailing import post
from sinetti.portal.pages.applications.steps import closing_reason
from sinetti.portal.pages.applications.store import list_due_closings, list_operators
from sinetti.portal.pages.changes import store
from sinetti.portal.pages.changes.model import Change
from sinetti.portal.pages.changes.progress import is_under_way, steps_of
from sinetti.portal.store.locations import close_location
from sinetti.rules.applications.vocabulary import ApplicationState
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language, ParameterName

LATE = "late"
OLD_OPEN = "old_open"


class Patience(msgspec.Struct, frozen=True, kw_only=True):
    """How long is waited before somebody is reminded."""

    late_days: int
    old_open_days: int


def due_reminders(change: Change, patience: Patience, now: datetime, today: date) -> Iterator[str]:
    """What somebody should be reminded of. Pure."""
    if change.state is not ApplicationState.APPROVED:
        return
    worked_at = None if change.new is None else change.new.first_worked_at
    planned_on = change.asks.planned_on
    if (
        worked_at is None
        and planned_on is not None
        and today >= planned_on + timedelta(days=patience.late_days)
    ):
        yield LATE
    if worked_at is not None and now >= worked_at + timedelta(days=patience.old_open_days):
        yield OLD_OPEN


def remind_of_changes_task(database: Database, settings: Settings, sealer: Sealer, clock: Clock) -> Task:
    """The task that looks every hour for changes that stand still. Done twice it sends nothing twice."""
    rules = load_rules(settings.market)
    patience = Patience(
        late_days=rules.parameters[ParameterName.IT_SYSTEM_CHANGE_LATE_DAYS].value,
        old_open_days=rules.parameters[ParameterName.IT_SYSTEM_CHANGE_OLD_OPEN_DAYS].value,
    )

    async def remind() -> None:
        now = clock()
        today = now.astimezone(settings.zone).date()
        async with database.transaction() as tx:
            for change in await store.changes_under_way(tx, store.EVERYWHERE):
                if not is_under_way(steps_of(change, rules.applications.waits_for)):
                    continue
                for reminder in due_reminders(change, patience, now, today):
                    if await store.add_reminder(tx, change.application_id, reminder, now):
                        await _send(tx, settings, sealer, change, reminder, now)

    return Task(name="remind_of_changes", run=remind, every="23 * * * *")


async def _send(
    tx: Transaction, settings: Settings, sealer: Sealer, change: Change, reminder: str, now: datetime
) -> None:
    readers = [(change.applied_by_email, change.applied_by_language)]
    if reminder == OLD_OPEN:
        readers = [(one.email, one.language) for one in await list_operators(tx)]
    assert change.asks.planned_on is not None, "the application asks for the day"
    for email, language in readers:
        await post(
            tx,
            sealer,
            settings,
            page="changes",
            key=reminder,
            to=email,
            language=Language(language),
            path=f"/locations/{change.location_id}/change",
            now=now,
            values={
                "name": change.location_name,
                "organisation": change.organisation_name,
                "system": change.asks.system_name,
                "day": change.asks.planned_on.isoformat(),
            },
        )


def close_locations_task(database: Database, settings: Settings, clock: Clock) -> Task:
    """The task that closes locations after their last day. What is closed is not found again."""

    async def close() -> None:
        now = clock()
        async with database.transaction() as tx:
            for due in await list_due_closings(tx, now.astimezone(settings.zone).date()):
                reason = closing_reason(due["application_id"])
                await close_location(tx, due["location_id"], reason=reason, now=now)
                await audit.record(
                    tx,
                    Actor(who=None, name="Sinetti"),
                    now,
                    action="location_closed",
                    object_kind="location",
                    object_id=due["location_id"],
                    object_name=due["name"],
                    concern=Concern(organisation_id=due["organisation_id"], location_id=due["location_id"]),
                    ground=f"application {due['application_id']}",
                )

    return Task(name="close_locations", run=close, every="3 * * * *")
