"""Searches of alerts that people keep: own and shared ones, bounds, two tabs; and the filter by whom alerts are assigned to."""

from __future__ import annotations

import re

import httpx
import pytest
from tests.http.portal.alerts import make_teams, raise_alert, raise_alerts
from tests.http.portal.world import PortalClient, send_form

from sinetti.alerts.saved_filters import FILTERS_MAX

SEARCH = "status=closed&q=B1&sort=-recorded_at"


@pytest.fixture(autouse=True)
async def in_english(portal: PortalClient) -> None:
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


async def save(client: httpx.AsyncClient, query: str = SEARCH, **fields: str) -> httpx.Response:
    page = (await client.get(f"/alerts/filters?{query}")).text
    return await send_form(client, f"/alerts/filters?{query}", page, **fields)


async def kept(client: httpx.AsyncClient) -> list[tuple[str, str]]:
    """Address and name of those above the list."""
    head = (await client.get("/alerts")).text.partition('<div id="list">')[2].partition("</p>")[0]
    return [
        (address.replace("&amp;", "&"), name)
        for address, name in re.findall(r'href="/alerts\?([^"]*)">([^<]*)', head)
    ]


async def test_a_search_is_kept_found_again_called_otherwise_shared_and_removed(portal):
    async with (
        portal.browser("mah_obp_main_user") as own,
        portal.browser("mah_obp_investigator") as colleague,
        portal.browser("other_mah_obp_main_user") as stranger,
        portal.browser("operator_support") as operator,
    ):
        for _ in range(2):
            saved = await save(own, SEARCH + "&page=3&location=1&nonsense=x", name=" Old ones ")
            assert saved.headers["location"] == f"/alerts?{SEARCH}", (
                "without what the reader may not filter by"
            )
        assert await kept(own) == [(SEARCH, "Old ones")], "sent twice it is kept once"
        assert await kept(colleague) == []
        page = (await own.get("/alerts/filters")).text
        number = re.findall(r'name="filter_id" value="(\d+)"', page)[0]
        await send_form(own, "/alerts/filters/change", page, filter_id=number, name="B1", shared="yes")
        assert await kept(colleague) == [(SEARCH, "B1")]
        assert await kept(stranger) == await kept(operator) == []
        for other in (colleague, stranger):
            page_of_other = (await other.get("/alerts/filters?q=x")).text
            for path in ("change", "remove"):
                answer = await send_form(
                    other, f"/alerts/filters/{path}", page_of_other, filter_id=number, name="Mine"
                )
                assert (answer.status_code, "not yours" in answer.text) == (422, True)
        gone = await send_form(own, "/alerts/filters/remove", page, filter_id=number)
        again = await send_form(own, "/alerts/filters/remove", page, filter_id=number)
        assert (gone.status_code, again.status_code) == (303, 422)
        assert await kept(own) == await kept(colleague) == []
    async with portal.world.database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT old_values, new_values FROM audit_entry WHERE action = 'alert_filter_shared'"
            " ORDER BY audit_number"
        )
        assert await cursor.fetchall() == [
            ({"shared_filter": None}, {"shared_filter": "B1"}),
            ({"shared_filter": "B1"}, {"shared_filter": None}),
        ]


async def test_a_name_that_cannot_be_and_one_too_many_are_said(portal):
    async with portal.browser("location_user") as client:
        assert (await save(client, name="Old ones")).status_code == 303
        for name, says in (
            ("", "Give the filter a name"),
            ("x" * 61, "at most 60 characters"),
            ("OLD ONES", "a filter of this name already"),
        ):
            answer = await save(client, "q=another", name=name)
            assert (answer.status_code, says in answer.text) == (422, True)
        for number in range(FILTERS_MAX - 1):
            assert (await save(client, name=f"Filter {number}")).status_code == 303
        answer = await save(client, name="One more")
        assert (answer.status_code, "at most 30 filters" in answer.text) == (422, True)


async def test_what_is_assigned_to_oneself_or_the_own_team_is_found_and_what_nobody_has(portal):
    await raise_alerts(portal.world)
    await make_teams(portal.world)
    place = portal.world.places["own"]
    for_person = await raise_alert(portal.world, "own", serial_number="UNKNOWN1")
    nobodys = await raise_alert(portal.world, "own", serial_number="UNKNOWN2")
    found = {}
    async with portal.browser("location_user") as client:
        for alert, to in (
            (place.alert_id, f"team-{place.team_id}"),
            (for_person, f"person-{portal.world.people['location_user']}"),
        ):
            page = (await client.get(f"/alerts/{alert}")).text
            answer = await send_form(client, f"/alerts/{alert}/assignment", page, assignee=to)
            assert answer.status_code == 303
        for whose in ("own", "nobody"):
            found[whose] = (await client.get(f"/alerts?assigned={whose}")).text
    async with portal.browser("organisation_main_user") as colleague:
        found["colleague's"] = (await colleague.get("/alerts?assigned=own")).text
    async with portal.browser("mah_obp_investigator") as company:
        found["company's"] = (await company.get("/alerts?assigned=nobody")).text
    alerts = {place.alert_id, for_person, nobodys}
    assert {name: {one for one in alerts if one in page} for name, page in found.items()} == {
        "own": {place.alert_id, for_person},
        "nobody": {nobodys},
        "colleague's": set(),
        "company's": alerts,
    }
