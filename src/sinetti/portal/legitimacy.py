"""How a location stands with the check of its legitimacy (Delegated Regulation (EU) 2016/161 art. 37(b))."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import msgspec

from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import ParameterName

_QUERIES = load_queries("sinetti.portal.store", "legitimacy.sql")


class Standing(StrEnum):
    """Where a location stands."""

    NEVER = "never"
    OVERDUE = "overdue"
    COMING = "coming"
    DONE = "done"


class Calendar(msgspec.Struct, frozen=True, kw_only=True):
    """The day it is in the country, and what the parameters say of it."""

    today: date
    months: int
    """A check holds for so long."""
    notice_until: date
    """Checks due until this day are told of."""

    def values(self) -> dict[str, object]:
        """As the queries take it."""
        return {"today": self.today, "months": self.months, "notice_until": self.notice_until}


class LastCheck(msgspec.Struct, frozen=True, kw_only=True):
    """The newest check of a location."""

    checked_on: date | None
    due_on: date | None
    standing: Standing


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Locations that wait for a check."""

    never: int
    overdue: int
    coming: int


def calendar(rules: Rules, zone: ZoneInfo, now: datetime) -> Calendar:
    """What holds today."""
    today = now.astimezone(zone).date()
    notice = timedelta(days=rules.parameters[ParameterName.LEGITIMACY_NOTICE_DAYS].value)
    months = rules.parameters[ParameterName.LEGITIMACY_CHECK_MONTHS].value
    return Calendar(today=today, months=months, notice_until=today + notice)


async def last_check(tx: Transaction, location_id: int, calendar: Calendar) -> LastCheck:
    """How one location stands."""
    cursor = await tx.cursor(row_factory=rows_as(LastCheck)).execute(
        _QUERIES["last_check"], {"location_id": location_id, **calendar.values()}
    )
    found: LastCheck | None = await cursor.fetchone()
    assert found is not None, "the concern of the route has found the location"
    return found


async def count_waiting(tx: Transaction, calendar: Calendar) -> Counted:
    """How many locations of the country wait for a check."""
    cursor = await tx.cursor(row_factory=rows_as(Counted)).execute(
        _QUERIES["count_waiting"], calendar.values()
    )
    counted: Counted | None = await cursor.fetchone()
    assert counted is not None, "counting gives one row"
    return counted
