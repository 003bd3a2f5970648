"""A new password in a form: what makes a good one, and what is wrong with one that will not do."""

from __future__ import annotations

from sinetti.identity.people.model import Person
from sinetti.identity.people.passwords import CHARACTERS_MAX, CHARACTERS_MIN, fault_of_password
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill


def password_fault(visit: Visit, person: Person, password: str) -> str | None:
    """What is wrong with it, in words; `None` where nothing is."""
    fault = fault_of_password(password, (person.name, person.email, person.organisation_name or ""))
    if fault is None:
        return None
    words: str = common_words(visit.language)["password_fault"][fault]
    return fill(words, least=CHARACTERS_MIN, most=CHARACTERS_MAX)


def password_hint(visit: Visit) -> str:
    """What makes a good one."""
    return fill(common_words(visit.language)["password_hint"], least=CHARACTERS_MIN)
