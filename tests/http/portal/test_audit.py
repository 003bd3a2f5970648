"""The audit: found by who, what, when and where, told in words, taken out in full, and that it was is in it too."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from zoneinfo import ZoneInfo

import pytest
from tests.http.portal.world import PortalClient

from sinetti.kit import workbook
from sinetti.portal.audit_words import AuditWords
from sinetti.portal.pages import PAGES
from sinetti.rules.vocabulary import Language


async def add_entries(portal: PortalClient, count: int, **columns: str) -> None:
    """Entries of a main user, a minute apart, the last one now."""
    given = {
        "user_name": "'Maija Öhman'",
        "action": "'equipment_changed'",
        "object_kind": "'client_equipment'",
        "object_name": "'MAXX, kassa 1'",
        "organisation_id": str(portal.world.places["own"].organisation.organisation_id),
        "old_values": """'{"client_role": null}'""",
        "new_values": """'{"client_role": "full_access"}'""",
        **columns,
    }
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            f"INSERT INTO audit_entry (recorded_at, actor, user_id, object_id, {', '.join(given)})"
            f" SELECT %(now)s - number * interval '1 minute', 'person', 1, number::text, {', '.join(given.values())}"
            "   FROM generate_series(0, %(count)s - 1) AS number",
            {"now": portal.world.clock(), "count": count},
        )


def shown(page: str) -> int:
    """Rows of the page's table."""
    return len(re.findall(r'<tr class="govuk-table__row">', page))


async def test_an_entry_is_told_in_words(portal):
    await add_entries(portal, 1, reason="'Uusi järjestelmä'", user_role="'organisation_main_user'")
    async with portal.browser("operator_administrator") as client:
        page = (await client.get("/audit?lang=en")).text
    for words in (
        "Client equipment changed",
        "Organisation main user",
        "Client equipment: MAXX, kassa 1",
        "Metson apteekki",
        "<dt>Client Role</dt><dd>– → Full Access</dd>",
        "Uusi järjestelmä",
    ):
        assert words in page, words


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("", 3),
        ("q=ohm", 2),
        ("q=Öhman+kass", 2),
        ("q=hman", 0),
        ("q=kassa+2", 0),
        ("q=%27%5C%26%21%28%29%3A%2A", 3),
        ("q=O%27Neill", 1),
        ("action=equipment_locked", 1),
        ("action=no_such_action", 3),
        ("object_kind=location", 1),
        ("from=2026-03-02", 3),
        ("from=2026-03-03", 0),
        ("to=2026-03-02", 3),
        ("to=2026-03-01", 0),
        ("from=yesterday", 3),
        ("organisation=metso", 2),
        ("organisation=ärlan", 1),
        ("organisation=100%25", 0),
    ],
)
async def test_the_audit_is_searched_and_filtered(portal, asked, rows):
    await add_entries(portal, 2)
    await add_entries(
        portal,
        1,
        user_name="'Sean O''Neill'",
        action="'equipment_locked'",
        object_kind="'location'",
        object_name="'Ärlan apteekki'",
        organisation_id=str(portal.world.places["other"].organisation.organisation_id),
    )
    async with portal.browser("operator_administrator") as client:
        assert shown((await client.get(f"/audit?{asked}")).text) == rows


async def test_an_organisation_sees_what_concerns_it_even_when_it_asks_for_another(portal):
    await add_entries(
        portal, 1, organisation_id=str(portal.world.places["other"].organisation.organisation_id)
    )
    async with portal.browser("organisation_main_user") as client:
        for asked in ("", "organisation=ärlan", "q=maxx"):
            assert "MAXX" not in re.sub(
                r"<form.*?</form>", "", (await client.get(f"/audit?{asked}")).text, flags=re.DOTALL
            )
        assert "MAXX" not in (await client.get("/audit/audit.csv")).text


async def test_an_export_has_everything_that_the_filters_let_through_and_is_itself_recorded(portal):
    await add_entries(portal, 1700)
    await add_entries(portal, 30, action="'equipment_locked'")
    async with portal.browser("operator_administrator") as client:
        answer = await client.get("/audit/audit.csv?action=equipment_changed&to=2026-03-02")
        rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
        assert len(rows) == 1700
        assert rows[0]["action"] == "equipment_changed"
        assert rows[0]["new_values"] == '{"client_role":"full_access"}'
        page = (await client.get("/audit?lang=en&action=audit_exported")).text
    assert "Audit: audit.csv" in page
    assert "<dt>Action</dt><dd>equipment_changed</dd>" in page
    assert "<dt>To day</dt><dd>2026-03-02</dd>" in page


async def test_a_workbook_tells_it_in_words_and_goes_on_in_another_sheet(portal, monkeypatch):
    monkeypatch.setattr(workbook, "SHEET_ROWS_MAX", 1000)
    await add_entries(portal, 1200, object_name="'=1+1'")
    async with portal.browser("operator_administrator") as client:
        answer = await client.get("/audit/audit.xlsx?lang=sv")
    assert answer.headers["content-disposition"] == 'attachment; filename="audit.xlsx"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        sheets = [book.read(f"xl/worksheets/sheet{number}.xml").decode() for number in (1, 2)]
        with pytest.raises(KeyError):
            book.read("xl/worksheets/sheet3.xml")
    assert [sheet.count("<row ") for sheet in sheets] == [1001, 202], "1200, the export's own, and two heads"
    assert "Klientsystemet ändrades" in sheets[0] or "Klientsystem" in sheets[0]
    assert "Klientroll (Client Role): – → Full Access" in sheets[0]
    assert "<f>" not in sheets[0]
    assert sheets[1].startswith("<?xml")


async def test_what_the_command_line_does_is_in_the_audit(portal, monkeypatch, database_url):
    """Tested through the command's own functions: see tests/store/test_identity_cli.py for the commands themselves."""
    from sinetti.cli.audited import record_by_command

    place = portal.world.places["own"]
    async with portal.world.database.transaction() as tx:
        await record_by_command(
            tx, "sinetti location", "location_locked", place.location, reason="Vuokrasopimus"
        )
    async with portal.browser("organisation_main_user") as client:
        page = (await client.get("/audit?lang=en")).text
    assert "sinetti location" in page
    assert "Location locked" in page
    assert "Vuokrasopimus" in page


def test_an_authority_s_purpose_is_said_in_words_and_what_a_person_wrote_stays():
    zone = ZoneInfo("Europe/Helsinki")
    finnish = AuditWords(PAGES, Language.FI, zone)
    assert finnish.ground("Art. 39(a)") == "39 artiklan a alakohta"
    assert finnish.ground("Art. 39(c), case 4711") == "39 artiklan c alakohta, case 4711"
    assert finnish.ground("consent of 2 March, see Art. 39(a)") == "consent of 2 March, see Art. 39(a)"
    assert finnish.ground(None) == ""
