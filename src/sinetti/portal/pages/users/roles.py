"""Which roles somebody may give to others: a table, proven when it is read."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

from sinetti.identity.people.model import OF_MAH_OBP, WITHOUT_ORGANISATION, PeopleRole

_KIN = (
    frozenset({PeopleRole.ORGANISATION_MAIN_USER, PeopleRole.LOCATION_USER}),
    OF_MAH_OBP,
    frozenset({PeopleRole.OPERATOR_ADMINISTRATOR, PeopleRole.OPERATOR_SUPPORT}),
    frozenset({PeopleRole.AUTHORITY_INSPECTOR}),
)
"""Roles that one person may have one after the other: those of the same house."""


@cache
def givable_roles() -> Mapping[PeopleRole, Sequence[PeopleRole]]:
    """The roles that each role may give, in the order of the table.

    Raises `ValueError` for a row without a source, a row that is there twice, and an organisation's own role that
    could give one of another house.
    """
    text = files("sinetti.portal.pages.users").joinpath("roles.csv").read_text("utf-8")
    given: dict[PeopleRole, list[PeopleRole]] = {role: [] for role in PeopleRole}
    for row in csv.DictReader(text.splitlines(), strict=True):
        giver, role = PeopleRole(row["giver"]), PeopleRole(row["role"])
        if not row["source"] or role in given[giver]:
            raise ValueError(f"roles.csv: {giver} gives {role} twice, or without a source")
        if giver not in WITHOUT_ORGANISATION and role not in kin_of(giver):
            raise ValueError(f"roles.csv: {giver} must not give {role}, a role of another house")
        given[giver].append(role)
    return given


def may_give(giver: PeopleRole, role: PeopleRole) -> bool:
    """Whether somebody may give this role, and so look after those who have it."""
    return role in givable_roles()[giver]


def changes_of(giver: PeopleRole, role: PeopleRole) -> Sequence[PeopleRole]:
    """The roles that somebody may give in place of this one."""
    return [other for other in givable_roles()[giver] if other in kin_of(role)]


def kin_of(role: PeopleRole) -> frozenset[PeopleRole]:
    """The roles of the same house."""
    return next(kin for kin in _KIN if role in kin)
