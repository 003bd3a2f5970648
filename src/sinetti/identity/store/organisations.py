"""Organisations in the database."""

from __future__ import annotations

from datetime import datetime

from sinetti.identity.model import Organisation
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.vocabulary import OrganisationKind

_QUERIES = load_queries("sinetti.identity.store", "organisations.sql")
_AS_ORGANISATION = rows_as(Organisation)


async def add(tx: Transaction, *, name: str, kind: OrganisationKind, now: datetime) -> Organisation:
    """Return the organisation just added."""
    cursor = await tx.cursor(row_factory=_AS_ORGANISATION).execute(
        _QUERIES["add_organisation"], {"name": name, "kind": kind.value, "now": now}
    )
    added = await cursor.fetchone()
    assert added is not None
    return added


async def change(
    tx: Transaction, organisation_id: int, *, name: str, kind: OrganisationKind
) -> Organisation | None:
    """Give it another name or kind, and return it; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=_AS_ORGANISATION).execute(
        _QUERIES["change_organisation"],
        {"organisation_id": organisation_id, "name": name, "kind": kind.value},
    )
    return await cursor.fetchone()


async def find(tx: Transaction, organisation_id: int) -> Organisation | None:
    """Return the organisation with this number."""
    cursor = await tx.cursor(row_factory=_AS_ORGANISATION).execute(
        _QUERIES["find_organisation"], {"organisation_id": organisation_id}
    )
    return await cursor.fetchone()


async def page(tx: Transaction, *, after: int, limit: int) -> list[Organisation]:
    """Return at most `limit` organisations with numbers above `after`, in order."""
    cursor = await tx.cursor(row_factory=_AS_ORGANISATION).execute(
        _QUERIES["list_organisations"], {"after": after, "limit": limit}
    )
    return await cursor.fetchall()


async def lock(tx: Transaction, organisation_id: int, *, reason: str, now: datetime) -> Organisation | None:
    """Lock an organisation, and return it; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=_AS_ORGANISATION).execute(
        _QUERIES["lock_organisation"], {"organisation_id": organisation_id, "reason": reason, "now": now}
    )
    return await cursor.fetchone()


async def unlock(tx: Transaction, organisation_id: int) -> Organisation | None:
    """Unlock an organisation, and return it; `None` where there is none with this number."""
    cursor = await tx.cursor(row_factory=_AS_ORGANISATION).execute(
        _QUERIES["unlock_organisation"], {"organisation_id": organisation_id}
    )
    return await cursor.fetchone()
