"""Reports for the authority: what each says, in each form; made at once or in the background; recorded; for one person."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import time
import zipfile
from contextlib import asynccontextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from tests.http.portal.alerts import PRODUCT_CODES, RULES, ask_pack, raise_alerts
from tests.http.portal.test_alerts import act, text_of
from tests.http.portal.world import PortalClient, send_form

from sinetti.kit.jobs import working
from sinetti.nmvs.packs import Country
from sinetti.portal.pages.authority_reports import making, routes
from sinetti.portal.pages.authority_reports.catalogue import REPORTS, Reads
from sinetti.portal.results import result_makers
from sinetti.reports.making.tasks import report_tasks
from sinetti.reports.personal import personal_tasks
from sinetti.rules.vocabulary import Operation

PATH = "/authority-reports"
ASKED = {"report": "falsifications", "purpose": "a", "first": "2026-03-01", "last": "2026-03-02"}
COUNTRY = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
SECONDS_MAX = 20


async def asked(client, **fields: str):
    """Send the form."""
    page = (await client.get(PATH)).text
    key = re.search(r'name="form_key" value="([^"]+)"', page)
    assert key
    return await send_form(client, PATH, page, form_key=key[1], **(ASKED | fields))


async def made(portal: PortalClient, person: str = "authority_inspector", form: str = "", **fields: str):
    """The page of a report, or the file of it."""
    async with portal.browser(person, language="en") as client:
        answer = await asked(client, **fields)
        if answer.status_code != 303:
            return answer
        path = answer.headers["location"]
        return await client.get(f"{path}/{form}" if form else path)


async def rows_of(portal, **fields):
    data = (await made(portal, form="json", **fields)).json()
    assert data["isComplete"] is True
    return data["rows"]


@asynccontextmanager
async def a_worker(portal, database, database_url):
    """Makes what waits, for as long as the block runs."""
    tasks = personal_tasks(database, result_makers(COUNTRY), portal.world.clock)
    async with working(database_url, tasks):
        yield


async def until_ready(client, path: str) -> str:
    """The page of a report once it is there."""
    deadline = time.monotonic() + SECONDS_MAX
    page = ""
    while not page or 'id="progress"' in page:
        page = str((await client.get(path)).text)
        assert time.monotonic() < deadline, text_of(page)
        await asyncio.sleep(0.05)
    return page


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


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
async def test_every_report_is_made_in_every_language_and_form(portal, language):
    await raise_alerts(portal.world)
    async with portal.browser("authority_inspector", language=language) as client:
        for report in REPORTS:
            answer = await asked(client, report=report, first="2026-01-01")
            assert answer.status_code == 303, report
            path = answer.headers["location"]
            page = await client.get(path)
            assert page.status_code == 200, report
            for form, begins in (
                ("pdf", b"%PDF-"),
                ("csv", "\ufeff".encode()),
                ("xlsx", b"PK"),
                ("json", b"{"),
            ):
                file = await client.get(f"{path}/{form}")
                assert file.content.startswith(begins), (report, form)
                assert int(file.headers["content-length"]) == len(file.content)


async def test_making_and_taking_out_are_in_the_operators_audit_with_the_purpose(portal):
    await raise_alerts(portal.world)
    for report, words in (
        ("alerts", "Unknown serial number"),
        ("locations", "Metson apteekki, keskusta"),
        ("trail_access", "Rows: 0."),
    ):
        assert words in text_of((await made(portal, report=report)).text)
    await made(portal, form="csv", purpose="c", contains="metso")
    async with portal.browser("operator_administrator", language="en") as client:
        audited = text_of((await client.get("/audit")).text)
    assert audited.count("Made a report for the authority") >= 4
    assert "Took a report for the authority out" in audited
    assert "Art. 39(a)" in audited
    assert "Art. 39(c)" in audited


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
    not_whole = await made(portal, report="supplied", first="2026-02-02")
    assert (not_whole.status_code, "at least one whole month that is over" in not_whole.text) == (422, True)
    async with portal.browser("operator_administrator", language="en") as client:
        rows = (await client.get("/audit")).text.partition("<tbody")[2]
    assert "Made a report" not in rows


async def test_a_file_that_is_not_whole_says_so_itself(portal, monkeypatch):
    await raise_alerts(portal.world)
    says = "There are more rows than a file may have: choose fewer days."
    about = {"report": "locations"}
    whole = await made(portal, form="json", **about)
    assert whole.json()["isComplete"] is True
    assert "incomplete" not in whole.headers["content-disposition"]
    count = len(whole.json()["rows"])
    for most, is_whole in ((count, True), (count - 1, False)):
        monkeypatch.setattr(making, "EXPORTED_ROWS_MAX", most)
        files = {form: await made(portal, form=form, **about) for form in ("json", "csv", "xlsx", "pdf")}
        assert files["json"].json()["isComplete"] is is_whole
        assert len(files["json"].json()["rows"]) == most
        assert (files["csv"].text.splitlines()[-1] == says) is not is_whole
        with zipfile.ZipFile(io.BytesIO(files["xlsx"].content)) as parts:
            assert any(says.encode() in parts.read(name) for name in parts.namelist()) is not is_whole
        for file in files.values():
            assert ("-incomplete." in file.headers["content-disposition"]) is not is_whole
        assert (says in text_of((await made(portal, **about)).text)) is not is_whole


async def test_only_rows_with_the_words_are_there_and_the_report_says_so(portal):
    await raise_alerts(portal.world)
    rows = await rows_of(portal, report="locations", contains="ÄRLAN")
    assert [row["organisation"] for row in rows] == ["Ärlan apteekki"]
    page = text_of((await made(portal, report="locations", contains="ÄRLAN")).text)
    assert "Only rows with: ÄRLAN." in page
    assert "Metson" not in page


# ---------------------------------------------------------------- what they say


async def test_locations_that_asked_nothing_are_told_apart_and_alerts_are_set_against_operations(portal):
    await raise_alerts(portal.world)
    await ask_pack(portal.world, "own", Operation.SUPPLY)
    by_name = {row["organisation"]: row for row in await rows_of(portal, report="locations")}
    own, other = by_name["Metson apteekki"], by_name["Ärlan apteekki"]
    assert (own["operations"], own["supplied"], own["alerts"], own["alerts_per_thousand"]) == (2, 1, 1, 500.0)
    assert (own["is_silent"], own["last_operation_at"]) == (False, "2026-03-02T12:00:00Z")
    assert (other["operations"], other["supplied"]) == (1, 0)
    before = {
        row["organisation"]: row for row in await rows_of(portal, report="locations", last="2026-03-01")
    }
    assert before["Metson apteekki"]["is_silent"] is True
    assert before["Metson apteekki"]["alerts_per_thousand"] is None


async def test_what_was_undone_and_what_was_tried_too_late_or_elsewhere(portal):
    world = portal.world
    await ask_pack(world, "own", Operation.SUPPLY)
    await ask_pack(world, "own", Operation.REACTIVATE)
    await ask_pack(world, "own", Operation.SUPPLY)
    world.clock.move(days=10, seconds=1)
    await ask_pack(world, "own", Operation.REACTIVATE)
    await ask_pack(world, "other", Operation.REACTIVATE, product_code=PRODUCT_CODES["own"])
    rows = {row["organisation"]: row for row in await rows_of(portal, report="undo", last="2026-03-31")}
    told = ("undone", "too_late", "elsewhere", "otherwise")
    assert [rows["Metson apteekki"][name] for name in told] == [1, 1, 0, 0]
    assert [rows["Ärlan apteekki"][name] for name in told] == [0, 0, 1, 0]


async def test_a_wholesalers_verifications_and_decommissions_by_kind(portal):
    world = portal.world
    await ask_pack(world, "own", Operation.VERIFY)
    await ask_pack(world, "own", Operation.SUPPLY)
    assert await rows_of(portal, report="wholesalers") == [], "there is none"
    async with world.database.transaction() as tx:
        await tx.execute(
            "UPDATE organisation SET kind = 'wholesaler' WHERE organisation_id = %s",
            (world.places["own"].organisation.organisation_id,),
        )
    await ask_pack(world, "own", Operation.SUPPLY)
    (row,) = await rows_of(portal, report="wholesalers")
    assert (row["organisation"], row["verified"], row["supplied"], row["not_done"]) == (
        "Metson apteekki",
        1,
        1,
        1,
    )
    assert row["destroyed"] == row["exported"] == 0


async def test_a_company_that_uploads_late_is_seen(portal):
    world = portal.world
    await ask_pack(world, "own", Operation.VERIFY, "UNKNOWN1", batch="LATE")
    world.clock.move(hours=5)
    async with world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min,"
            " serial_length_max, serial_format) SELECT product_id, 'LATE', '301231', %s, 0, 8, 8, 0 FROM product",
            (world.clock(),),
        )
    await ask_pack(world, "own", Operation.VERIFY, "UNKNOWN2", batch="NEVER")
    rows = {row["company"]: row for row in await rows_of(portal, report="companies")}
    own = rows["Revontuli Oy"]
    assert (own["a2"], own["late_batches"], own["latest_hours"], own["missing_batches"]) == (2, 1, 5, 1)
    assert (own["operations"], own["a2_per_thousand"]) == (2, 1000.0)
    assert rows["Nordlicht GmbH"]["alerts"] == 0


async def test_what_was_asked_about_a_recalled_batch_and_a_stolen_pack_afterwards(portal):
    world = portal.world
    await ask_pack(world, "own", Operation.VERIFY)
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE batch SET recalled_at = %s, recall_reason = 'glass'", (world.clock(),))
    world.clock.move(minutes=1)
    await ask_pack(world, "own", Operation.SUPPLY)
    await ask_pack(world, "own", Operation.VERIFY)
    (recalled,) = await rows_of(portal, report="taken_back")
    assert (recalled["what"], recalled["batch"], recalled["reason"]) == ("recalled", "B1", "glass")
    assert (recalled["verified"], recalled["other_attempts"], recalled["locations"]) == (1, 1, 1)
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE batch SET recalled_at = NULL, recall_reason = NULL")
        await tx.execute(
            "UPDATE pack SET state = 't', decommissioned_at = %s, location_id = 1", (world.clock(),)
        )
    world.clock.move(days=2)
    await ask_pack(world, "own", Operation.SUPPLY)
    (stolen,) = await rows_of(portal, report="taken_back", first="2026-03-04", last="2026-03-04")
    assert (stolen["what"], stolen["batch"], stolen["other_attempts"]) == ("stolen", "B1", 1)


async def test_supplied_packs_are_told_by_month_and_region_and_small_numbers_are_not(portal):
    world = portal.world
    async with world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO location_details (location_id, postal_code, state_at) VALUES (%s, '33100', %s)",
            (world.places["own"].location.location_id, world.clock()),
        )
    await ask_pack(world, "own", Operation.SUPPLY)
    async with world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, equipment_id, location_id,"
            " organisation_id, operation, operation_code, state_before, state_after, scheme, product_code,"
            " serial_number, rules_version) SELECT product_id, '2026-02-10T12:00Z', serial_key, transaction_id,"
            " equipment_id, location_id, organisation_id, operation, operation_code, state_before, state_after, scheme,"
            " product_code, serial_number, rules_version FROM pack_event, generate_series(1, 5)"
            " WHERE operation = 'supply'"
        )
    about = {"report": "supplied", "first": "2026-01-20", "last": "2026-03-02"}
    (february,) = await rows_of(portal, **about)
    assert (february["month"], february["region"], february["supplied"]) == ("2026-02", "33", 5)
    assert (february["undone"], february["is_suppressed"]) == (0, False)
    world.clock.move(days=35)
    rows = await rows_of(portal, **about | {"last": "2026-04-02"})
    assert [(row["month"], row["supplied"], row["is_suppressed"]) for row in rows] == [
        ("2026-02", 5, False),
        ("2026-03", None, True),
    ]
    page = text_of((await made(portal, **about | {"last": "2026-04-02"})).text)
    assert "fewer than 5" in page
    assert "so that no single patient can be known" in page


async def test_open_alerts_have_an_age_and_the_report_says_how_many_answers_are_late(portal):
    await raise_alerts(portal.world)
    portal.world.clock.move(days=8)
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO alert_deadline (product_id, event_number, deadline, side, due_at)"
            " SELECT product_id, event_number, 'expected_answer', 'nmvo', %s FROM alert_file ON CONFLICT DO NOTHING",
            (portal.world.clock() - timedelta(hours=1),),
        )
    rows = await rows_of(portal, report="alerts", last="2026-03-10")
    assert [(row["age"], row["alerts"], row["late_alerts"], row["market"]) for row in rows] == [
        ("to_14", 1, 1, "FI")
    ] * 2
    assert {row["organisation_kind"] for row in rows} == {"pharmacy"}


async def test_users_access_and_legitimacy_are_told(portal):
    async with portal.world.database.transaction() as tx:
        await tx.execute(
            "INSERT INTO legitimacy_check (location_id, checked_on, checked_by_name, method, recorded_at)"
            " VALUES (%s, '2025-01-02', 'Outi', 'trade register', now())",
            (portal.world.places["own"].location.location_id,),
        )
    people = await rows_of(portal, report="people", contains="inspector")
    assert [(row["role"], row["user_state"]) for row in people] == [("authority_inspector", "invited")]
    standing = {row["organisation"]: row["standing"] for row in await rows_of(portal, report="legitimacy")}
    assert standing == {"Metson apteekki": "overdue", "Ärlan apteekki": "never"}
    page = text_of((await made(portal, report="legitimacy")).text)
    assert "2 Jan 2025" in page, "a day, in words"


async def test_an_exempted_batch_is_told_with_who_exempted_it_and_why(portal):
    async with portal.world.database.transaction() as tx:
        for change, person, reason, at in (
            ("non_fmd_added", "Outi", "old stock", "2026-03-01T10:00Z"),
            ("non_fmd_removed", "Olli", "sold out", "2026-03-02T10:00Z"),
            ("non_fmd_added", "Olli", "once more", "2026-03-02T11:00Z"),
        ):
            await tx.execute(
                "INSERT INTO batch_event (product_id, recorded_at, change, scheme, product_code, batch, reason, person,"
                " transaction_id) VALUES (0, %s, %s, 'gs1', '09520640000013', 'X1', %s, %s, gen_random_uuid())",
                (at, change, reason, person),
            )
    rows = await rows_of(portal, report="non_fmd")
    told = [(row["added_by"], row["risk_note"], row["removed_by"], row["removal_reason"]) for row in rows]
    assert told == [("Outi", "old stock", "Olli", "sold out"), ("Olli", "once more", None, None)]


# ---------------------------------------------------------------- in the background


async def test_a_large_report_is_made_in_the_background_and_its_page_says_how_far_it_has_come(
    portal, database, database_url, monkeypatch
):
    await raise_alerts(portal.world)
    monkeypatch.setitem(routes.AT_ONCE, Reads.ALERTS, 1)
    async with portal.browser("authority_inspector", language="en") as client:
        answer = await asked(client, report="alerts")
        path = answer.headers["location"]
        waiting = (await client.get(path)).text
        assert '<noscript><meta http-equiv="refresh"' in waiting, "without JavaScript, too"
        assert '<progress class="portal-progress" id="done" max="100" value="0"' in waiting
        assert (await client.get(f"{path}/csv")).status_code == 404, "there is no file yet"
        assert "0 % done" in text_of((await client.get(PATH)).text)
        async with a_worker(portal, database, database_url):
            page = await until_ready(client, path)
        assert "Rows: 2." in text_of(page)
        assert (await client.get(f"{path}/csv")).text.count("\r\n") == 3
        looked = await client.get(path, headers={"HX-Request": "true"})
        assert looked.headers["hx-refresh"] == "true", "the page that waits becomes the report"
        assert "Ready" in text_of((await client.get(PATH)).text)


async def test_a_report_is_shown_to_whoever_made_it_alone_and_forgotten_afterwards(portal, database):
    await raise_alerts(portal.world)
    async with portal.browser("operator_administrator", language="en") as client:
        path = (await asked(client, report="alerts")).headers["location"]
        assert (await client.get(path)).status_code == 200
    async with portal.browser("authority_inspector", language="en") as client:
        for below in ("", "/csv", "/pdf"):
            assert (await client.get(path + below)).status_code == 404
        assert path not in (await client.get(PATH)).text
    forget = next(
        one for one in report_tasks(database, COUNTRY, portal.world.clock) if one.name == "forget_reports"
    )

    async def pieces() -> int:
        async with database.transaction() as tx:
            row = await (await tx.execute("SELECT count(*) FROM report_piece")).fetchone()
        assert row is not None
        return int(row[0])

    portal.world.clock.move(hours=24)
    await forget.run()
    assert await pieces() == 0
    async with portal.browser("operator_administrator", language="en") as client:
        assert (await client.get(path)).status_code == 404


async def test_whoever_made_a_report_deletes_it(portal):
    async with portal.browser("authority_inspector", language="en") as client:
        path = (await asked(client)).headers["location"]
        page = (await client.get(path)).text
        gone = await send_form(client, f"{path}/remove", page)
        assert (gone.status_code, gone.headers["location"]) == (303, PATH)
        assert (await client.get(path)).status_code == 404
        assert "The report is deleted" in (await client.get(PATH)).text


async def test_sent_twice_a_form_makes_one_report(portal):
    async with portal.browser("authority_inspector", language="en") as client:
        page = (await client.get(PATH)).text
        key = re.search(r'name="form_key" value="([^"]+)"', page)
        assert key
        answers = [await send_form(client, PATH, page, form_key=key[1], **ASKED) for _ in range(2)]
    assert len({answer.headers["location"] for answer in answers}) == 1


async def test_who_waits_for_three_gets_no_fourth(portal, monkeypatch):
    await raise_alerts(portal.world)
    monkeypatch.setitem(routes.AT_ONCE, Reads.ALERTS, 0)
    async with portal.browser("authority_inspector", language="en") as client:
        for _ in range(3):
            assert (await asked(client, report="alerts")).status_code == 303
        refused = await asked(client, report="alerts")
    assert (refused.status_code, "You wait for several results already" in refused.text) == (429, True)


async def test_what_fails_again_and_again_is_given_up_and_the_page_says_so(portal, database, monkeypatch):
    await raise_alerts(portal.world)
    monkeypatch.setitem(routes.AT_ONCE, Reads.ALERTS, 0)
    async with portal.browser("authority_inspector", language="en") as client:
        path = (await asked(client, report="alerts")).headers["location"]

        async def broken(_making):
            raise RuntimeError("the disk is full")

        (task,) = personal_tasks(database, {making.KIND: broken}, portal.world.clock)
        for _ in range(4):
            with pytest.raises(RuntimeError):
                await task.run(request_id=path.rpartition("/")[2])
        page = (await client.get(path)).text
    assert "It could not be made" in text_of(page)
    assert "refresh" not in page.partition("</head>")[0].replace("refreshOnHistoryMiss", "")
