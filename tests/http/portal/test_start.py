"""The start page: what waits for each role, and that each line leads to as many as it says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from tests.http.portal.alerts import raise_alerts

from sinetti.identity import registry, secrets


@pytest.fixture(autouse=True)
async def waiting(portal, clock):
    """Own pharmacy: one piece of equipment without a role, one quiet. The other one's organisation is locked."""
    clock.now = datetime(2026, 11, 25, 10, tzinfo=UTC)
    own, other = portal.world.places["own"], portal.world.places["other"]
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")
        await tx.execute("UPDATE client_equipment SET created_at = %s", (clock() - timedelta(days=1),))
        await registry.add_equipment(
            tx,
            location_id=own.location.location_id,
            name="Uusi",
            role=None,
            credentials=secrets.new_credentials("FI"),
            now=clock(),
        )
        await tx.execute(
            "UPDATE client_equipment SET created_at = %s WHERE equipment_id = %s",
            (clock() - timedelta(days=31), own.equipment.equipment_id),
        )
        await registry.lock_organisation(tx, other.organisation.organisation_id, reason="Seis", now=clock())
        for place, day in ((own, "2025-11-24"), (other, "2025-11-25")):
            await tx.execute(
                "INSERT INTO legitimacy_check (location_id, checked_on, checked_by_name, method, recorded_at)"
                " VALUES (%s, %s, 'x', 'x', now())",
                (place.location.location_id, day),
            )


def lines(page: str) -> dict[str, tuple[str, int]]:
    """Address and count of each line that waits."""
    body = page.partition("What waits for you")[2].partition("What there is")[0]
    found = re.findall(r'href="([^"]+)">([^<]+)</a>: <strong>(\d+)</strong>', body)
    return {words: (address.replace("&amp;", "&"), int(count)) for address, words, count in found}


@pytest.mark.parametrize("person", ["operator_administrator", "operator_support"])
async def test_the_operator_sees_what_waits_and_each_line_leads_there(portal, person):
    async with portal.browser(person) as client:
        waits = lines((await client.get("/")).text)
        assert {words: count for words, (_, count) in waits.items()} == {
            "Legitimacy checks that are overdue": 1,
            "Legitimacy checks due soon": 1,
            "Locations whose legitimacy was never checked": 2,
            "Client equipment without a client role": 1,
            "Client equipment not used for 30 days": 1,
            "Locked client equipment": 1,
            "Locked locations": 1,
            "Locked organisations": 1,
        }
        for address, count in waits.values():
            page = (await client.get(address)).text
            assert page.count('<th scope="row"') == count, address


async def test_an_organisation_sees_its_own_alone(portal):
    async with portal.browser("organisation_main_user") as client:
        waits = lines((await client.get("/")).text)
    assert {words: count for words, (_, count) in waits.items()} == {
        "Client equipment without a client role": 1,
        "Client equipment not used for 30 days": 1,
    }
    async with portal.browser("other_organisation_main_user") as client:
        waits = lines((await client.get("/")).text)
    assert {words: count for words, (_, count) in waits.items()} == {
        "Locked client equipment": 1,
        "Locked locations": 1,
    }


async def test_where_nothing_waits_it_says_so(portal):
    async with portal.browser("mah_obp_main_user") as client:
        assert "Nothing is waiting for you." in (await client.get("/")).text


async def test_the_authority_is_not_asked_to_check(portal):
    async with portal.browser("authority_inspector") as client:
        assert not any("egitimacy" in words for words in lines((await client.get("/")).text))


@pytest.mark.parametrize(
    ("person", "new"),
    [
        ("operator_administrator", 2),
        ("organisation_main_user", 1),
        ("location_user", 1),
        ("mah_obp_investigator", 1),
        ("authority_inspector", 2),
    ],
)
async def test_everybody_sees_how_many_alerts_wait_and_each_line_leads_to_them(portal, clock, person, new):
    await raise_alerts(portal.world)
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET classification = 'suspicion' WHERE event_number = 1")
    clock.move(days=30)
    async with portal.browser(person) as client:
        waits = {
            words: found
            for words, found in lines((await client.get("/")).text).items()
            if "alert" in words.lower()
        }
        assert waits["New alerts"][1] == waits["Open alerts"][1] == new
        if person != "authority_inspector":
            assert waits["Alerts whose answer is late"][1] >= 1
        for address, count in waits.values():
            page = (await client.get(address)).text
            assert page.count('<th scope="row"') == count, address
