"""Asks the wholesalers' locations that were added while a sales hold is in force, and tells their people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

from sinetti.alerts import sales_holds
from sinetti.alerts.files import Change
from sinetti.alerts.model import SYSTEM
from sinetti.alerts.sales_holds import Newcomer
from sinetti.alerts.sales_holds_seen import Hold, find_hold
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.jobs import Task
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.audit import Actor
from sinetti.portal.pages.sales_holds.letters import mail_hold
from sinetti.rules.load import load_rules

SINETTI: Final = "Sinetti"
"""Who asks: nobody else is there."""


def ask_newcomers_task(database: Database, settings: Settings, sealer: Sealer, clock: Clock) -> Task:
    """The task that looks each minute, by whatever way a location came: added, opened again, made a wholesaler's."""
    rules = load_rules(settings.market)

    async def ask() -> None:
        now = clock()
        async with database.transaction() as tx:
            change = Change(rules=rules, doer=msgspec.structs.replace(SYSTEM, user_name=SINETTI), now=now)
            for hold_id, newcomers in (await sales_holds.ask_newcomers(tx, change)).items():
                hold = await find_hold(tx, hold_id)
                assert hold is not None, "it was found just now"
                await _audit(tx, hold, newcomers, now)
                await mail_hold(
                    tx, sealer, settings, hold, now, location_ids=[new.location_id for new in newcomers]
                )

    return Task(name="ask_newcomers_to_hold", run=ask, every="* * * * *")


async def _audit(tx: Transaction, hold: Hold, newcomers: Sequence[Newcomer], now: datetime) -> None:
    for one in newcomers:
        await audit.record(
            tx,
            Actor(who=None, name=SINETTI),
            now,
            action="sales_hold_asked_later",
            object_kind="sales_hold",
            object_id=hold.hold_id,
            object_name=f"{hold.product_code} {hold.batch}",
            concern=Concern(organisation_id=one.organisation_id, location_id=one.location_id),
            new={"batch": hold.batch},
        )
