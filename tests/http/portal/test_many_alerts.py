"""Many alerts in the portal: one change with a preview, what it leaves alone, and the list as a file."""

from __future__ import annotations

import io
import re
import zipfile

import httpx
import pytest
from psycopg.types.json import Jsonb
from tests.http.portal.alerts import make_teams, raise_alert, raise_alerts
from tests.http.portal.world import PortalClient, send_form

from sinetti.alerts.many import BULK_ALERTS_MAX
from sinetti.portal.pages.alerts.many import forget_results


@pytest.fixture(autouse=True)
async def in_english(portal: PortalClient) -> None:
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


@pytest.fixture
async def alerts(portal: PortalClient) -> list[str]:
    """Three alerts of the own pharmacy; one of the other pharmacy is there, too."""
    await raise_alerts(portal.world)
    more = [await raise_alert(portal.world, "own", serial_number=f"UNKNOWN{n}") for n in (1, 2)]
    return [portal.world.places["own"].alert_id, *more]


async def rows(portal: PortalClient, query: str, *values: object) -> list[tuple[object, ...]]:
    async with portal.world.database.transaction() as tx:
        return await (await tx.execute(query, values)).fetchall()


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the last form of the page's content."""
    form = page.partition("<main")[2].rpartition("<form")[2]
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))


async def choose(client: httpx.AsyncClient, query: str = "", **fields: object) -> httpx.Response:
    page = (await client.get(f"/alerts{query}")).text
    ticked = re.findall(r'name="alert" value="([0-9-]+)"', page)
    return await send_form(client, f"/alerts/many{query}", page, **({"alert": ticked} | fields))  # type: ignore[arg-type]


async def preview(client: httpx.AsyncClient, chosen: httpx.Response, **fields: str) -> httpx.Response:
    given = hidden(chosen.text) | fields
    given.pop("csrf_token", None)
    return await send_form(client, "/alerts/many", chosen.text, **given)


async def confirm(client: httpx.AsyncClient, shown: httpx.Response) -> httpx.Response:
    given = hidden(shown.text)
    given.pop("csrf_token")
    return await send_form(client, "/alerts/many", shown.text, **given)


CLOSE = {"what": "close", "close": "reading_corrected"}


async def test_many_are_closed_after_a_preview_once_and_what_was_changed_meanwhile_is_left_alone(
    portal, alerts
):
    async with portal.browser("location_user") as client:
        shown = await preview(client, await choose(client), **CLOSE)
        assert "Change 3 alerts" in shown.text
        assert await rows(portal, "SELECT DISTINCT status FROM alert_file") == [("new",)], "only shown"
        async with portal.browser("organisation_main_user") as colleague:
            await colleague.get(f"/alerts/{alerts[1]}")  # now it is opened
        done = await confirm(client, shown)
        again = await confirm(client, shown)
        assert done.status_code == again.status_code == 303
        assert done.headers["location"] == again.headers["location"]
        page = (await client.get(done.headers["location"])).text
    assert "Somebody changed the alert meanwhile" in page
    assert page.index(alerts[1]) < page.index(alerts[0]), "those that were left alone come first"
    closed = await rows(portal, "SELECT alert_id FROM alert_file WHERE status = 'closed'")
    assert {row[0] for row in closed} == {alerts[0], alerts[2]}
    history = await rows(portal, "SELECT count(*) FROM alert_history WHERE value_after = 'closed'")
    assert history == [(2,)]
    ((new,),) = await rows(
        portal, "SELECT new_values FROM audit_entry WHERE action = 'alerts_changed_together'"
    )
    assert sorted(new["alerts"]) == sorted([alerts[0], alerts[2]])  # type: ignore[index]
    async with portal.browser("organisation_main_user") as colleague:
        assert (await colleague.get(done.headers["location"])).status_code == 404


async def test_what_asks_for_a_look_of_its_own_is_not_closed_with_others(portal, alerts):
    """Escalated, classified, and barred by the analysis: operators may close each, but on its page."""
    changes = (
        "UPDATE alert_file SET status = 'escalated' WHERE alert_id = %s",
        "UPDATE alert_file SET classification = 'suspicion' WHERE alert_id = %s",
    )
    async with portal.world.database.transaction() as tx:
        for change, alert in zip(changes, alerts, strict=False):
            await tx.execute(change, (alert,))
        await tx.execute(
            "INSERT INTO alert_analysis (product_id, event_number, analysed_at, rules_version, analysis)"
            " SELECT product_id, event_number, now(), 'x', %s FROM alert_file WHERE alert_id = %s",
            (Jsonb({"is_high_risk": False, "hypotheses": [{"bars": ["other_location"]}]}), alerts[2]),
        )
    async with portal.browser("operator_support") as client:
        chosen = await choose(client)
        shown = await preview(client, chosen, what="close", close="other", comment="tidying up")
        page = shown.text.partition("<main")[2]
        assert page.count("<strong>This is not done for many at once") == 1, (
            "one part of the page for one reason"
        )
        assert page.count("This is not done for many at once") == 2, "its table is called so, too"
        stay, _, will = page.partition("Alerts that will be changed")
        assert all(alert in stay and alert not in will for alert in alerts)
        assert portal.world.places["other"].alert_id in will
        given = hidden(shown.text) | {"alerts": hidden(chosen.text)["alerts"]}
        given.pop("csrf_token")
        assert (await send_form(client, "/alerts/many", shown.text, **given)).status_code == 303
    closed = await rows(portal, "SELECT alert_id FROM alert_file WHERE status = 'closed'")
    assert closed == [(portal.world.places["other"].alert_id,)], "though they were put into the form by hand"


async def test_of_the_reasons_those_are_offered_that_fit_one_of_the_alerts(portal, alerts):
    async with portal.browser("operator_support") as client:
        chosen = (await choose(client)).text
        assert 'value="reading_corrected"' in chosen
        assert 'value="reactivated_here"' not in chosen, (
            "none of them is about a pack that was decommissioned"
        )
        shown = await preview(client, await choose(client), what="close", close="reactivated_here")
        assert shown.status_code == 422


async def test_alerts_of_others_are_not_reached_by_their_keys(portal, alerts):
    other = portal.world.places["other"].alert_id
    ((product_id, number),) = await rows(
        portal, "SELECT product_id, event_number FROM alert_file WHERE alert_id = %s", other
    )
    async with portal.browser("location_user") as client:
        chosen = await choose(client, alert=[f"{product_id}-{number}", "9-9", "x", "1-99999999999999999999"])
        shown = await preview(client, chosen, **CLOSE)
        assert "No alert would be changed" in shown.text
        assert other not in shown.text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({}, "Choose what you want to change"),
        ({"what": "classification", "classification": "suspicion"}, "Choose what you want to change"),
        ({"what": "close"}, "Choose one"),
        ({"what": "close", "close": "falsification"}, "Choose one"),
        ({"what": "close", "close": "other"}, "comment"),
        ({"what": "status", "status": "escalated", "comment": "x" * 501}, "500 characters"),
    ],
)
async def test_a_change_that_cannot_be_is_answered_at_its_field(portal, alerts, fields, says):
    async with portal.browser("location_user") as client:
        shown = await preview(client, await choose(client), **fields)
    assert shown.status_code == 422
    assert says in shown.text.partition("<main")[2].partition("</form")[0]
    assert hidden(shown.text)["alerts"].count("-") == 3, "the choice is not lost"


async def test_nothing_chosen_and_too_many_are_said_and_all_that_the_filter_finds_are_changed(portal, alerts):
    async with portal.browser("location_user") as client:
        nothing = await choose(client, alert=[])
        assert (nothing.status_code, "at least one alert" in nothing.text) == (422, True)
        some = await choose(client, "?q=UNKNOWN1", alert=[], all="yes")
        assert "Chosen alerts: 1." in some.text
        await rows(
            portal,
            "INSERT INTO alert_file (product_id, event_number, recorded_at, received_at, level, kind, operation,"
            " operation_code, scheme, product_code, serial_number, location_id, case_product_id, case_id, status_at)"
            " SELECT product_id, -n, recorded_at, received_at, level, kind, operation, operation_code, scheme,"
            " product_code, 'many', location_id, case_product_id, case_id, status_at"
            " FROM alert_file, generate_series(1, %s) AS n WHERE alert_id = %s RETURNING 1",
            BULK_ALERTS_MAX + 1,
            alerts[0],
        )
        page = (await client.get("/alerts")).text
        assert "At most 500 alerts can be changed at once" in page
        many = await choose(client, "?q=many", alert=[], all="yes")
        assert (many.status_code, "More than 500 alerts" in many.text) == (422, True)


async def test_many_are_assigned_within_the_own_organisation(portal, alerts):
    await make_teams(portal.world)
    team = f"team-{portal.world.places['own'].team_id}"
    async with portal.browser("organisation_main_user") as client:
        shown = await preview(client, await choose(client), what="assign", assign=team)
        assert "own team" in shown.text
        assert (await confirm(client, shown)).status_code == 303
        page = (await client.get(f"/alerts/{alerts[2]}")).text
    assert "assigned to: own team" in page
    audited = await rows(
        portal, "SELECT old_values, new_values FROM audit_entry WHERE action = 'alert_assigned'"
    )
    assert audited == [({"assigned_to": None}, {"assigned_to": "own team"})] * 3


async def test_the_list_is_a_file_as_filtered_with_what_the_reader_sees_and_no_formula(portal, alerts):
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET serial_number = '=1+2' WHERE alert_id = %s", (alerts[0],))
    files = {}
    for person in ("location_user", "mah_obp_investigator", "authority_inspector"):
        async with portal.browser(person) as client:
            files[person] = (await client.get("/alerts/alerts.csv")).text
    lines = files["location_user"].splitlines()
    assert len(lines) == 4
    assert "Metson apteekki" in files["location_user"]
    assert "'=1+2" in files["location_user"]
    assert "Metson apteekki" not in files["mah_obp_investigator"]
    assert len(files["authority_inspector"].splitlines()) == 5
    async with portal.browser("location_user") as client:
        found = (await client.get("/alerts/alerts.csv?q=UNKNOWN1")).text
        book = (await client.get("/alerts/alerts.xlsx?status=closed")).content
    assert found.count("\r\n") == 2
    with zipfile.ZipFile(io.BytesIO(book)) as parts:
        assert parts.read("xl/worksheets/sheet1.xml").count(b"<row") == 1, "its heads alone"
    audited = await rows(
        portal,
        "SELECT object_name, new_values->>'count' FROM audit_entry WHERE action = 'alerts_exported'"
        " ORDER BY audit_number",
    )
    assert audited == [
        ("alerts.csv", "3"),
        ("alerts.csv", "3"),
        ("alerts.csv", "4"),
        ("alerts.csv", "1"),
        ("alerts.xlsx", "0"),
    ]


async def test_what_became_of_a_change_is_forgotten_by_its_age_whoever_made_it(portal, alerts):
    async def kept() -> int:
        return len(await rows(portal, "SELECT 1 FROM alert_bulk_change"))

    async with portal.browser("location_user") as client:
        answer = await confirm(client, await preview(client, await choose(client), **CLOSE))
        path = answer.headers["location"]
        for days, is_kept in ((90, True), (1, False)):
            portal.world.clock.move(days=days)
            await forget_results(portal.world.database, portal.world.clock())
            assert await kept() == is_kept
    async with portal.browser("location_user") as client:
        assert (await client.get(path)).status_code == 404
