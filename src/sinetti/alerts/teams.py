"""Teams that share out the alerts of an organisation by market."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Final

import msgspec

from sinetti.kit.db import Transaction, load_queries

_SQL = load_queries("sinetti.alerts.store", "teams.sql")

TEAMS_MAX: Final = 50
"""Of one organisation: more cannot be told apart in a list to choose from."""
NAME_CHARACTERS_MAX: Final = 60
"""Of a team, as of what else stands in a list to choose from."""
PEOPLE_MAX: Final = 150
"""Of an organisation, to choose from: as many as a form may have fields for."""

# fmt: off
MARKETS: Final = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT",
    "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK",
)
# fmt: on
"""Markets that a team can be bound to: the countries of the European Economic Area, where Delegated Regulation (EU)
2016/161 applies, by ISO 3166-1."""


class TeamFault(StrEnum):
    """Why a team is not made or changed."""

    NAME_MISSING = "name_missing"
    NAME_TOO_LONG = "name_too_long"
    NAME_TAKEN = "name_taken"
    NO_MARKET = "no_market"
    TOO_MANY_TEAMS = "too_many_teams"


class Member(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of a team."""

    user_id: int
    name: str
    is_locked: bool


class Team(msgspec.Struct, frozen=True, kw_only=True):
    """People of one organisation who take care of alerts together."""

    team_id: int
    organisation_id: int | None
    """`None` for the operator's."""
    name: str
    markets: tuple[str, ...]
    members: tuple[Member, ...]


class Colleague(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody of an organisation who handles alerts."""

    user_id: int
    name: str
    location_ids: tuple[int, ...] | None
    """Of a location user, who sees no others' alerts; `None` for whoever sees all of the organisation."""


async def teams_of(tx: Transaction, organisation_id: int | None) -> list[Team]:
    """The teams of an organisation, by name; without one, the operator's."""
    return await _teams(tx, organisation_id, None)


async def find_team(tx: Transaction, organisation_id: int | None, team_id: int) -> Team | None:
    """One team of this organisation."""
    found = await _teams(tx, organisation_id, team_id)
    return found[0] if found else None


async def _teams(tx: Transaction, organisation_id: int | None, team_id: int | None) -> list[Team]:
    cursor = await tx.execute(_SQL["teams_of"], {"organisation_id": organisation_id, "team_id": team_id})
    return [
        Team(
            team_id=row[0],
            organisation_id=row[1],
            name=row[2],
            markets=tuple(row[3]),
            members=tuple(msgspec.convert(row[4], list[Member])),
        )
        for row in await cursor.fetchall()
    ]


async def people_of(tx: Transaction, organisation_id: int | None) -> list[Colleague]:
    """Who of an organisation handles alerts and can sign in, by name, at most `PEOPLE_MAX`."""
    values = {"organisation_id": organisation_id, "at_most": PEOPLE_MAX}
    cursor = await tx.execute(_SQL["people_of"], values)
    return [
        Colleague(user_id=row[0], name=row[1], location_ids=tuple(row[3]) if row[2] else None)
        for row in await cursor.fetchall()
    ]


async def make_team(
    tx: Transaction, organisation_id: int | None, name: str, markets: Sequence[str]
) -> int | TeamFault:
    """A new team of an organisation; without one, of the operator."""
    fault = await _fault(tx, organisation_id, None, name, markets)
    if fault is not None:
        return fault
    values = {"organisation_id": organisation_id, "name": name.strip(), "markets": sorted(set(markets))}
    row = await (await tx.execute(_SQL["make_team"], values)).fetchone()
    assert row is not None, "an insert returns its row"
    return int(row[0])


async def change_team(
    tx: Transaction, organisation_id: int | None, team_id: int, name: str, markets: Sequence[str]
) -> bool | TeamFault:
    """Another name or other markets; whether there is such a team of this organisation."""
    fault = await _fault(tx, organisation_id, team_id, name, markets)
    if fault is not None:
        return fault
    values = {
        "organisation_id": organisation_id,
        "team_id": team_id,
        "name": name.strip(),
        "markets": sorted(set(markets)),
    }
    return (await tx.execute(_SQL["change_team"], values)).rowcount == 1


async def _fault(
    tx: Transaction, organisation_id: int | None, team_id: int | None, name: str, markets: Sequence[str]
) -> TeamFault | None:
    name = name.strip()
    if not name:
        return TeamFault.NAME_MISSING
    if len(name) > NAME_CHARACTERS_MAX:
        return TeamFault.NAME_TOO_LONG
    if not markets or not set(markets) <= set(MARKETS):
        return TeamFault.NO_MARKET
    await tx.execute(_SQL["lock_teams"], {"owner": organisation_id or 0})
    others = [team for team in await teams_of(tx, organisation_id) if team.team_id != team_id]
    if any(team.name.casefold() == name.casefold() for team in others):
        return TeamFault.NAME_TAKEN
    if team_id is None and len(others) >= TEAMS_MAX:
        return TeamFault.TOO_MANY_TEAMS
    return None


async def remove_team(tx: Transaction, organisation_id: int | None, team_id: int) -> bool:
    """Remove a team; whether there was one. What was assigned to it is assigned to nobody."""
    values = {"organisation_id": organisation_id, "team_id": team_id}
    return (await tx.execute(_SQL["remove_team"], values)).rowcount == 1


async def count_assigned(tx: Transaction, team_id: int) -> int:
    """Open alerts that are assigned to a team."""
    row = await (await tx.execute(_SQL["count_assigned"], {"team_id": team_id})).fetchone()
    assert row is not None, "counting gives one row"
    return int(row[0])


async def set_members(
    tx: Transaction, organisation_id: int | None, team_id: int, user_ids: Sequence[int]
) -> None:
    """Exactly these people are in the team; people of other organisations are left out."""
    values = {"organisation_id": organisation_id, "team_id": team_id, "user_ids": list(user_ids)}
    await tx.execute(_SQL["set_team_members"], values)


async def markets_of(tx: Transaction, organisation_id: int | None, user_id: int) -> frozenset[str] | None:
    """Markets whose alerts somebody takes care of; `None` where the organisation has no teams, and so all are.

    As in the European alert system: once there are teams, somebody in none of them takes care of nothing.
    """
    values = {"organisation_id": organisation_id, "user_id": user_id}
    row = await (await tx.execute(_SQL["markets_of_person"], values)).fetchone()
    return None if row is None else frozenset(row[0])
