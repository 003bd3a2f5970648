"""Makes the demo country in an empty database: participants, packs, and what happened to them; all or nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from sinetti.demo.demo_file import DemoFile, demo_file
from sinetti.demo.goods import upload_goods
from sinetti.demo.load import load_country
from sinetti.demo.participants import register
from sinetti.demo.past import carry_out, prepare_record
from sinetti.demo.plan import planned_steps
from sinetti.demo.samples import sample_pack
from sinetti.identity import registry
from sinetti.kit.db import Database, Transaction
from sinetti.nmvs.packs import Country

REGISTERED_DAYS_AGO = 1200
"""When the participants came in: before their first batch."""
_MARK = "demo-metso"


class _OneTransaction(Database):
    """A database of which only one transaction is used; those that use cases open become parts of it."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        async with self._tx.transaction():
            yield self._tx


async def is_empty(database: Database) -> bool:
    """Whether nobody is registered yet, so that a demo may be made here."""
    async with database.transaction() as tx:
        return not await registry.organisations(tx, limit=1)


async def has_demo(database: Database) -> bool:
    """Whether this is the database of a demo."""
    async with database.transaction() as tx:
        return any(equipment.client_id == _MARK for equipment in await registry.equipment(tx))


async def seed(
    database: Database,
    nation: Country,
    first_day: datetime,
    base_url: str,
    keep: Callable[[DemoFile], object],
) -> DemoFile:
    """Make the demo country, as it is at the moment `first_day`, in one transaction.

    `keep` gets what `demo.json` will say just before the transaction is committed: the secrets are in nothing
    else, so a demo whose secrets were not kept must not come to be.
    """
    country = load_country(first_day.astimezone(nation.zone).date())
    steps = planned_steps(country, first_day, nation.zone)
    async with database.transaction() as tx:
        within = _OneTransaction(tx)
        registered_at = first_day - timedelta(days=REGISTERED_DAYS_AGO)
        participants = await register(tx, country, nation.market, registered_at)
        await prepare_record(tx, steps)
        await upload_goods(within, country, participants, first_day)
        await carry_out(within, nation, country, participants, steps)
        demo = demo_file(
            base_url,
            first_day.replace(microsecond=0),
            tuple(participants.shown),
            tuple(sample_pack(sample, nation.rules, first_day, nation.zone) for sample in country.samples),
        )
        keep(demo)
    return demo
