"""Teams: the list, a new one, and one team with its people and markets. Only main users change them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from babel import Locale
from starlette.responses import Response

from sinetti.alerts import teams
from sinetti.alerts.teams import MARKETS, NAME_CHARACTERS_MAX, TEAMS_MAX, Team, TeamFault
from sinetti.identity.people.model import OF_MAH_OBP
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.routing import Handler, MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.vocabulary import Language

_FIELDS: Mapping[TeamFault, str] = {TeamFault.NO_MARKET: "market", TeamFault.TOO_MANY_TEAMS: ""}


async def show_list(visit: Visit) -> Response:
    """The teams of the reader's organisation."""
    return visit.render(
        "list.html",
        teams=await teams.teams_of(visit.tx, visit.person.organisation_id),
        names=_names(visit.language),
        markets_shown=_chooses_markets(visit, visit.person.organisation_id),
    )


async def show_new(visit: Visit) -> Response:
    """The form for a new one."""
    return await _form(visit, None, {})


async def show_one(visit: Visit) -> Response:
    """One team: to look at, or to change."""
    return await _form(visit, await _team(visit), {})


async def add(visit: Visit) -> Response:
    """Make a team. Sent twice it is made once."""
    made_before = await form_keys.use(visit) if visit.form.get("form_key") else None
    if made_before is not None:
        return visit.redirect(made_before, done="added")
    organisation_id = visit.person.organisation_id
    done = await teams.make_team(visit.tx, organisation_id, visit.form.get("name", ""), _markets(visit))
    if isinstance(done, TeamFault):
        if visit.form.get("form_key"):
            await form_keys.forget(visit)
        return await _form(visit, None, _errors(visit, done))
    await teams.set_members(visit.tx, organisation_id, done, _members(visit))
    team = await teams.find_team(visit.tx, organisation_id, done)
    assert team is not None, "it was made just now"
    await _record(visit, "team_added", team, None, team)
    path = visit.url("alert_teams")
    if visit.form.get("form_key"):
        await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="added")


async def change(visit: Visit) -> Response:
    """Another name, other markets, other people."""
    before = await _team(visit)
    owner = before.organisation_id
    done = await teams.change_team(
        visit.tx, owner, before.team_id, visit.form.get("name", ""), _markets(visit, owner)
    )
    if isinstance(done, TeamFault):
        return await _form(visit, before, _errors(visit, done))
    await teams.set_members(visit.tx, owner, before.team_id, _members(visit))
    after = await _team(visit)
    if after != before:
        await _record(visit, "team_changed", after, before, after)
    return visit.redirect(visit.url("alert_teams"), done="changed")


async def remove(visit: Visit) -> Response:
    """The team is gone, its people stay, and its alerts are assigned to nobody."""
    team = await _team(visit)
    await teams.remove_team(visit.tx, team.organisation_id, team.team_id)
    await _record(visit, "team_removed", team, team, None)
    return visit.redirect(visit.url("alert_teams"), done="removed")


async def _form(visit: Visit, team: Team | None, errors: Mapping[str, str]) -> Response:
    owner = visit.person.organisation_id if team is None else team.organisation_id
    people = await teams.people_of(visit.tx, owner)
    members = () if team is None else team.members
    known = {one.user_id for one in people}
    home = visit.portal.settings.market
    sent = bool(errors)
    names = _names(visit.language)
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        team=team,
        name=visit.form.get("name", "") if sent else (team.name if team else ""),
        name_characters_max=NAME_CHARACTERS_MAX,
        chosen_people=_numbers(visit.form_lists.get("member", ())) if sent else [m.user_id for m in members],
        # Somebody who was locked meanwhile is shown too, so that the form does not silently leave anybody out.
        people=[(one.user_id, one.name) for one in people]
        + [
            (one.user_id, fill(visit.words["locked"], name=one.name))
            for one in members
            if one.user_id not in known
        ],
        chosen_markets=list(_markets(visit, owner)) if sent else list(team.markets if team else (home,)),
        markets=sorted(((code, names[code]) for code in MARKETS), key=lambda one: one[1])
        if _chooses_markets(visit, owner)
        else [],
        names=names,
        assigned=0 if team is None else await teams.count_assigned(visit.tx, team.team_id),
        may_change=visit.may("change_teams", visit.concern if team else None),
    )


def _errors(visit: Visit, fault: TeamFault) -> dict[str, str]:
    words = fill(visit.words["fault"][fault.value], most=NAME_CHARACTERS_MAX, teams=TEAMS_MAX)
    return {_FIELDS.get(fault, "name"): words}


def _chooses_markets(visit: Visit, organisation_id: int | None) -> bool:
    """End users and the operator have the alerts of this country alone; a company may work for several."""
    return visit.person.role in OF_MAH_OBP or (
        organisation_id is not None and visit.person.organisation_id is None
    )


def _markets(visit: Visit, organisation_id: int | None = None) -> Sequence[str]:
    owner = visit.person.organisation_id if organisation_id is None else organisation_id
    if not _chooses_markets(visit, owner):
        return (visit.portal.settings.market,)
    return tuple(visit.form_lists.get("market", ()))


def _members(visit: Visit) -> list[int]:
    return _numbers(visit.form_lists.get("member", ()))


def _numbers(given: Sequence[str]) -> list[int]:
    return [int(one) for one in given if re.fullmatch("[0-9]{1,9}", one)]


def _names(language: Language) -> Mapping[str, str]:
    territories = Locale(language.value).territories
    return {code: territories[code] for code in MARKETS}


async def _team(visit: Visit) -> Team:
    owner = visit.concern.organisation_id or None
    team = await teams.find_team(visit.tx, owner, visit.number("team_id"))
    assert team is not None, "the concern of the route has found it"
    return team


async def _record(visit: Visit, action: str, team: Team, before: Team | None, after: Team | None) -> None:
    old, new = _values(before), _values(after)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="team",
        object_id=team.team_id,
        object_name=team.name,
        concern=Concern(organisation_id=team.organisation_id),
        old={name: value for name, value in old.items() if value != new.get(name)},
        new={name: value for name, value in new.items() if value != old.get(name)},
    )


def _values(team: Team | None) -> dict[str, object]:
    if team is None:
        return {}
    return {
        "name": team.name,
        "markets": list(team.markets),
        "members": [one.name for one in team.members],
    }


_NEW, _ONE = "/teams/new", "/teams/{team_id:int}"


def _of_one(name: str, handler: Handler, *, action: str, below: str = "", method: str = "GET") -> Route:
    return Route(
        name=name,
        path=_ONE + below,
        action=action,
        handler=handler,
        method=method,
        concern=owners.of_alert_team,
    )


PAGE = Page(
    name="alert_teams",
    menu=MenuEntry(route="alert_teams", group=MenuGroup.INVESTIGATION, order=55),
    routes=(
        Route(name="alert_teams", path="/teams", action="see_teams", handler=show_list),
        Route(name="new_alert_team", path=_NEW, action="change_teams", handler=show_new),
        Route(name="add_alert_team", path=_NEW, action="change_teams", handler=add, method="POST"),
        _of_one("alert_team", show_one, action="see_teams"),
        _of_one("change_alert_team", change, action="change_teams", method="POST"),
        _of_one("remove_alert_team", remove, action="change_teams", below="/remove", method="POST"),
    ),
)
