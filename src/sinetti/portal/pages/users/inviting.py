"""A new user: first the role, and to whom it belongs; then who it is. The link goes to the new user alone."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.responses import Response

from sinetti.identity import registry
from sinetti.identity.model import Organisation
from sinetti.identity.people import people
from sinetti.identity.people.model import OF_MAH_OBP, WITHOUT_ORGANISATION, PeopleRole
from sinetti.kit.problems import Problem
from sinetti.portal import form_keys
from sinetti.portal.pages.users import notices, store
from sinetti.portal.pages.users.forms import faults, language_choices, location_ids
from sinetti.portal.pages.users.roles import givable_roles
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words
from sinetti.rules.vocabulary import OrganisationKind

_NUMBER_CHARACTERS_MAX = 9


class _Post(msgspec.Struct, frozen=True, kw_only=True):
    """What the new user will be."""

    role: PeopleRole
    organisation: Organisation | None


async def show_form(visit: Visit) -> Response:
    """The first form, or, once it is answered, the second."""
    given = visit.request.query_params
    if not given.keys() & {"role", "organisation"}:
        return await _choose(visit, given, {})
    post, errors = await _post(visit, given)
    if post is None:
        return await _choose(visit, given, errors)
    return await _form(visit, post, {})


async def add(visit: Visit) -> Response:
    """Add the user and send the invitation."""
    post, errors = await _post(visit, visit.form)
    if post is None:
        return await _choose(visit, visit.form, errors)
    locations = await store.list_locations(visit.tx, _number_of(post), visit.language.value)
    errors = faults(visit, post.role, {number for number, _ in locations})
    email = visit.form.get("email", "").strip()
    if not people.is_email(email):
        errors["email"] = visit.words["fault"]["email"]
    if errors:
        return await _form(visit, post, errors)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="invited")
    try:
        added = await people.add_person(
            visit.tx,
            name=visit.form["name"],
            email=email,
            role=post.role,
            organisation=post.organisation,
            location_ids=location_ids(visit, post.role),
            language=visit.form["language"],
            now=visit.now,
        )
    except Problem as problem:
        if problem.key != "person-email-taken":
            raise
        await form_keys.forget(visit)
        return await _form(visit, post, {"email": visit.words["fault"]["email_taken"]})
    new = {"role": added.role.value, "email": added.email, "location_ids": added.location_ids}
    await notices.record(visit, added, "user_added", new=new)
    await notices.invite(visit, added)
    path = visit.url("user", user_id=added.user_id)
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="invited")


async def _post(visit: Visit, given: Mapping[str, str]) -> tuple[_Post | None, dict[str, str]]:
    """What the first form says, or what is wrong with it. Whoever has an organisation invites into that one."""
    words = visit.words["fault"]
    chosen = given.get("role", "")
    if chosen not in {role.value for role in givable_roles()[visit.person.role]}:
        return None, {"role": words["role"]}
    role = PeopleRole(chosen)
    if role in WITHOUT_ORGANISATION:
        return _Post(role=role, organisation=None), {}
    number: int | None = visit.person.organisation_id
    if number is None:
        typed = given.get("organisation", "")[:_NUMBER_CHARACTERS_MAX]
        number = int(typed) if typed.isascii() and typed.isdigit() else 0
    try:
        organisation = await registry.organisation(visit.tx, number)
    except Problem:
        return None, {"organisation": words["organisation"]}
    if (role in OF_MAH_OBP) != (organisation.kind is OrganisationKind.MAH_OBP):
        return None, {"organisation": words["organisation_kind"]}
    return _Post(role=role, organisation=organisation), {}


async def _choose(visit: Visit, given: Mapping[str, str], errors: Mapping[str, str]) -> Response:
    roles, means = common_words(visit.language)["role"], visit.words["role_means"]
    choices = [
        (role.value, roles[role.value], means[role.value]) for role in givable_roles()[visit.person.role]
    ]
    organisations = (
        await store.list_organisations(visit.tx, visit.language.value)
        if visit.person.organisation_id is None
        else []
    )
    return visit.render(
        "choose.html",
        status=422 if errors else 200,
        errors=errors,
        choices=choices,
        role=given.get("role", ""),
        organisations=[("", visit.words["no_organisation"]), *organisations] if organisations else [],
        organisation=given.get("organisation", ""),
    )


async def _form(visit: Visit, post: _Post, errors: Mapping[str, str]) -> Response:
    locations: list[tuple[str, str]] = []
    if post.role is PeopleRole.LOCATION_USER:
        locations = await store.list_locations(visit.tx, _number_of(post), visit.language.value)
    return visit.render(
        "new.html",
        status=422 if errors else 200,
        errors=errors,
        post=post,
        organisation_id=_number_of(post) or "",
        name=visit.form.get("name", ""),
        email=visit.form.get("email", ""),
        chosen_language=visit.form.get("language", ""),
        language_choices=language_choices(),
        locations=locations,
        chosen_locations=visit.form_lists.get("locations", []),
        form_key=visit.new_form_key(),
    )


def _number_of(post: _Post) -> int | None:
    return None if post.organisation is None else post.organisation.organisation_id
