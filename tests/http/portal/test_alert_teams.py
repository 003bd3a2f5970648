"""Teams of an organisation, and whom its alerts are assigned to: bounds, wrong input, other organisations, the audit."""

from __future__ import annotations

import re

import pytest
from tests.http.portal.alerts import make_teams, raise_alerts
from tests.http.portal.world import PortalClient, send_form

from sinetti.alerts.teams import NAME_CHARACTERS_MAX, TEAMS_MAX


@pytest.fixture(autouse=True)
async def in_english(portal: PortalClient) -> None:
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")


async def rows(portal: PortalClient, query: str, *values: object) -> list[tuple[object, ...]]:
    async with portal.world.database.transaction() as tx:
        return await (await tx.execute(query, values)).fetchall()


async def make(portal: PortalClient, person: str, **fields):
    async with portal.browser(person) as client:
        page = (await client.get("/teams/new")).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        first = await send_form(client, "/teams/new", page, form_key=key[1], **fields)
        again = await send_form(client, "/teams/new", page, form_key=key[1], **fields)
        return first, again


async def test_a_main_user_makes_changes_and_removes_a_team_and_the_audit_has_old_and_new(portal):
    people = portal.world.people
    of_others = str(people["other_mah_obp_investigator"])
    first, again = await make(
        portal,
        "mah_obp_main_user",
        name="  Nordic ",
        market=["FI", "SE"],
        member=[str(people["mah_obp_investigator"]), of_others],
    )
    assert (first.status_code, again.status_code) == (303, 303)
    made = await rows(portal, "SELECT team_id, name, markets FROM alert_team")
    assert [row[1:] for row in made] == [("Nordic", ["FI", "SE"])], "sent twice it is made once"
    team = f"/teams/{made[0][0]}"
    assert await rows(portal, "SELECT user_id FROM alert_team_member") == [(people["mah_obp_investigator"],)]
    async with portal.browser("mah_obp_main_user") as client:
        page = (await client.get(team)).text
        assert "Sweden" in page
        await send_form(client, team, page, name="Finland", market="FI")
        assert "Nobody" in (await client.get("/teams")).text
        await send_form(client, f"{team}/remove", page)
        assert "There are no teams yet" in (await client.get("/teams")).text
    audited = await rows(
        portal, "SELECT action, old_values, new_values FROM audit_entry ORDER BY audit_number"
    )
    member = "own mah obp investigator"
    assert audited == [
        ("team_added", {}, {"name": "Nordic", "markets": ["FI", "SE"], "members": [member]}),
        (
            "team_changed",
            {"name": "Nordic", "markets": ["FI", "SE"], "members": [member]},
            {"name": "Finland", "markets": ["FI"], "members": []},
        ),
        ("team_removed", {"name": "Finland", "markets": ["FI"], "members": []}, {}),
    ]


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"name": " ", "market": "FI"}, "Give the team a name"),
        ({"name": "x" * (NAME_CHARACTERS_MAX + 1), "market": "FI"}, "at most 60 characters"),
        ({"name": "OWN OBP TEAM", "market": "FI"}, "a team of this name already"),
        ({"name": "Nordic"}, "at least one country"),
        ({"name": "Nordic", "market": ["FI", "XX"]}, "at least one country"),
    ],
)
async def test_a_team_that_cannot_be_is_answered_with_what_is_wrong(portal, fields, says):
    await make_teams(portal.world)
    before = await rows(portal, "SELECT * FROM alert_team")
    first, _ = await make(portal, "mah_obp_main_user", **fields)
    assert first.status_code == 422
    assert says in first.text
    assert await rows(portal, "SELECT * FROM alert_team") == before


async def test_there_is_a_bound_to_the_number_of_teams(portal):
    owner = portal.world.places["own_obp"].organisation.organisation_id
    await rows(
        portal,
        "INSERT INTO alert_team (organisation_id, name, markets) SELECT %s, 'Team ' || n, '{FI}'"
        " FROM generate_series(1, %s) AS n RETURNING team_id",
        owner,
        TEAMS_MAX,
    )
    first, _ = await make(portal, "mah_obp_main_user", name="One more", market="FI")
    assert (first.status_code, "at most 50 teams" in first.text) == (422, True)


async def test_pharmacy_and_operator_have_the_market_of_the_country(portal):
    for person in ("organisation_main_user", "operator_administrator"):
        first, _ = await make(portal, person, name="Evening", market="SE")
        assert first.status_code == 303
    assert await rows(portal, "SELECT markets FROM alert_team") == [(["FI"],), (["FI"],)]


async def assign(portal: PortalClient, person: str, assignee: str, *, before: str | None = None):
    alert = portal.world.places["own"].alert_id
    async with portal.browser(person) as client:
        page = (await client.get(f"/alerts/{alert}")).text
        seen = {} if before is None else {"assigned_before": before}
        return await send_form(client, f"/alerts/{alert}/assignment", page, assignee=assignee, **seen)


async def test_each_organisation_assigns_for_itself_and_no_other_sees_it(portal):
    await raise_alerts(portal.world)
    await make_teams(portal.world)
    own, company = portal.world.places["own"], portal.world.places["own_obp"]
    answer = await assign(portal, "location_user", f"team-{own.team_id}")
    assert answer.status_code == 303
    answer = await assign(portal, "mah_obp_investigator", f"person-{company.user_id}")
    assert answer.status_code == 303
    shown = {}
    for person in ("location_user", "mah_obp_main_user", "operator_support", "authority_inspector"):
        async with portal.browser(person) as client:
            shown[person] = (await client.get(f"/alerts/{own.alert_id}")).text
    assert "assigned to: own team" in shown["location_user"]
    assert "assigned to: own mah obp investigator" in shown["mah_obp_main_user"]
    assert "own team" not in shown["mah_obp_main_user"]
    assert "mah obp" not in shown["location_user"]
    assert "assigned to: nobody" in shown["operator_support"]
    assert "assigned to" not in shown["authority_inspector"]
    audited = await rows(
        portal,
        "SELECT organisation_id, old_values, new_values FROM audit_entry WHERE action = 'alert_assigned'"
        " ORDER BY audit_number",
    )
    assert audited == [
        (own.organisation.organisation_id, {"assigned_to": None}, {"assigned_to": "own team"}),
        (
            company.organisation.organisation_id,
            {"assigned_to": None},
            {"assigned_to": "own mah obp investigator"},
        ),
    ]


async def test_an_assignment_that_cannot_be_changes_nothing(portal):
    await raise_alerts(portal.world)
    await make_teams(portal.world)
    own, other = portal.world.places["own"], portal.world.places["other"]
    team = f"team-{own.team_id}"
    for assignee, before, says in (
        (f"team-{other.team_id}", None, "Choose one"),
        ("team-99999999999", None, "Choose one"),
        ("nobody", None, "already"),
        (team, team, "changed the alert meanwhile"),
    ):
        answer = await assign(portal, "location_user", assignee, before=before)
        assert (answer.status_code, says in answer.text) == (422, True), (assignee, answer.text[-3000:])
    assert await rows(portal, "SELECT * FROM alert_assignment") == []
    assert (await assign(portal, "location_user", team)).status_code == 303
    assert (await assign(portal, "location_user", "nobody", before=team)).status_code == 303
    assert await rows(portal, "SELECT * FROM alert_assignment") == []


async def test_the_list_begins_with_the_markets_of_ones_teams_and_hides_nothing(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    await make_teams(portal.world)
    company = portal.world.places["own_obp"]
    lists = {}
    for person in ("mah_obp_investigator", "mah_obp_main_user", "organisation_main_user"):
        async with portal.browser(person) as client:
            lists[person] = (await client.get("/alerts")).text
    assert {person: alert in page for person, page in lists.items()} == {
        "mah_obp_investigator": True,
        "mah_obp_main_user": False,  # in none of the teams
        "organisation_main_user": True,  # pharmacies have the market of the country alone
    }
    await rows(
        portal, "UPDATE alert_team SET markets = '{SE}' WHERE team_id = %s RETURNING 1", company.team_id
    )
    async with portal.browser("mah_obp_investigator") as client:
        page = (await client.get("/alerts?q=B1")).text
        assert alert not in page
        everything = re.search(r'href="([^"]*markets=any[^"]*)"', page)
        assert everything
        assert alert in (await client.get(everything[1].replace("&amp;", "&"))).text
