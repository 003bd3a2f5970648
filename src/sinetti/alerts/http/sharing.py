"""Who of an organisation takes care of what: assignments of alerts, and teams, which companies and the operator have.

A location's system assigns its own alerts; the teams of its organisation are the main user's to change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from starlette.responses import Response
from starlette.routing import Route

from sinetti.alerts import cases, teams
from sinetti.alerts.assignments import (
    NOBODY,
    Assignee,
    AssignmentChange,
    assign,
    assignees_of,
    chosen_assignee,
)
from sinetti.alerts.files import Change
from sinetti.alerts.http.reading import Reading, alert_id_of
from sinetti.alerts.http.refusals import work_refused
from sinetti.alerts.http.sender import (
    BODY_BYTES_MAX,
    JSON,
    Parts,
    Sender,
    Work,
    decoded,
    path_number,
    sent_body,
)
from sinetti.alerts.model import Doer
from sinetti.alerts.teams import Team, TeamFault
from sinetti.alerts.wire import encoded
from sinetti.contracts.case_work import (
    AssigneeSeen,
    AssigneesSeen,
    AssignmentOrder,
    TeamMember,
    TeamOrder,
    TeamSeen,
    TeamsSeen,
)
from sinetti.kit.db import Transaction
from sinetti.kit.problems import Problem
from sinetti.rules.alerts.vocabulary import Party, Refusal

_WITH_TEAMS = frozenset({Party.OBP, Party.OPERATOR})


def routes(parts: Parts, reading: Reading) -> list[Route]:
    """Routes to assignments and teams."""
    sharing = _Sharing(parts, reading)
    return [
        parts.guarded("GET", "/ams/assignees", sharing.assignees),
        parts.guarded("POST", "/ams/alerts/{alert_id}/assignment", sharing.assign),
        parts.guarded_each("/ams/teams", {"GET": sharing.teams, "POST": sharing.add}),
        parts.guarded("POST", "/ams/teams/{team_id}", sharing.change),
        parts.guarded("POST", "/ams/teams/{team_id}/removal", sharing.remove),
    ]


async def possible_assignees(tx: Transaction, doer: Doer) -> list[Assignee]:
    """To whom the system may assign: of a location's organisation, only those who see the location's alerts."""
    if doer.party is Party.AUTHORITY:
        return []
    own = set(doer.location_ids)
    return [
        one
        for one in await assignees_of(tx, doer)
        if doer.party is not Party.END_USER_LOCATION
        or one.location_ids is None
        or own & set(one.location_ids)
    ]


async def named_assignee(tx: Transaction, doer: Doer, code: str) -> Assignee | None:
    """The one that an order names; `None` for nobody. Problem: `unknown-assignee`."""
    to = chosen_assignee(await possible_assignees(tx, doer), code)
    if to is None and code != NOBODY:
        raise Problem("unknown-assignee", 422, assignee=code)
    return to


class _Sharing:
    """What each route does."""

    def __init__(self, parts: Parts, reading: Reading) -> None:
        self._parts = parts
        self._reading = reading

    async def assignees(self, sender: Sender) -> Response:
        """Teams and people that alerts can be assigned to."""
        async with self._parts.database.transaction() as tx:
            found = await possible_assignees(tx, await sender.doer(tx))
        seen = tuple(AssigneeSeen(assignee=one.code, name=one.name) for one in found)
        return Response(encoded(AssigneesSeen(assignees=seen)), media_type=JSON)

    async def assign(self, sender: Sender) -> Response:
        """Assign one alert."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, AssignmentOrder)

        async def make(tx: Transaction) -> bytes:
            parts = self._parts
            change = await parts.change(tx, sender)
            file = await cases.own_file(tx, change.doer, alert_id_of(sender), lock=True)
            if change.doer.party is Party.AUTHORITY:
                raise parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
            done = await assign(tx, change, file, await named_assignee(tx, change.doer, order.assignee))
            if isinstance(done, Refusal):
                raise parts.refused(done, sender.language)
            await note_assignment(parts, tx, sender, change, file.reference, done)
            return encoded(await self._reading.seen(tx, change, file, sender.language))

        return await self._parts.once(sender, body, make)

    async def teams(self, sender: Sender) -> Response:
        """The teams of the caller's organisation."""
        async with self._parts.database.transaction() as tx:
            doer = self._with_teams(await sender.doer(tx), sender)
            found = await teams.teams_of(tx, doer.organisation_id)
        seen = tuple(_seen(team) for team in found)
        return Response(encoded(TeamsSeen(teams=seen)), media_type=JSON)

    async def add(self, sender: Sender) -> Response:
        """Make a team."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, TeamOrder)

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            owner = self._with_teams(change.doer, sender).organisation_id
            done = await teams.make_team(tx, owner, order.name, self._markets(change.doer, order.markets))
            if isinstance(done, TeamFault):
                raise work_refused(done, sender.language)
            await teams.set_members(tx, owner, done, _numbers(order.members))
            team = await self._team(tx, owner, done)
            await self._note(tx, sender, change, "team_added", team, {}, _values(team))
            return encoded(_seen(team))

        return await self._parts.once(sender, body, make)

    async def change(self, sender: Sender) -> Response:
        """Give a team another name, other markets, other people."""
        body = await sent_body(sender, BODY_BYTES_MAX, JSON)
        order = decoded(body, TeamOrder)

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            owner = self._with_teams(change.doer, sender).organisation_id
            before = await self._team(tx, owner, path_number(sender, "team_id"))
            markets = self._markets(change.doer, order.markets)
            done = await teams.change_team(tx, owner, before.team_id, order.name, markets)
            if isinstance(done, TeamFault):
                raise work_refused(done, sender.language)
            if order.members is not None:
                await teams.set_members(tx, owner, before.team_id, _numbers(order.members))
            after = await self._team(tx, owner, before.team_id)
            if after != before:
                old, new = _values(before), _values(after)
                changed = {name for name in old if old[name] != new[name]}
                old = {name: old[name] for name in changed}
                await self._note(
                    tx, sender, change, "team_changed", after, old, {name: new[name] for name in changed}
                )
            return encoded(_seen(after))

        return await self._parts.once(sender, body, make)

    async def remove(self, sender: Sender) -> Response:
        """Remove a team. Its people stay, and its alerts are assigned to nobody."""

        async def make(tx: Transaction) -> bytes:
            change = await self._parts.change(tx, sender)
            owner = self._with_teams(change.doer, sender).organisation_id
            team = await self._team(tx, owner, path_number(sender, "team_id"))
            await teams.remove_team(tx, owner, team.team_id)
            await self._note(tx, sender, change, "team_removed", team, _values(team), {})
            rest = await teams.teams_of(tx, owner)
            return encoded(TeamsSeen(teams=tuple(_seen(one) for one in rest)))

        return await self._parts.once(sender, b"", make)

    def _with_teams(self, doer: Doer, sender: Sender) -> Doer:
        if doer.party not in _WITH_TEAMS:
            raise self._parts.refused(Refusal.NOT_FOR_THIS_PARTY, sender.language)
        return doer

    def _markets(self, doer: Doer, markets: Sequence[str]) -> Sequence[str]:
        """The operator has the alerts of this country alone; a company may work for several."""
        return markets if doer.party is Party.OBP else (self._parts.market,)

    async def _team(self, tx: Transaction, owner: int | None, team_id: int) -> Team:
        team = await teams.find_team(tx, owner, team_id)
        if team is None:
            raise Problem("unknown-team", 404, number=team_id)
        return team

    async def _note(
        self,
        tx: Transaction,
        sender: Sender,
        change: Change,
        action: str,
        team: Team,
        old: Mapping[str, object],
        new: Mapping[str, object],
    ) -> None:
        work = Work(
            kind="team",
            number=team.team_id,
            name=team.name,
            organisation_id=team.organisation_id,
            old=old,
            new=new,
        )
        await self._parts.note_work(tx, sender, change, action, work)


async def note_assignment(
    parts: Parts, tx: Transaction, sender: Sender, change: Change, reference: str, made: AssignmentChange
) -> None:
    """In the audit of the organisation that shares out its work."""
    work = Work(
        kind="alert",
        number=reference,
        name=reference,
        organisation_id=change.doer.organisation_id,
        old={"assigned_to": None if made.before is None else made.before.name},
        new={"assigned_to": None if made.to is None else made.to.name},
    )
    await parts.note_work(tx, sender, change, "alert_assigned", work)


def _numbers(members: Sequence[int] | None) -> list[int]:
    return [number for number in members or () if 0 < number < 2**31]


def _seen(team: Team) -> TeamSeen:
    return TeamSeen(
        team_id=team.team_id,
        name=team.name,
        markets=team.markets,
        members=tuple(
            TeamMember(user_id=one.user_id, name=one.name, is_locked=one.is_locked) for one in team.members
        ),
    )


def _values(team: Team) -> dict[str, object]:
    return {"name": team.name, "markets": list(team.markets), "members": [one.name for one in team.members]}
