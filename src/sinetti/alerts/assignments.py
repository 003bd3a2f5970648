"""Whom an alert is assigned to, within each organisation that it concerns: one of its teams or people.

It shares the work out and says nothing about the alert, so it is no part of its history, which all parties read: one
organisation never learns whom another has assigned it to.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from sinetti.alerts import teams
from sinetti.alerts.files import Change
from sinetti.alerts.model import AlertFile, Doer, FileKey
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.vocabulary import AlertStatus, Party, Refusal

_SQL = load_queries("sinetti.alerts.store", "teams.sql")


class Assignee(msgspec.Struct, frozen=True, kw_only=True):
    """A team or a person of one organisation."""

    name: str
    team_id: int | None = None
    user_id: int | None = None
    location_ids: tuple[int, ...] | None = None
    """Of somebody who sees only the alerts of these locations."""

    @property
    def code(self) -> str:
        """How forms name it: `team-3` or `person-12`."""
        return f"person-{self.user_id}" if self.team_id is None else f"team-{self.team_id}"

    def sees(self, file: AlertFile) -> bool:
        """Whether it can open the alert."""
        return self.location_ids is None or file.location_id in self.location_ids


NOBODY = "nobody"
"""How forms name that an alert is assigned to nobody."""


class AssignmentChange(msgspec.Struct, frozen=True, kw_only=True):
    """The alert is assigned to somebody else, or to nobody."""

    before: Assignee | None
    to: Assignee | None


def _owner(doer: Doer) -> int:
    return doer.organisation_id or 0


async def assigned_to(tx: Transaction, doer: Doer, keys: Sequence[FileKey]) -> dict[FileKey, Assignee]:
    """Whom the doer's organisation has assigned these alerts to; those that are nobody's are left out."""
    values = {
        "owner": _owner(doer),
        "product_ids": [key.product_id for key in keys],
        "event_numbers": [key.event_number for key in keys],
    }
    cursor = await tx.execute(_SQL["assigned"], values)
    return {
        FileKey(row[0], row[1]): Assignee(team_id=row[2], user_id=row[3], name=row[4])
        for row in await cursor.fetchall()
    }


async def assignees_of(tx: Transaction, doer: Doer) -> list[Assignee]:
    """Teams and people of the doer's organisation, each by name."""
    found = [
        Assignee(team_id=team.team_id, name=team.name)
        for team in await teams.teams_of(tx, doer.organisation_id)
    ]
    return found + [
        Assignee(user_id=one.user_id, name=one.name, location_ids=one.location_ids)
        for one in await teams.people_of(tx, doer.organisation_id)
    ]


def chosen_assignee(choices: Iterable[Assignee], code: str) -> Assignee | None:
    """The one that a form names."""
    return next((one for one in choices if one.code == code), None)


def decide_assignment(
    file: AlertFile, doer: Doer, before: Assignee | None, to: Assignee | None
) -> AssignmentChange | Refusal:
    """The assignment, or why not. A closed alert needs nobody any more, but it may be taken off somebody."""
    if doer.party is Party.AUTHORITY:
        return Refusal.NOT_FOR_THIS_PARTY
    if (None if before is None else before.code) == (None if to is None else to.code):
        return Refusal.ALREADY_SO
    if to is not None and file.status is AlertStatus.CLOSED:
        return Refusal.IS_CLOSED
    if to is not None and not to.sees(file):
        return Refusal.ASSIGNEE_CANNOT_SEE
    return AssignmentChange(before=before, to=to)


async def set_assignment(
    tx: Transaction, change: Change, file: AlertFile, assignment: AssignmentChange
) -> None:
    """Assign a locked alert."""
    of_file = {**msgspec.structs.asdict(file.key), "owner": _owner(change.doer)}
    if assignment.to is None:
        await tx.execute(_SQL["remove_assignment"], of_file)
        return
    values = {
        "team_id": assignment.to.team_id,
        "user_id": assignment.to.user_id,
        "now": change.now,
        "assigned_by": change.doer.user_id,
        "assigned_by_equipment": change.doer.equipment_id,
    }
    await tx.execute(_SQL["set_assignment"], of_file | values)


async def assign(
    tx: Transaction, change: Change, file: AlertFile, to: Assignee | None
) -> AssignmentChange | Refusal:
    """Assign one alert that the caller has locked as the doer's matter."""
    before = (await assigned_to(tx, change.doer, [file.key])).get(file.key)
    decided = decide_assignment(file, change.doer, before, to)
    if isinstance(decided, AssignmentChange):
        await set_assignment(tx, change, file, decided)
    return decided
