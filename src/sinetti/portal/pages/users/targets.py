"""Whom a page is about, and on whose behalf something is done."""

from __future__ import annotations

from sinetti.identity.people import people
from sinetti.identity.people.model import ActingFor, Person
from sinetti.kit.problems import Problem
from sinetti.portal.pages.users.roles import may_give
from sinetti.portal.visit import Visit


async def target(visit: Visit) -> Person:
    """The person of the path, for somebody who may look after people of that role. Problem: `page-not-yours`."""
    person = await people.person(visit.tx, visit.number("user_id"))
    if not may_give(visit.person.role, person.role):
        raise Problem("page-not-yours", 403)
    return person


def acting_for(visit: Visit) -> ActingFor:
    """The operator's people act for the operator, everybody else for the own organisation."""
    return ActingFor.OPERATOR if visit.person.organisation_id is None else ActingFor.ORGANISATION
