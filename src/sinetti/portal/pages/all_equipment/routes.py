"""Client equipment across the country, for the operator: who has not been heard of, who has no role, what is old."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.responses import Response

from sinetti.kit.exports import csv_file, xlsx_file
from sinetti.portal.lists import ListQuery, read_list_query
from sinetti.portal.pages.all_equipment import store
from sinetti.portal.pages.all_equipment.store import ListedEquipment
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.portal.words import common_words, fill
from sinetti.rules.vocabulary import ClientRole

STATES = ("in_use", "locked")
USED = (*store.DAYS, "never")
ROLES = (*(role.value for role in ClientRole), "none")


async def show_list(visit: Visit) -> Response:
    """Find client equipment anywhere."""
    query, versions = await _query(visit)
    found = await store.list_equipment(visit.tx, query, visit.language.value, visit.now)
    words, states = visit.words, common_words(visit.language)["state"]
    return visit.render(
        "list.html",
        list=found,
        used_choices=[
            ("", words["any_use"]),
            *((days, fill(words["quiet"], days=days)) for days in store.DAYS),
            ("never", words["never"]),
        ],
        role_choices=[("", words["any_role"]), *((role, words["client_role"][role]) for role in ROLES)],
        state_choices=[("", words["any_state"]), *((state, states[state]) for state in STATES)],
        api_choices=[("", words["any_version"]), *((version, version) for version in versions)],
        export_query=query.href().partition("?")[2],
    )


async def export_csv(visit: Visit) -> Response:
    """The list as it is searched and filtered, as CSV."""
    return await csv_file("client-equipment", *await _exported(visit))


async def export_xlsx(visit: Visit) -> Response:
    """The same as a workbook."""
    heads, rows = await _exported(visit)
    return await xlsx_file("client-equipment", heads, rows, visit.portal.settings.zone)


async def show_software(visit: Visit) -> Response:
    """Which software works with which version of the interface, and how much of it there is."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.SOFTWARE_ORDERS),
        filters={"used": store.DAYS},
        descending=True,
    )
    found, equipment_count = await store.list_software(visit.tx, query, visit.language.value, visit.now)
    words = visit.words
    return visit.render(
        "software.html",
        list=found,
        equipment_count=equipment_count,
        used_choices=[
            ("", words["any_use"]),
            *((days, fill(words["lately"], days=days)) for days in store.DAYS),
        ],
    )


async def _query(visit: Visit) -> tuple[ListQuery, list[str]]:
    versions = await store.list_api_versions(visit.tx)
    query = read_list_query(
        visit.url("all_equipment"),
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"used": USED, "role": ROLES, "state": STATES, "api": versions},
        descending=True,
    )
    return query, versions


async def _exported(visit: Visit) -> tuple[list[str], Iterator[tuple[object, ...]]]:
    """Heads and rows of the file, in words that a person reads."""
    query, _ = await _query(visit)
    rows = await store.export_equipment(visit.tx, query, visit.language.value, visit.now)
    column, roles = visit.words["column"], visit.words["client_role"]
    heads = [
        *(column[key] for key in ("name", "client_id", "client_role", "location", "organisation")),
        *(
            column[key]
            for key in ("software", "api_version", "last_used", "created", "locked", "lock_reason")
        ),
    ]

    def cells(row: ListedEquipment) -> tuple[object, ...]:
        return (
            *(row.name, row.client_id, roles[row.client_role or "none"], row.location_name),
            *(row.organisation_name, row.user_agent, row.api_version, row.last_used_at, row.created_at),
            *(row.locked_at, row.lock_reason),
        )

    return heads, map(cells, rows)


PAGE = Page(
    name="all_equipment",
    menu=MenuEntry(route="all_equipment", group=MenuGroup.PARTICIPANTS, order=30),
    routes=(
        Route(name="all_equipment", path="/equipment", action="see_all_equipment", handler=show_list),
        Route(
            name="all_equipment_csv",
            path="/equipment/client-equipment.csv",
            action="export_all_equipment",
            handler=export_csv,
            is_page=False,
        ),
        Route(
            name="all_equipment_xlsx",
            path="/equipment/client-equipment.xlsx",
            action="export_all_equipment",
            handler=export_xlsx,
            is_page=False,
        ),
        Route(name="software", path="/equipment/software", action="see_software", handler=show_software),
    ),
)
