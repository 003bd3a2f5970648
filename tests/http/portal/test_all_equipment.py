"""Client equipment across the country: found by what is known of it, filtered, counted by software, and as a file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import timedelta

import pytest

from sinetti.identity import registry, secrets
from sinetti.rules.vocabulary import ClientRole


@pytest.fixture(autouse=True)
async def equipment(portal, clock):
    """Of the pharmacies' equipment: Maxx used today, Salix for the last time 40 days ago, one without a role never."""
    own, other = portal.world.places["own"], portal.world.places["other"]
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE person SET language = 'en'")
        await tx.execute(
            "INSERT INTO client_equipment_details (equipment_id, last_used_at, user_agent, api_version) VALUES"
            " (%s, %s, 'Maxx/3.1 (100%% Åbo)', '2.0'), (%s, %s, 'Salix 9', '1.2')",
            (own.equipment.equipment_id, clock(), other.equipment.equipment_id, clock() - timedelta(days=40)),
        )
        added = await registry.add_equipment(
            tx,
            location_id=own.location.location_id,
            name="=HYPERLINK(1)",
            role=None,
            credentials=secrets.new_credentials("FI"),
            now=clock(),
        )
        await tx.execute(
            "UPDATE client_equipment SET name = 'Öhman' WHERE equipment_id = %s",
            (other.equipment.equipment_id,),
        )
    return added


def names(page: str) -> list[str]:
    return re.findall(r'<th scope="row"[^>]*>(?:<a[^>]*>)?([^<]+?)(?:</a>)? ?<', page)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=maxx", ["Apteekkijärjestelmä"]),
        ("q=100%25", ["Apteekkijärjestelmä"]),
        ("q=1%25ma", []),
        ("q=ohman", ["Öhman"]),
        ("q=OHMAN", ["Öhman"]),
        ("used=30", ["Öhman"]),
        ("used=90", []),
        ("used=never&q=metso", ["=HYPERLINK(1)"]),
        ("role=none", ["=HYPERLINK(1)"]),
        ("api=1.2", ["Öhman"]),
        ("api=1.2&q=maxx", []),
        ("state=locked", []),
        ("sort=-last_used&q=apteekki,", ["Apteekkijärjestelmä", "Öhman", "=HYPERLINK(1)"]),
        ("q=%00", ["Apteekkijärjestelmä"] * 3 + ["=HYPERLINK(1)", "Öhman"]),
    ],
)
async def test_equipment_is_found(portal, query, found):
    async with portal.browser("operator_support") as client:
        page = (await client.get(f"/equipment?{query}")).text
    assert sorted(names(page)) == sorted(found)
    if "sort" in query:
        assert names(page) == found


async def test_equipment_is_found_by_its_client_id(portal):
    client_id = portal.world.places["own_obp"].equipment.client_id
    async with portal.browser("authority_inspector") as client:
        page = (await client.get(f"/equipment?q={client_id.upper()}")).text
    assert page.count(client_id) == 1
    assert len(names(page)) == 1


async def test_equipment_of_a_locked_organisation_is_locked(portal, clock):
    organisation_id = portal.world.places["other"].organisation.organisation_id
    async with portal.world.database.transaction() as tx:
        await registry.lock_organisation(tx, organisation_id, reason="Seis", now=clock())
    async with portal.browser("operator_support") as client:
        assert names((await client.get("/equipment?state=locked")).text) == ["Öhman"]


async def test_deleted_equipment_is_nowhere(portal, clock, equipment):
    async with portal.world.database.transaction() as tx:
        await registry.delete_equipment(tx, equipment.equipment_id, now=clock())
    async with portal.browser("operator_support") as client:
        assert names((await client.get("/equipment?role=none")).text) == []


async def test_software_is_counted_with_the_interface_it_uses(portal, clock):
    place = portal.world.places["own"]
    async with portal.world.database.transaction() as tx:
        for number in range(2):
            added = await registry.add_equipment(
                tx,
                location_id=place.location.location_id,
                name=f"Kassa {number}",
                role=ClientRole.FULL_ACCESS,
                credentials=secrets.new_credentials("FI"),
                now=clock(),
            )
            await tx.execute(
                "INSERT INTO client_equipment_details (equipment_id, last_used_at, user_agent, api_version)"
                " VALUES (%s, %s, 'Maxx/3.1 (100%% Åbo)', '2.0')",
                (added.equipment_id, clock()),
            )
    async with portal.browser("operator_support") as client:
        page = (await client.get("/equipment/software")).text
        assert names(page) == ["Maxx/3.1 (100% Åbo)", "Salix 9"]
        rows = re.findall(
            r'<meter [^>]*max="(\d+)" value="(\d+)"[^>]*></meter> (\d+)</td>\s*<td[^>]*>(\d+)<', page
        )
        assert rows == [("4", "3", "3", "1"), ("4", "1", "1", "1")]
        link = re.search(r'href="([^"]+)">Maxx', page)
        assert link
        listed = (await client.get(link[1].replace("&amp;", "&"))).text
        assert sorted(names(listed)) == ["Apteekkijärjestelmä", "Kassa 0", "Kassa 1"]
        assert names((await client.get("/equipment/software?used=30")).text) == ["Maxx/3.1 (100% Åbo)"]
        assert names((await client.get("/equipment/software?q=salix")).text) == ["Salix 9"]


async def test_the_list_as_csv_has_what_was_searched_and_no_formula(portal):
    async with portal.browser("operator_support") as client:
        answer = await client.get("/equipment/client-equipment.csv?q=apteekki,&sort=name")
        assert answer.headers["content-type"] == "text/csv; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["Equipment Id"] for row in rows] == ["'=HYPERLINK(1)", "Apteekkijärjestelmä", "Öhman"]
    assert rows[0]["Client Role"] == "No client role"
    assert rows[1]["Software"] == "Maxx/3.1 (100% Åbo)"


async def test_the_list_as_a_workbook_has_the_names_as_text(portal):
    async with portal.browser("operator_support") as client:
        answer = await client.get("/equipment/client-equipment.xlsx?role=none")
    assert answer.headers["content-disposition"] == 'attachment; filename="client-equipment.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        # Rows are written as they come, so that texts stand in the sheet itself.
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert 't="inlineStr"><is><t>=HYPERLINK(1)</t>' in sheet
    assert "<f>" not in sheet
    assert sheet.count("<row ") == 2
