"""What the forms about a user have in common."""

from __future__ import annotations

from collections.abc import Container

from sinetti.identity.people import people
from sinetti.identity.people.model import PeopleRole
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.vocabulary import Language

LOCATIONS_MAX = 150
"""Of one location user. Whoever works for more sees the whole organisation as a main user."""


def faults(visit: Visit, role: PeopleRole, known_locations: Container[str]) -> dict[str, str]:
    """What is wrong with name, language and locations, by field."""
    words, errors = visit.words["fault"], {}
    if not people.is_name(people.plain_name(visit.form.get("name", ""))):
        errors["name"] = fill(words["name"], most=people.NAME_CHARACTERS_MAX)
    if visit.form.get("language") not in set(Language):
        errors["language"] = words["language"]
    if role is PeopleRole.LOCATION_USER:
        given = set(visit.form_lists.get("locations", []))
        if not given or any(one not in known_locations for one in given):
            errors["locations"] = words["locations"]
        elif len(given) > LOCATIONS_MAX:
            errors["locations"] = fill(words["locations_max"], most=LOCATIONS_MAX)
    return errors


def location_ids(visit: Visit, role: PeopleRole) -> list[int]:
    """The locations that the form names; none for other roles."""
    if role is not PeopleRole.LOCATION_USER:
        return []
    return sorted({int(one) for one in visit.form_lists.get("locations", [])})


def language_choices() -> list[tuple[str, str]]:
    """Each language by its own name."""
    return [(language.value, common_words(language)["language"]) for language in Language]
