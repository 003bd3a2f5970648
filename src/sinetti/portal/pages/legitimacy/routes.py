"""Checks of legitimacy. What was recorded stays: whoever was mistaken records another one, and says so."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

import msgspec
from starlette.responses import Response

from sinetti.identity import registry
from sinetti.identity.store.rows import rows_as
from sinetti.kit.db import load_queries
from sinetti.portal import audit, form_keys
from sinetti.portal.legitimacy import Calendar, Standing, calendar, last_check
from sinetti.portal.lists import list_values, read_list_query
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.store.lists import Orders, list_page
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill

METHOD_CHARACTERS_MAX = 1000
REFERENCE_CHARACTERS_MAX = 200

_QUERIES = load_queries("sinetti.portal.pages.legitimacy", "legitimacy.sql")
ORDERS: Orders = {
    "due": ("due_on NULLS FIRST", "due_on DESC NULLS LAST"),
    "location": ("sinetti_sort_key(name, %(language)s)", "sinetti_sort_key(name, %(language)s) DESC"),
    "organisation": (
        "sinetti_sort_key(organisation_name, %(language)s)",
        "sinetti_sort_key(organisation_name, %(language)s) DESC",
    ),
    "checked": ("checked_on NULLS FIRST", "checked_on DESC NULLS LAST"),
}


class ListedLocation(msgspec.Struct, frozen=True, kw_only=True):
    """A location with its newest check."""

    location_id: int
    name: str
    organisation_name: str
    checked_on: date | None
    checked_by_name: str | None
    due_on: date | None
    standing: Standing


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One check as it was recorded."""

    checked_on: date
    checked_by_name: str
    method: str
    document_reference: str | None
    recorded_at: datetime


async def show_list(visit: Visit) -> Response:
    """Locations by the day on which their check is due; those never checked come first."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(ORDERS),
        filters={"standing": [standing.value for standing in Standing]},
    )
    days = _calendar(visit)
    found = await list_page(
        visit.tx,
        _QUERIES["list_checks"],
        ListedLocation,
        query,
        orders=ORDERS,
        key="location_id",
        values={**list_values(query, visit.language.value), **days.values()},
    )
    names = visit.words["standing"]
    return visit.render(
        "list.html",
        list=found,
        months=days.months,
        standing_choices=[
            ("", visit.words["any_standing"]),
            *((standing.value, names[standing.value]) for standing in Standing),
        ],
    )


async def show_location(visit: Visit) -> Response:
    """All checks of one location, and the form for the next one."""
    return await _page(visit, {})


async def record(visit: Visit) -> Response:
    """Record a check that was made."""
    checked_on, errors = _day(visit)
    method, reference = (_text(visit, name) for name in ("method", "document_reference"))
    if not 0 < len(method) <= METHOD_CHARACTERS_MAX or not method.isprintable():
        errors["method"] = fill(visit.words["fault"]["method"], most=METHOD_CHARACTERS_MAX)
    if len(reference) > REFERENCE_CHARACTERS_MAX or not reference.isprintable():
        errors["document_reference"] = fill(visit.words["fault"]["reference"], most=REFERENCE_CHARACTERS_MAX)
    if errors:
        return await _page(visit, errors)
    if made_before := await form_keys.use(visit):
        return visit.redirect(made_before, done="recorded")
    location_id = visit.number("location_id")
    who = visit.person
    await visit.tx.execute(
        _QUERIES["add_check"],
        {
            "location_id": location_id,
            "checked_on": checked_on,
            "checked_by": who.user_id,
            "checked_by_name": who.name,
            "method": method,
            "document_reference": reference or None,
            "now": visit.now,
        },
    )
    location = await registry.location(visit.tx, location_id)
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="legitimacy_recorded",
        object_kind="location",
        object_id=location_id,
        object_name=location.name,
        concern=visit.concern,
        new={"checked_on": checked_on, "method": method, "document_reference": reference or None},
    )
    path = visit.url("location_legitimacy", location_id=location_id)
    await form_keys.keep_result(visit, path)
    return visit.redirect(path, done="recorded")


def _calendar(visit: Visit) -> Calendar:
    return calendar(visit.rules, visit.portal.settings.zone, visit.now)


def _text(visit: Visit, name: str) -> str:
    return " ".join(visit.form.get(name, "").split())


def _day(visit: Visit) -> tuple[date | None, dict[str, str]]:
    try:
        day = date.fromisoformat(_text(visit, "checked_on"))
    except ValueError:
        return None, {"checked_on": visit.words["fault"]["day"]}
    if day > _calendar(visit).today:
        return None, {"checked_on": visit.words["fault"]["day_to_come"]}
    return day, {}


async def _page(visit: Visit, errors: Mapping[str, str]) -> Response:
    location_id = visit.number("location_id")
    days = _calendar(visit)
    cursor = await visit.tx.cursor(row_factory=rows_as(Check)).execute(
        _QUERIES["list_of_location"], {"location_id": location_id}
    )
    return visit.render(
        "location.html",
        status=422 if errors else 200,
        errors=errors,
        location=await registry.location(visit.tx, location_id),
        last=await last_check(visit.tx, location_id, days),
        checks=await cursor.fetchall(),
        months=days.months,
        values={
            "checked_on": visit.form.get("checked_on", days.today.isoformat()),
            "method": visit.form.get("method", ""),
            "document_reference": visit.form.get("document_reference", ""),
        },
        form_key=visit.new_form_key(),
    )


_OF_LOCATION = "/locations/{location_id:int}/legitimacy"

PAGE = Page(
    name="legitimacy",
    menu=MenuEntry(route="legitimacy", group=MenuGroup.PARTICIPANTS, order=60),
    routes=(
        Route(name="legitimacy", path="/legitimacy", action="see_legitimacy", handler=show_list),
        Route(
            name="location_legitimacy",
            path=_OF_LOCATION,
            action="see_location_legitimacy",
            handler=show_location,
            concern=owners.of_location,
        ),
        Route(
            name="record_legitimacy",
            path=_OF_LOCATION,
            action="record_legitimacy",
            handler=record,
            method="POST",
            concern=owners.of_location,
        ),
    ),
)
