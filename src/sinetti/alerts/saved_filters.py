"""Searches for alerts that people keep under a name, for themselves or for their colleagues, too."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import msgspec

from sinetti.kit.db import Transaction, load_queries

_SQL = load_queries("sinetti.alerts.store", "teams.sql")

FILTERS_MAX: Final = 30
"""Of one person: more are no quicker than searching anew."""
NAME_CHARACTERS_MAX: Final = 60
_SHOWN_MAX: Final = 300


class FilterFault(StrEnum):
    """Why a search is not kept, or not under this name."""

    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    TOO_MANY = "too_many"


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A search that somebody keeps."""

    filter_id: int
    name: str
    query: str
    """As the address of the list has it behind the question mark."""
    is_shared: bool
    is_own: bool
    owner_name: str


async def filters_of(tx: Transaction, user_id: int) -> list[SavedFilter]:
    """Somebody's own, by name, and then those that colleagues share."""
    cursor = await tx.execute(_SQL["filters_of"], {"user_id": user_id, "at_most": _SHOWN_MAX})
    return [
        SavedFilter(
            filter_id=row[0], name=row[1], query=row[2], is_shared=row[3], is_own=row[4], owner_name=row[5]
        )
        for row in await cursor.fetchall()
    ]


async def save_filter(
    tx: Transaction, user_id: int, name: str, query: str, *, is_shared: bool = False
) -> SavedFilter | FilterFault:
    """Keep a search under a name. The same search under the same name is there already, and nothing else is made."""
    name = name.strip()
    own = await _own(tx, user_id)
    same = next((one for one in own if one.name.casefold() == name.casefold()), None)
    if same is not None and same.query == query and same.is_shared == is_shared:
        return same
    if fault := _fault(name, own, None):
        return fault
    if len(own) >= FILTERS_MAX:
        return FilterFault.TOO_MANY
    values = {"user_id": user_id, "name": name, "query": query, "is_shared": is_shared}
    row = await (await tx.execute(_SQL["add_filter"], values)).fetchone()
    assert row is not None, "an insert returns its row"
    return next(one for one in await filters_of(tx, user_id) if one.filter_id == row[0])


async def change_filter(
    tx: Transaction, user_id: int, filter_id: int, name: str, *, is_shared: bool
) -> bool | FilterFault:
    """Call it otherwise, share it, or share it no more; whether it was this person's."""
    name = name.strip()
    if fault := _fault(name, await _own(tx, user_id), filter_id):
        return fault
    values = {"user_id": user_id, "filter_id": filter_id, "name": name, "is_shared": is_shared}
    return (await tx.execute(_SQL["change_filter"], values)).rowcount == 1


async def remove_filter(tx: Transaction, user_id: int, filter_id: int) -> bool:
    """Keep it no more; whether it was this person's."""
    values = {"user_id": user_id, "filter_id": filter_id}
    return (await tx.execute(_SQL["remove_filter"], values)).rowcount == 1


async def _own(tx: Transaction, user_id: int) -> list[SavedFilter]:
    await tx.execute(_SQL["lock_filters"], {"user_id": user_id})
    return [one for one in await filters_of(tx, user_id) if one.is_own]


def _fault(name: str, own: list[SavedFilter], filter_id: int | None) -> FilterFault | None:
    if not name:
        return FilterFault.NAME_MISSING
    if len(name) > NAME_CHARACTERS_MAX:
        return FilterFault.NAME_TOO_LONG
    others = (one for one in own if one.filter_id != filter_id)
    return FilterFault.NAME_TAKEN if any(one.name.casefold() == name.casefold() for one in others) else None
