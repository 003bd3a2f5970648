"""Locations: the left menu's list (portal guide, step 3), and the page that its pencil leads to (step 4)."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.portal.legitimacy import calendar, last_check
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.locations import store
from sinetti.portal.pages.locations.model import LocationState
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words
from sinetti.rules.vocabulary import Language


async def show_list(visit: Visit) -> Response:
    """The locations that the person may see."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"state": [state.value for state in LocationState]},
    )
    found = await store.list_locations(visit.tx, query, visit.reach, visit.language.value)
    state_words = common_words(visit.language)["state"]
    choices = [
        ("", visit.words["any_state"]),
        *((state.value, state_words[state.value]) for state in LocationState),
    ]
    several = visit.person.organisation_id is None
    return visit.render("list.html", list=found, state_choices=choices, several=several)


async def show_one(visit: Visit) -> Response:
    """One location with its client equipment."""
    location_id = visit.number("location_id")
    location = await store.find_location(visit.tx, location_id)
    assert location is not None, "the concern of the route has found it"
    equipment = await store.list_equipment(visit.tx, location_id)
    languages = ", ".join(common_words(Language(code))["language"] for code in location.languages)
    days = calendar(visit.rules, visit.portal.settings.zone, visit.now)
    check = await last_check(visit.tx, location_id, days)
    return visit.render(
        "one.html", check=check, location=location, equipment=equipment, names_of_languages=languages
    )


PAGE = Page(
    name="locations",
    menu=MenuEntry(route="locations", group=MenuGroup.PARTICIPANTS, order=20),
    routes=(
        Route(name="locations", path="/locations", action="see_locations", handler=show_list),
        Route(
            name="location",
            path="/locations/{location_id:int}",
            action="see_locations",
            handler=show_one,
            concern=owners.of_location,
        ),
    ),
)
