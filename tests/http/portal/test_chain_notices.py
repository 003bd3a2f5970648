"""A company's notice of a falsification: only where there is a suspicion, to those whom the table names, each once."""

from __future__ import annotations

import pytest
from tests.http.portal.alerts import STORED_SERIAL, raise_alerts
from tests.http.portal.mailbox import letters
from tests.http.portal.test_alerts import text_of
from tests.http.portal.test_sales_holds import read
from tests.http.portal.world import PortalClient

COMPANY = "mah_obp_investigator"


@pytest.fixture
async def path(portal):
    """Of the notice about the own company's alert. The other pharmacy is a wholesaler here."""
    await raise_alerts(portal.world)
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE organisation SET kind = 'wholesaler' WHERE name LIKE 'Ärlan%%'", {})
        await tx.execute("UPDATE person SET language = 'en'")
    return f"/alerts/{portal.world.places['own'].alert_id}/notice"


async def classified(portal: PortalClient, classification: str) -> None:
    async with portal.world.database.transaction() as tx:
        await tx.execute("UPDATE alert_file SET classification = %s", (classification,))


async def send(portal: PortalClient, path: str, *recipients: str, twice: bool = False, addition: str = ""):
    async with portal.browser(COMPANY, language="en") as client:
        page = (await client.get(path)).text
        fields = {
            name: page.partition(f'name="{name}" value="')[2].partition('"')[0]
            for name in ("csrf_token", "form_key")
        }
        for _ in range(2 if twice else 1):
            answer = await client.post(
                path,
                data={**fields, "recipients": list(recipients), "addition": addition},
                headers={"Origin": "http://portal.test", "Sec-Fetch-Site": "same-origin"},
            )
        return answer


async def test_nobody_is_told_before_there_is_a_suspicion_nor_everybody_of_a_mere_one(portal, path):
    page = await read(portal, COMPANY, path)
    assert "A notice can be sent once the alert is classified as a suspicion" in page
    assert 'name="recipients"' not in page
    await classified(portal, "suspicion")
    page = await read(portal, COMPANY, path)
    assert "A falsification of this medicine is suspected." in page
    assert 'value="end_users"' not in page
    answer = await send(portal, path, "end_users")
    assert (answer.status_code, "Choose who is told" in answer.text) == (422, True)
    answer = await send(portal, path, "authority", addition="x" * 2001)
    assert (answer.status_code, "Write at most 2000 characters" in answer.text) == (422, True)
    assert await letters(portal) == []


async def test_a_confirmed_falsification_is_told_to_all_kinds_each_person_once_and_is_recorded(portal, path):
    await classified(portal, "confirmed_falsification")
    answer = await send(
        portal, path, "authority", "wholesalers", "end_users", twice=True, addition="Call 09 123"
    )
    assert answer.status_code == 303
    sent = await letters(portal)
    assert sorted(letter.recipient for letter in sent) == [
        "other-location_user@example.fi",
        "other-organisation_main_user@example.fi",
        "own-authority_inspector@example.fi",
        "own-organisation_main_user@example.fi",
    ]
    for letter in sent:
        assert "A falsification of this medicine is confirmed." in letter.text
        assert "Revontul 10 mg, product code 06412345678907, batch B1" in letter.text
        assert "Call 09 123" in letter.text
        hidden = ("Revontuli Oy", "Metson", "keskusta", STORED_SERIAL, STORED_SERIAL.swapcase(), "own mah")
        assert not any(value in letter.text for value in hidden)
        is_authority = "authority" in letter.recipient
        assert (portal.world.places["own"].alert_id in letter.text) == is_authority
    listed = text_of(await read(portal, COMPANY, "/chain-notices"))
    assert "inspectors Wholesalers Pharmacies, hospital pharmacies" in listed
    assert "People: 4" in listed
    assert "Call 09 123" in text_of(await read(portal, "authority_inspector", "/chain-notices"))
    audited = text_of(await read(portal, "operator_administrator", "/audit"))
    assert audited.count("Sent a notice of falsification") >= 1
    assert "People: 4" not in await read(portal, "other_mah_obp_main_user", "/chain-notices")
