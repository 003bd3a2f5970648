"""Facts of changes of IT system in the database."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import dict_row

from sinetti.kit.db import Transaction, load_queries
from sinetti.portal.access import Reach
from sinetti.portal.pages.changes.model import Change
from sinetti.portal.store.reach import reach_values

_QUERIES = load_queries("sinetti.portal.pages.changes", "changes.sql")
UNDER_WAY_MAX = 2_000
"""Changes that the list reads at most; a country has tens."""
EVERYWHERE = Reach(everything=True)


async def change_of_location(tx: Transaction, location_id: int) -> Change | None:
    """The newest change of IT system of a location that was not withdrawn."""
    found = await _list(tx, EVERYWHERE, of_location=location_id, limit=1)
    return found[0] if found else None


async def changes_under_way(
    tx: Transaction, reach: Reach, *, pattern: str = "%", forgiving: str = ""
) -> list[Change]:
    """All changes within reach that have not come to their end."""
    return await _list(tx, reach, under_way=True, pattern=pattern, forgiving=forgiving, limit=UNDER_WAY_MAX)


async def _list(
    tx: Transaction,
    reach: Reach,
    *,
    limit: int,
    of_location: int | None = None,
    under_way: bool = False,
    pattern: str = "%",
    forgiving: str = "",
) -> list[Change]:
    values: dict[str, Any] = {
        **reach_values(reach),
        "of_location": of_location,
        "under_way": under_way,
        "pattern": pattern,
        "forgiving": forgiving,
        "limit": limit,
    }
    cursor = await tx.cursor(row_factory=dict_row).execute(_QUERIES["list_changes"], values)
    return msgspec.convert(await cursor.fetchall(), list[Change])


async def mark_handed_over(tx: Transaction, equipment_id: int, name: str, now: datetime) -> bool:
    """Keep that its secret was handed over, whoever says so first; whether this was the first."""
    values = {"equipment_id": equipment_id, "name": name, "now": now}
    cursor = await tx.execute(_QUERIES["mark_handed_over"], values)
    return cursor.rowcount > 0


async def add_reminder(tx: Transaction, application_id: int, reminder: str, now: datetime) -> bool:
    """Whether this reminder has not been sent yet; from now on it has."""
    values = {"application_id": application_id, "reminder": reminder, "now": now}
    cursor = await tx.execute(_QUERIES["add_reminder"], values)
    return await cursor.fetchone() is not None
