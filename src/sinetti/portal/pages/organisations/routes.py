"""Organisations: the operator's list, one organisation's page, adding and changing one.

Locking is a page of its own (`pages/locks`), for locations are locked in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity import registry
from sinetti.portal import access, audit, form_keys
from sinetti.portal.access import Concern, Extent
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.organisations import store
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import audited_actions, common_words, fill
from sinetti.rules.vocabulary import OrganisationKind

STATES = ("in_use", "locked")
DETAILS = ("business_id", "contact_name", "contact_email", "contact_phone")
_DETAIL_CHARACTERS_MAX = 200
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_BUSINESS_ID = re.compile(r"[0-9A-Z][0-9A-Z ./-]{2,39}")


async def show_list(visit: Visit) -> Response:
    """All organisations; whoever belongs to one goes straight to it."""
    if visit.person.organisation_id is not None:
        return visit.redirect(visit.url("organisation", organisation_id=visit.person.organisation_id))
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"kind": [kind.value for kind in OrganisationKind], "state": STATES},
    )
    found = await store.list_organisations(visit.tx, query, visit.language.value)
    common = common_words(visit.language)
    return visit.render(
        "list.html",
        list=found,
        kind_choices=[("", visit.words["any_kind"]), *_kinds(visit)],
        state_choices=[
            ("", visit.words["any_state"]),
            *((state, common["state"][state]) for state in STATES),
        ],
    )


async def show_one(visit: Visit) -> Response:
    """One organisation: its locations, people, equipment, and what was done lately."""
    organisation_id = visit.number("organisation_id")
    organisation = await store.find_organisation(visit.tx, organisation_id)
    assert organisation is not None, "the concern of the route has found it"
    reach = access.reach(visit.portal.permissions["see_locations"], visit.person)
    locations, location_count = await store.list_locations(
        visit.tx, organisation_id, reach, visit.language.value
    )
    # Whoever looks after one location needs to know whom to ask, and no more of the colleagues.
    everybody = visit.portal.permissions["see_locations"].extents[visit.person.role] in {
        Extent.ALL,
        Extent.OWN_ORGANISATION,
    }
    people = await store.list_people(visit.tx, organisation_id, visit.language.value, everybody=everybody)
    sees_audit = visit.may("see_audit", visit.concern)
    return visit.render(
        "one.html",
        organisation=organisation,
        locations=locations,
        location_count=location_count,
        people=people,
        recent=await store.list_recent(visit.tx, organisation_id) if sees_audit else [],
        sees_audit=sees_audit,
        actions=audited_actions(tuple(page.name for page in visit.portal.pages), visit.language),
    )


async def show_form(visit: Visit) -> Response:
    """The form for a new organisation."""
    return _form(visit, {}, {})


async def add(visit: Visit) -> Response:
    """Add it. Its locations and people come next, from its own page."""
    details, errors = _read(visit)
    if errors:
        return _form(visit, {}, errors)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="added")
    if errors := await _taken(visit, details, 0):
        return _form(visit, {}, errors)
    added = await registry.add_organisation(
        visit.tx, name=visit.form["name"], kind=OrganisationKind(visit.form["kind"]), now=visit.now
    )
    await store.keep_details(visit.tx, added.organisation_id, details)
    new = {
        "name": added.name,
        "kind": added.kind.value,
        **{key: value for key, value in details.items() if value},
    }
    await _record(visit, added.organisation_id, added.name, "organisation_added", {}, new)
    path = visit.url("organisation", organisation_id=added.organisation_id)
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="added")


_KINDS_THAT_STAY = frozenset(
    {OrganisationKind.MAH_OBP, OrganisationKind.OPERATOR, OrganisationKind.AUTHORITY}
)
"""A company's people have roles that no pharmacy has, and the other way round; and a pharmacy's systems must not get to
see what the operator's do by a slip of the hand."""


async def show_change(visit: Visit) -> Response:
    """The form with what is known."""
    return _form(visit, await store.hold_organisation(visit.tx, visit.number("organisation_id")), {})


async def change(visit: Visit) -> Response:
    """Change name, kind, number or contact."""
    organisation_id = visit.number("organisation_id")
    before = await store.hold_organisation(visit.tx, organisation_id)
    details, errors = _read(visit)
    if not errors:
        kind = visit.form["kind"]
        if kind != before["kind"] and _KINDS_THAT_STAY & {kind, before["kind"]}:
            errors = {"kind": visit.words["fault"]["kind_stays"]}
        else:
            errors = await _taken(visit, details, organisation_id)
    if errors:
        return _form(visit, before, errors)
    after = {"name": " ".join(visit.form["name"].split()), "kind": visit.form["kind"], **details}
    changed = [key for key in after if after[key] != before[key]]
    if {"name", "kind"} & set(changed):
        await registry.change_organisation(
            visit.tx, organisation_id, name=visit.form["name"], kind=OrganisationKind(visit.form["kind"])
        )
    if changed:
        await store.keep_details(visit.tx, organisation_id, details)
        old, new = ({key: values[key] for key in changed} for values in (before, after))
        await _record(visit, organisation_id, str(after["name"]), "organisation_changed", old, new)
    return visit.redirect(visit.url("organisation", organisation_id=organisation_id), done="changed")


def _form(visit: Visit, before: Mapping[str, object], errors: Mapping[str, str]) -> Response:
    values = {key: visit.form.get(key, before.get(key) or "") for key in ("name", "kind", *DETAILS)}
    return visit.render(
        "form.html",
        status=422 if errors else 200,
        errors=errors,
        values=values,
        kinds=_kinds(visit),
        before=before,
        form_key=visit.new_form_key(),
    )


def _kinds(visit: Visit) -> list[tuple[str, str]]:
    words = common_words(visit.language)["organisation_kind"]
    return [(kind.value, words[kind.value]) for kind in OrganisationKind]


def _read(visit: Visit) -> tuple[dict[str, str | None], dict[str, str]]:
    """Number and contact as the form has them, and what is wrong with the form."""
    fault, errors = visit.words["fault"], {}
    name = " ".join(visit.form.get("name", "").split())
    if not 0 < len(name) <= registry.NAME_CHARACTERS_MAX or not name.isprintable():
        errors["name"] = fill(fault["name"], most=registry.NAME_CHARACTERS_MAX)
    if visit.form.get("kind") not in {kind.value for kind in OrganisationKind}:
        errors["kind"] = fault["kind"]
    details = {key: " ".join(visit.form.get(key, "").split()) or None for key in DETAILS}
    for key, value in details.items():
        if value is not None and (len(value) > _DETAIL_CHARACTERS_MAX or not value.isprintable()):
            errors[key] = fill(fault["too_long"], most=_DETAIL_CHARACTERS_MAX)
    if (business_id := details["business_id"]) is not None:
        details["business_id"] = business_id.upper()
        if "business_id" not in errors and not _BUSINESS_ID.fullmatch(business_id.upper()):
            errors["business_id"] = fault["business_id"]
    email = details["contact_email"]
    if email is not None and "contact_email" not in errors and not _EMAIL.fullmatch(email):
        errors["contact_email"] = fault["email"]
    return details, errors


async def _taken(visit: Visit, details: Mapping[str, str | None], organisation_id: int) -> dict[str, str]:
    """An organisation that is entered twice would be locked once and work on."""
    if (business_id := details["business_id"]) is None:
        return {}
    holder = await store.holder_of_business_id(visit.tx, business_id, organisation_id)
    return {} if holder is None else {"business_id": fill(visit.words["fault"]["taken"], name=holder)}


async def _record(
    visit: Visit,
    organisation_id: int,
    name: str,
    action: str,
    old: Mapping[str, object],
    new: Mapping[str, object],
) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="organisation",
        object_id=organisation_id,
        object_name=name,
        concern=Concern(organisation_id=organisation_id),
        old=old,
        new=new,
    )


_NEW = "/organisations/new"
_ONE = "/organisations/{organisation_id:int}"
_CHANGE = f"{_ONE}/change"

PAGE = Page(
    name="organisations",
    menu=MenuEntry(route="organisations", group=MenuGroup.PARTICIPANTS, order=10),
    routes=(
        Route(name="organisations", path="/organisations", action="see_organisations", handler=show_list),
        Route(name="new_organisation", path=_NEW, action="add_organisation", handler=show_form),
        Route(name="add_organisation", path=_NEW, action="add_organisation", handler=add, method="POST"),
        Route(
            name="organisation",
            path=_ONE,
            action="see_organisations",
            handler=show_one,
            concern=owners.of_organisation,
        ),
        Route(
            name="ask_change_organisation",
            path=_CHANGE,
            action="change_organisation",
            handler=show_change,
            concern=owners.of_organisation,
        ),
        Route(
            name="change_organisation",
            path=_CHANGE,
            action="change_organisation",
            handler=change,
            method="POST",
            concern=owners.of_organisation,
        ),
    ),
)
