"""What every page tells first: what of the person's own is locked and why, and what the operator announces."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.announcements import store as announcements
from sinetti.announcements.model import Announcement
from sinetti.identity.people.model import PeopleRole, SignedIn
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries

_QUERIES = load_queries("sinetti.portal.store", "notices.sql")
_LOCATIONS_MAX = 3
"""A chain with more locked locations finds them in its list."""


class LockNotice(msgspec.Struct, frozen=True, kw_only=True):
    """A lock that stops IT systems of the person's own."""

    part: str
    name: str
    locked_at: datetime
    lock_reason: str


class Notices(msgspec.Struct, frozen=True, kw_only=True):
    """What is told on the page, the most pressing first."""

    locks: tuple[LockNotice, ...] = ()
    announcements: tuple[Announcement, ...] = ()


async def read_notices(tx: Transaction, who: SignedIn | None, now: datetime) -> Notices:
    """What this person must hear. Whoever has not come far enough with signing in hears what everybody does."""
    if who is None or not who.second_factor_done or who.must_set_second_factor:
        return Notices(announcements=tuple(await announcements.shown(tx, now)))
    told = await announcements.shown(tx, now, organisation_id=who.organisation_id, session_id=who.session_id)
    return Notices(locks=await _locks(tx, who), announcements=tuple(told))


async def _locks(tx: Transaction, who: SignedIn) -> tuple[LockNotice, ...]:
    if who.organisation_id is None:
        return ()
    cursor = await tx.cursor(row_factory=rows_as(LockNotice)).execute(
        _QUERIES["read_locks"],
        {
            "organisation_id": who.organisation_id,
            "all_locations": who.role is not PeopleRole.LOCATION_USER,
            "location_ids": list(who.location_ids),
            "limit": _LOCATIONS_MAX,
        },
    )
    return tuple(await cursor.fetchall())
