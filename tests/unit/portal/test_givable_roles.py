"""Roles that somebody may give: each is given by somebody, and nobody gives more than belongs to the own house."""

from __future__ import annotations

from sinetti.identity.people.model import MAIN_ROLES, PeopleRole
from sinetti.portal.pages.users.roles import changes_of, givable_roles, may_give


def test_only_main_users_give_roles_and_the_operator_gives_all():
    assert {role for role, given in givable_roles().items() if given} == MAIN_ROLES
    assert set(givable_roles()[PeopleRole.OPERATOR_ADMINISTRATOR]) == set(PeopleRole)


def test_an_organisation_gives_its_own_roles():
    assert givable_roles()[PeopleRole.ORGANISATION_MAIN_USER] == [
        PeopleRole.ORGANISATION_MAIN_USER,
        PeopleRole.LOCATION_USER,
    ]
    assert not may_give(PeopleRole.ORGANISATION_MAIN_USER, PeopleRole.MAH_OBP_INVESTIGATOR)
    assert not may_give(PeopleRole.MAH_OBP_MAIN_USER, PeopleRole.OPERATOR_SUPPORT)


def test_a_person_changes_within_the_house():
    administrator = PeopleRole.OPERATOR_ADMINISTRATOR
    assert set(changes_of(administrator, PeopleRole.OPERATOR_SUPPORT)) == {
        administrator,
        PeopleRole.OPERATOR_SUPPORT,
    }
    assert changes_of(administrator, PeopleRole.AUTHORITY_INSPECTOR) == [PeopleRole.AUTHORITY_INSPECTOR]
    assert PeopleRole.MAH_OBP_MAIN_USER not in changes_of(administrator, PeopleRole.LOCATION_USER)
