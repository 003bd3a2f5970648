"""Tells organisations by mail that the check of their locations' legitimacy comes. Background work, once a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.clock import Clock
from sinetti.kit.db import Database, Transaction, load_queries
from sinetti.kit.jobs import Task
from sinetti.kit.sealing import Sealer
from sinetti.kit.settings import Settings
from sinetti.portal.country_rules import country_rules
from sinetti.portal.formats import formats
from sinetti.portal.legitimacy import calendar
from sinetti.portal.mailing import post
from sinetti.rules.vocabulary import Language

NAMES_MAX = 10
"""Locations that a mail names; a chain finds the others in its list."""

_QUERIES = load_queries("sinetti.portal.store", "legitimacy_notices.sql")


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A location whose check comes, and of which nobody has been told."""

    organisation_id: int
    location_id: int
    name: str
    due_on: date


class Reader(msgspec.Struct, frozen=True, kw_only=True):
    """Who of the organisation gets the mail."""

    email: str
    language: Language | None
    """`None` for an address that is no person's: the language of the installation."""


def legitimacy_notices_task(database: Database, sealer: Sealer, settings: Settings, clock: Clock) -> Task:
    """Once a day, early: who reads it in the morning can ask at once."""

    async def run() -> None:
        await send_notices(database, sealer, settings, clock)

    return Task(name="legitimacy_notices", run=run, every="10 3 * * *")


async def send_notices(database: Database, sealer: Sealer, settings: Settings, clock: Clock) -> int:
    """Tell each organisation once of each check, and return how many mails were queued."""
    now = clock()
    days = calendar(country_rules(settings.market), settings.zone, now)
    async with database.transaction() as tx:
        cursor = await tx.cursor(row_factory=rows_as(Due)).execute(_QUERIES["list_untold"], days.values())
        untold = await cursor.fetchall()
    mails = 0
    for organisation_id, due in groupby(untold, key=lambda one: one.organisation_id):
        # A transaction for each, so that one organisation's trouble leaves the others their mail.
        async with database.transaction() as tx:
            readers = await _readers(tx, organisation_id)
            told = [one for one in due if readers and await _note(tx, one, now)]
            for reader in readers if told else ():
                language = reader.language or Language(settings.default_language)
                await post(
                    tx,
                    sealer,
                    settings,
                    page="legitimacy",
                    key="coming",
                    to=reader.email,
                    language=language,
                    path="/locations",
                    now=now,
                    values={
                        "day": formats(language, settings.zone)["day"](min(one.due_on for one in told)),
                        "names": _named(told),
                    },
                )
                mails += 1
    return mails


def _named(told: Sequence[Due]) -> str:
    names = ", ".join(one.name for one in told[:NAMES_MAX])
    return f"{names} … (+{len(told) - NAMES_MAX})" if len(told) > NAMES_MAX else names


async def _readers(tx: Transaction, organisation_id: int) -> list[Reader]:
    cursor = await tx.cursor(row_factory=rows_as(Reader)).execute(
        _QUERIES["list_readers"], {"organisation_id": organisation_id}
    )
    return await cursor.fetchall()


async def _note(tx: Transaction, due: Due, now: object) -> bool:
    """Whether this is the first time. A second worker waits here, and then finds that it is not."""
    cursor = await tx.execute(
        _QUERIES["note_told"], {"location_id": due.location_id, "due_on": due.due_on, "now": now}
    )
    return await cursor.fetchone() is not None
