"""Announcements in the database. Nothing here is asked for by pack requests."""

from __future__ import annotations

from datetime import datetime

from sinetti.announcements.model import Announcement, Draft
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries

SHOWN_MAX = 5
"""Announcements on a page at most: nobody reads more."""
LISTED_MAX = 200

_QUERIES = load_queries("sinetti.announcements", "announcements.sql")


async def add(tx: Transaction, draft: Draft, *, made_by: int | None, made_by_name: str, now: datetime) -> int:
    """Announce it; returns its number."""
    cursor = await tx.execute(
        _QUERIES["add_announcement"],
        {
            "level": draft.level.value,
            "text_fi": draft.text_fi,
            "text_sv": draft.text_sv,
            "text_en": draft.text_en,
            "audience": [kind.value for kind in draft.audience],
            "starts_at": draft.starts_at,
            "ends_at": draft.ends_at,
            "made_by": made_by,
            "made_by_name": made_by_name,
            "now": now,
        },
    )
    row = await cursor.fetchone()
    assert row is not None, "an insert returns its row"
    return int(row[0])


async def withdraw(tx: Transaction, announcement_id: int, now: datetime) -> Announcement | None:
    """Take it back; `None` where there is nothing to take back any more."""
    cursor = await tx.cursor(row_factory=rows_as(Announcement)).execute(
        _QUERIES["withdraw_announcement"], {"announcement_id": announcement_id, "now": now}
    )
    return await cursor.fetchone()


async def newest(tx: Transaction) -> list[Announcement]:
    """All that were made, the newest first."""
    cursor = await tx.cursor(row_factory=rows_as(Announcement)).execute(
        _QUERIES["list_announcements"], {"limit": LISTED_MAX}
    )
    return await cursor.fetchall()


async def shown(
    tx: Transaction, now: datetime, *, organisation_id: int | None = None, session_id: str | None = None
) -> list[Announcement]:
    """What is shown now to somebody of this organisation, or to everybody."""
    cursor = await tx.cursor(row_factory=rows_as(Announcement)).execute(
        _QUERIES["read_shown"],
        {"now": now, "organisation_id": organisation_id, "session_id": session_id, "limit": SHOWN_MAX},
    )
    return await cursor.fetchall()


async def dismiss(tx: Transaction, announcement_id: int, session_id: str) -> None:
    """Show this information no more in this session."""
    await tx.execute(
        _QUERIES["dismiss_announcement"], {"announcement_id": announcement_id, "session_id": session_id}
    )
