"""Reports for the authority: what they say, in each form, and that their making is recorded."""

from __future__ import annotations

import csv
import io
import zipfile

from tests.http.portal.alerts import raise_alerts
from tests.http.portal.test_alerts import act, text_of
from tests.http.portal.world import PortalClient, send_form

from sinetti.portal.pages.authority_reports import routes

PATH = "/authority-reports"
ASKED = {"report": "falsifications", "purpose": "a", "first": "2026-03-01", "last": "2026-03-02"}


async def made(portal: PortalClient, person: str = "authority_inspector", **fields: str):
    async with portal.browser(person, language="en") as client:
        page = (await client.get(PATH)).text
        return await send_form(client, PATH, page, **(ASKED | fields))


async def test_a_confirmed_falsification_is_in_the_register_with_who_was_told(portal):
    await raise_alerts(portal.world)
    alert = portal.world.places["own"].alert_id
    for to in ("suspicion", "confirmed_falsification"):
        answer, page = await act(
            portal, "operator_support", alert, "classification", classification=to, comment=f"why {to}"
        )
        assert answer.status_code == 303, text_of(page)
    shown = text_of((await made(portal)).text)
    assert "Rows: 2." in shown
    for words in (alert, "why confirmed_falsification", "confirmed falsification", "Metson apteekki, keskusta",
                  "Revontuli Oy", "authority 2026-03-02T12:00Z"):  # fmt: skip
        assert words in shown, words
    rows = list(csv.DictReader(io.StringIO((await made(portal, form="csv")).text.removeprefix("\ufeff"))))
    assert [row["class_after"] for row in rows] == ["suspicion", "confirmed_falsification"]
    data = (await made(portal, form="json")).json()
    assert [row["reference"] for row in data["rows"]] == [alert, alert]
    pdf = (await made(portal, form="pdf")).content
    assert pdf[:5] == b"%PDF-"
    assert b"pdfuaid:part" in pdf, "tagged for screen readers"
    assert (await made(portal, form="pdf")).content == pdf, "the same data, the same file"
    assert (await made(portal, form="xlsx")).content[:2] == b"PK"
    assert "Rows: 0." in text_of((await made(portal, last="2026-03-01")).text), "the day before"


async def test_each_report_is_made_and_its_making_is_in_the_operators_audit(portal):
    await raise_alerts(portal.world)
    for report, words in (
        ("alerts", "Unknown serial number"),
        ("locations", "Metson apteekki, keskusta"),
        ("trail_access", "Rows: 0."),
    ):
        assert words in text_of((await made(portal, report=report)).text)
    async with portal.browser("operator_administrator", language="en") as client:
        audited = text_of((await client.get("/audit")).text)
    assert audited.count("Made a report for the authority") >= 3
    assert "Art. 39(a)" in audited


async def test_a_report_without_a_purpose_or_with_wrong_days_is_not_made(portal):
    for field, given, said in (
        ("purpose", "", "Choose the purpose"),
        ("report", "everything", "Choose a report"),
        ("first", "yesterday", "Enter a date"),
        ("last", "2026-02-28", "The last day comes after the first one"),
        ("first", "2025-03-01", "at most 366 days in all"),
    ):
        answer = await made(portal, **{field: given})
        assert (answer.status_code, said in answer.text) == (422, True), field
    async with portal.browser("operator_administrator", language="en") as client:
        rows = (await client.get("/audit")).text.partition("<tbody")[2]
    assert "Made a report" not in rows


async def test_a_file_that_is_not_whole_says_so_itself(portal, monkeypatch):
    await raise_alerts(portal.world)
    says = "There are more rows than a file may have: choose fewer days."
    asked = {"report": "locations"}
    whole = await made(portal, form="json", **asked)
    assert whole.json()["isComplete"] is True
    assert "incomplete" not in whole.headers["content-disposition"]
    count = len(whole.json()["rows"])
    for most, is_whole in ((count, True), (count - 1, False)):
        monkeypatch.setattr(routes, "EXPORTED_ROWS_MAX", most)
        files = {form: await made(portal, form=form, **asked) for form in ("json", "csv", "xlsx", "pdf")}
        assert files["json"].json()["isComplete"] is is_whole
        assert len(files["json"].json()["rows"]) == most
        assert (files["csv"].text.splitlines()[-1] == says) is not is_whole
        with zipfile.ZipFile(io.BytesIO(files["xlsx"].content)) as parts:
            assert any(says.encode() in parts.read(name) for name in parts.namelist()) is not is_whole
        for file in files.values():
            assert ("-incomplete." in file.headers["content-disposition"]) is not is_whole
        assert (says in text_of((await made(portal, **asked)).text)) is not is_whole
