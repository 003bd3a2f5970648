"""Teams that share out alerts by market, and searches that people keep."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from sinetti.kit.db import Transaction, load_queries

_SQL = load_queries("sinetti.alerts.store", "cases.sql")


async def make_team(tx: Transaction, organisation_id: int | None, name: str, markets: Sequence[str]) -> int:
    """A new team of an organisation; without one, of the operator."""
    values = {"organisation_id": organisation_id, "name": name.strip(), "markets": sorted(set(markets))}
    row = await (await tx.execute(_SQL["make_team"], values)).fetchone()
    assert row is not None, "an insert returns its row"
    return int(row[0])


async def change_team(
    tx: Transaction, organisation_id: int | None, team_id: int, name: str, markets: Sequence[str]
) -> bool:
    """Another name or other markets; whether there is such a team of this organisation."""
    values = {
        "organisation_id": organisation_id,
        "team_id": team_id,
        "name": name.strip(),
        "markets": sorted(set(markets)),
    }
    return (await tx.execute(_SQL["change_team"], values)).rowcount == 1


async def remove_team(tx: Transaction, organisation_id: int | None, team_id: int) -> bool:
    """Remove a team; whether there was one."""
    values = {"organisation_id": organisation_id, "team_id": team_id}
    return (await tx.execute(_SQL["remove_team"], values)).rowcount == 1


async def set_members(
    tx: Transaction, organisation_id: int | None, team_id: int, user_ids: Sequence[int]
) -> None:
    """Exactly these people are in the team; people of other organisations are left out."""
    values = {"organisation_id": organisation_id, "team_id": team_id, "user_ids": list(user_ids)}
    await tx.execute(_SQL["set_team_members"], values)


async def markets_of(tx: Transaction, organisation_id: int | None, user_id: int) -> frozenset[str] | None:
    """Markets whose alerts somebody takes care of; `None` where the organisation has no teams, and so all are.

    As in the European alert system: once there are teams, somebody in none of them sees nothing.
    """
    values = {"organisation_id": organisation_id, "user_id": user_id}
    row = await (await tx.execute(_SQL["markets_of_person"], values)).fetchone()
    return None if row is None else frozenset(row[0])


class SavedFilter(msgspec.Struct, frozen=True, kw_only=True):
    """A search that somebody keeps."""

    filter_id: int
    name: str
    query: str


async def save_filter(tx: Transaction, user_id: int, name: str, query: str) -> int:
    """Keep a search under a name."""
    values = {"user_id": user_id, "name": name.strip(), "query": query}
    row = await (await tx.execute(_SQL["save_filter"], values)).fetchone()
    assert row is not None, "an insert returns its row"
    return int(row[0])


async def remove_filter(tx: Transaction, user_id: int, filter_id: int) -> bool:
    """Keep it no more; whether it was this person's."""
    values = {"user_id": user_id, "filter_id": filter_id}
    return (await tx.execute(_SQL["remove_filter"], values)).rowcount == 1


async def filters_of(tx: Transaction, user_id: int) -> list[SavedFilter]:
    """The searches that somebody keeps, by name."""
    cursor = await tx.execute(_SQL["filters_of"], {"user_id": user_id})
    return [SavedFilter(filter_id=row[0], name=row[1], query=row[2]) for row in await cursor.fetchall()]
