"""Changing a user's name, language, role and locations."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity import registry
from sinetti.identity.people import people
from sinetti.identity.people.model import PeopleRole, Person
from sinetti.kit.problems import Problem
from sinetti.portal.pages.users import notices, store
from sinetti.portal.pages.users.forms import faults, language_choices, location_ids
from sinetti.portal.pages.users.roles import changes_of
from sinetti.portal.pages.users.targets import acting_for, target
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words


async def show_form(visit: Visit) -> Response:
    """What can be changed."""
    return await _form(visit, await target(visit), {})


async def change(visit: Visit) -> Response:
    """Change it; a role counts with the next request."""
    before = await target(visit)
    chosen = visit.form.get("role", "")
    if chosen not in {role.value for role in changes_of(visit.person.role, before.role)}:
        return await _form(visit, before, {"role": visit.words["fault"]["role"]})
    role = PeopleRole(chosen)
    locations = await store.list_locations(visit.tx, before.organisation_id, visit.language.value)
    errors = faults(visit, role, {number for number, _ in locations})
    if errors:
        return await _form(visit, before, errors)
    number = before.organisation_id
    try:
        after = await people.change_person(
            visit.tx,
            before.user_id,
            name=visit.form["name"],
            role=role,
            organisation=None if number is None else await registry.organisation(visit.tx, number),
            location_ids=location_ids(visit, role),
            language=visit.form["language"],
            acting_for=acting_for(visit),
        )
    except Problem as problem:
        if problem.key != "last-main-user":
            raise
        return await _form(visit, before, {"role": visit.words["fault"]["last_main_user"]})
    old, new = _changes(before, after)
    if new:
        await notices.record(visit, after, "user_changed", old=old, new=new)
    if after.role is not before.role:
        await notices.tell(visit, after, "role_changed", path="/", role=notices.role_words(after))
    return visit.redirect(visit.url("user", user_id=after.user_id), done="changed")


def _changes(before: Person, after: Person) -> tuple[dict[str, object], dict[str, object]]:
    """What was, and what is."""
    names = [
        name
        for name in ("name", "role", "language", "location_ids")
        if getattr(before, name) != getattr(after, name)
    ]
    return {name: getattr(before, name) for name in names}, {name: getattr(after, name) for name in names}


async def _form(visit: Visit, person: Person, errors: Mapping[str, str]) -> Response:
    roles, means = common_words(visit.language)["role"], visit.words["role_means"]
    sent = visit.request.method == "POST"
    locations: list[tuple[str, str]] = []
    if PeopleRole.LOCATION_USER in changes_of(visit.person.role, person.role):
        locations = await store.list_locations(visit.tx, person.organisation_id, visit.language.value)
    return visit.render(
        "change.html",
        status=422 if errors else 200,
        errors=errors,
        person=person,
        name=visit.form.get("name", person.name),
        role=visit.form.get("role", person.role.value),
        roles=[
            (role.value, roles[role.value], means[role.value])
            for role in changes_of(visit.person.role, person.role)
        ],
        chosen_language=visit.form.get("language", person.language),
        language_choices=language_choices(),
        locations=locations,
        chosen_locations=(
            visit.form_lists.get("locations", []) if sent else [str(one) for one in person.location_ids]
        ),
    )
