"""The permission tables are proven before anything is served, and so are the routes."""

from __future__ import annotations

from pathlib import Path

import pytest

from sinetti.identity.people.model import PeopleRole, SignedIn
from sinetti.portal.access import (
    COLUMNS,
    Concern,
    PermissionTableError,
    Reach,
    Stage,
    may,
    reach,
    read_permissions,
)
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route, RouteError, check_routes

GOOD = "see,full,own_organisation,own_locations,all,all,own_organisation,own_self,none,a source"


def read(tmp_path: Path, *rows: str):
    table = tmp_path / "permissions.csv"
    table.write_text("\n".join([",".join(COLUMNS), *rows]), "utf-8")
    return read_permissions([("page", table)])


def somebody(role: PeopleRole) -> SignedIn:
    return SignedIn(
        user_id=7, name="A", email="a@example.fi", role=role, organisation_id=1, location_ids=(10, 11),
        language="fi", session_id="s", csrf_token="t", second_factor_done=True, must_set_second_factor=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        (GOOD.replace("full", "later"), "later"),
        (GOOD.replace("own_self", "own"), "own"),
        (GOOD.replace("a source", ""), "says no source"),
        (GOOD.replace("full", "public"), "public"),
        (GOOD.replace("own_self", "own_locations"), "only a location user"),
        (GOOD.replace("own_self", "all"), "never reach other organisations"),
        (GOOD.replace("all,all", "own_organisation,all"), "belongs to no organisation"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path, row, complaint):
    with pytest.raises(PermissionTableError, match=complaint):
        read(tmp_path, row)


def test_an_action_twice_and_a_wrong_head_are_refused(tmp_path):
    with pytest.raises(PermissionTableError, match="twice"):
        read(tmp_path, GOOD, GOOD)
    table = tmp_path / "other.csv"
    table.write_text("action,source\nsee,x\n", "utf-8")
    with pytest.raises(PermissionTableError, match="columns"):
        read_permissions([("page", table)])


@pytest.mark.parametrize(
    ("role", "concern", "allowed"),
    [
        (PeopleRole.ORGANISATION_MAIN_USER, Concern(organisation_id=1), True),
        (PeopleRole.ORGANISATION_MAIN_USER, Concern(organisation_id=2, location_id=10, user_id=7), False),
        (PeopleRole.ORGANISATION_MAIN_USER, Concern(), False),
        (PeopleRole.LOCATION_USER, Concern(organisation_id=2, location_id=11), True),
        (PeopleRole.LOCATION_USER, Concern(organisation_id=1, location_id=12), False),
        (PeopleRole.LOCATION_USER, Concern(organisation_id=1), False),
        (PeopleRole.OPERATOR_SUPPORT, Concern(organisation_id=99), True),
        (PeopleRole.MAH_OBP_INVESTIGATOR, Concern(user_id=7), True),
        (PeopleRole.MAH_OBP_INVESTIGATOR, Concern(user_id=8, organisation_id=1), False),
        (PeopleRole.AUTHORITY_INSPECTOR, Concern(organisation_id=1), False),
    ],
)
def test_whose_object_decides(tmp_path, role, concern, allowed):
    assert may(read(tmp_path, GOOD)["see"], somebody(role), concern) is allowed


def test_a_list_shows_what_is_within_reach(tmp_path):
    permission = read(tmp_path, GOOD)["see"]
    assert permission.stage is Stage.FULL
    assert {role: reach(permission, somebody(role)) for role in PeopleRole} == {
        PeopleRole.ORGANISATION_MAIN_USER: Reach(organisation_id=1),
        PeopleRole.LOCATION_USER: Reach(location_ids=(10, 11)),
        PeopleRole.OPERATOR_ADMINISTRATOR: Reach(everything=True),
        PeopleRole.OPERATOR_SUPPORT: Reach(everything=True),
        PeopleRole.MAH_OBP_MAIN_USER: Reach(organisation_id=1),
        PeopleRole.MAH_OBP_INVESTIGATOR: Reach(user_id=7),
        PeopleRole.AUTHORITY_INSPECTOR: Reach(),
    }


async def _handler(visit):
    raise NotImplementedError


SEE = Route(name="see", path="/see", action="see", handler=_handler)


@pytest.mark.parametrize(
    ("routes", "complaint"),
    [
        ([SEE, Route(name="do", path="/do", action="do", handler=_handler)], "no permission table"),
        ([SEE, SEE], "same name"),
        ([SEE, Route(name="again", path="/see", action="see", handler=_handler)], "same method and path"),
        ([Route(name="one", path="/see/{number:int}", action="see", handler=_handler)], "whose it is"),
        ([], "no route has the action see"),
    ],
)
def test_a_route_without_a_rule_is_refused(tmp_path, routes, complaint):
    with pytest.raises(RouteError, match=complaint):
        check_routes([Page(name="page", routes=routes)], read(tmp_path, GOOD))


def test_a_menu_entry_leads_somewhere(tmp_path):
    page = Page(name="page", routes=[SEE], menu=MenuEntry(route="elsewhere", group=MenuGroup.SYSTEM, order=1))
    with pytest.raises(RouteError, match="leads to no route"):
        check_routes([page], read(tmp_path, GOOD))
