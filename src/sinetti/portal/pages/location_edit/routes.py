"""Edit a location: what is no matter of contract at once, and all of it where the operator does it.

Which field is which is `rules/tables/location_fields.csv`.
"""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from sinetti.identity.people.model import WITHOUT_ORGANISATION
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.location_form import (
    Value,
    application_rules,
    faults_of,
    form_fields,
    read_values,
)
from sinetti.portal.routing import Page, Route
from sinetti.portal.store import owners
from sinetti.portal.store.locations import HeldLocation, change_fields, gln_is_taken, hold_location
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words
from sinetti.rules.applications.vocabulary import ChangedBy, LocationField


async def show_form(visit: Visit) -> Response:
    """The form with what is known."""
    held = await hold_location(visit.tx, visit.number("location_id"))
    return _form(visit, held, held.values, {})


async def edit(visit: Visit) -> Response:
    """Change it at once; the audit keeps what was and what is."""
    held = await hold_location(visit.tx, visit.number("location_id"))
    values = read_values(visit.form, visit.form_lists, _fields(visit))
    errors = faults_of(values, visit.language)
    gln = values.get(LocationField.GLN)
    if isinstance(gln, str) and not errors and await gln_is_taken(visit.tx, gln, held.location_id):
        errors = {LocationField.GLN.value: common_words(visit.language)["location_fault"]["gln_taken"]}
    if errors:
        return _form(visit, held, values, errors)
    old, new = await change_fields(visit.tx, held, values, visit.now)
    if new:
        await audit.record(
            visit.tx,
            visit.actor,
            visit.now,
            action="location_changed",
            object_kind="location",
            object_id=held.location_id,
            object_name=str({**held.values, **new}["name"]),
            concern=Concern(organisation_id=held.organisation_id, location_id=held.location_id),
            old=old,
            new=new,
        )
    return visit.redirect(visit.url("location", location_id=held.location_id), done="location_changed")


def _fields(visit: Visit) -> tuple[LocationField, ...]:
    if visit.person.role in WITHOUT_ORGANISATION:
        return tuple(LocationField)
    return application_rules().changed_by(ChangedBy.MAIN_USER)


def _form(
    visit: Visit, held: HeldLocation, values: Mapping[str, Value], errors: Mapping[str, str]
) -> Response:
    return visit.render(
        "edit.html",
        status=422 if errors else 200,
        errors=errors,
        held=held,
        fields=form_fields(_fields(visit), values, errors, visit.language),
    )


_PATH = "/locations/{location_id:int}/edit"

PAGE = Page(
    name="location_edit",
    routes=(
        Route(
            name="ask_edit_location",
            path=_PATH,
            action="edit_location",
            handler=show_form,
            concern=owners.of_location,
        ),
        Route(
            name="edit_location",
            path=_PATH,
            action="edit_location",
            handler=edit,
            method="POST",
            concern=owners.of_location,
        ),
    ),
)
