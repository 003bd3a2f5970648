"""The reporting interface as operators' tools use it: ask, wait until the eta, look into the list, fetch."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from tests.http.operators import operators

from sinetti.reports.types import EVENT_DETAILS, REPORT_TYPES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DAY = {
    "startDateTime": "2026-03-02T00:00:00Z",
    "endDateTime": "2026-03-02T23:59:59Z",
    "syntheticMonitoring": "false",
}
DAYS = {"startDate": "2026-03-02", "endDate": "2026-03-02"}


@pytest.fixture
async def world(database_url, database, clock):
    async with operators(database_url, database, clock) as made:
        yield made


def table(text, skipped=3):
    """The rows of a report with one table, as tools read it: without the banner's three lines."""
    return list(csv.DictReader(io.StringIO("".join(text.splitlines(keepends=True)[skipped:]), newline="")))


def details(row):
    """Keys and values as a tool takes them apart."""
    parts = (part.strip() for part in row["Event Details"].split(";"))
    return {key.strip(): value.strip() for key, _, value in (part.partition(":") for part in parts if part)}


async def test_a_tool_asks_waits_until_the_eta_and_finds_its_report_in_the_list(database_url, database):
    """Step by step as a public tool does it, by the clock on the wall."""

    def clock():
        return datetime.now(UTC)

    async with operators(database_url, database, clock) as world, world.worker():
        for report_type, parameters in (
            ("OrganisationsSummaryReport", {}),
            (
                "ExceptionsAuditTrailReport",
                {"startDateTime": "2026-03-02T00:00:00Z", "endDateTime": "2026-03-02T01:00:00Z"},
            ),
            ("TransactionsByTransactionTypeReport", DAYS),
        ):
            before = clock()
            body = {
                "report Type Id": report_type,
                "name": "X",
                "requested By": "NMVS automation",
                "parameters": parameters,
            }
            asked = await world.post("/report/report-request", body)
            assert asked.status_code == 202
            assert list(asked.json()) == ["eta"]
            eta = datetime.strptime(asked.json()["eta"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
            assert eta - before < timedelta(seconds=60)
            query = {
                "fromDate": before.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "toDate": (before + timedelta(minutes=5)).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
                "reportType": report_type,
                "requestedBy": "NMVS automation",
            }
            made = await world.made(httpx.URL(asked.headers["location"]).path)
            assert made.status_code == 200
            assert clock() < eta, "the eta is kept"
            listed = (await world.get(f"/report/report-requests?{httpx.QueryParams(query)}")).json()
            assert listed["operationCode"] == "15100000"
            (report,) = listed["reports"]
            assert list(report) == ["id", "uri"]
            assert report["uri"] == asked.headers["location"] == f"http://test/report/reports/{report['id']}"
            fetched = await world.get(httpx.URL(report["uri"]).path)
            assert fetched.text == made.text


async def test_the_exceptions_audit_trail_has_a_row_for_each_deviation_with_all_keys(world):
    country = world.country
    await country.batch("LOT1", "301231", ["SN;1%3B%2"])
    first, second = await country.pharmacy("Apteekki A"), await country.pharmacy("Apteekki B")
    headers = {"emvs-api-version": "2.4", "User-Agent": "System/1"}
    serial = "SN;1%3B%2"
    assert (await first.get(serial, batch="LOT1", expiry="301231")).status_code == 200
    await first.patch(serial, "Supplied", batch="LOT1", expiry="301231")
    world.clock.move(seconds=1.5)
    await second.patch(serial, "Supplied", batch="LOT1", expiry="301231", headers=headers)
    world.clock.move(seconds=1)
    await second.patch("=1+1", "Supplied", batch="LOT1", expiry="301231")
    await second.patch("SN 1", "Supplied", batch="LOT1", expiry="301231")
    world.clock.move(minutes=5)
    async with world.worker():
        text = await world.report("ExceptionsAuditTrailReport", DAY)
    header = text.splitlines()[3]
    assert csv.Sniffer().sniff(header).delimiter == ",", "as tools that find out for themselves do"
    rows = table(text)
    assert list(rows[0]) == [
        "Date and Time (UTC)", "Process", "Event Name", "Event Description", "Transaction ID", "Event Code",
        "Event Message", "Event Details", "Category", "Severity",
    ]  # fmt: skip
    assert [(row["Event Code"], row["Category"], row["Severity"]) for row in rows] == [
        ("51220200", "L5", "Alert"),
        ("41020010", "L5", "Alert"),
        ("61020011", "L2", "Error"),
    ]
    found = details(rows[0])
    assert tuple(found) == EVENT_DETAILS
    (event, *_) = [one for one in await country.events() if one["operation_code"] == "51220200"]
    assert rows[0]["Transaction ID"] == str(event["transaction_id"])
    assert rows[0]["Date and Time (UTC)"] == "2026-03-02T12:00:01.500Z"
    assert found == {
        "ActualState": "Supplied", "APIVersion": "", "AttemptedOperation": "supply", "BatchExpiryDate": "301231",
        "BatchId": "LOT1", "ClientEquipmentId": str(second.equipment_id), "ClientId": "Apteekki B",
        "ClientLocation": str(second.location_id), "ClientOrganisationId": str(second.organisation_id),
        "ConnectorLocationId": "", "DataEntryMode": "non-manual", "EmvsErrorCode": "#A7", "EUPublicPackState": "",
        "InitialState": "Supplied", "InitiatingMessageType": "", "IpAddress": "127.0.0.1", "IsBadData": "false",
        "IsBulk": "false", "IsIntermarketResponse": "false", "Location": "Apteekki B", "Market": "FI",
        "NumberOfDispenseAttempts": "2", "PackLastUpdateLocation": str(first.location_id), "PackLastUpdateMarket": "FI",
        "PackLastUpdateTimestamp": "2026-03-02T12:00:00.000Z", "ProductCode": "06412345678907",
        "ProductCodeScheme": "gs1", "ProductName": "Testilääke 10 mg", "RequestedAPIVersion": "2.4",
        "RequestedState": "Supplied", "SerialNumber": "SN%3B1%253B%2", "StoredBatchExpiryDate": "301231",
        "StoredBatchId": "LOT1", "StoredNHRN": "123456", "TargetState": "Supplied", "User": "", "UserAgent": "System/1",
    }  # fmt: skip
    assert found["SerialNumber"].replace("%3B", ";").replace("%25", "%") == serial
    assert details(rows[1])["SerialNumber"] == "=1+1", "never changed: tools compare it"
    assert details(rows[2])["IsBadData"] == "true"
    assert not re.search(r'(^|,)"?[=+@-]', text, re.MULTILINE), "and no cell begins as a formula does"


async def test_transactions_are_counted_by_day_operation_and_code(world):
    await world.country.batch("LOT1", "301231", ["SN1"])
    pharmacy = await world.country.pharmacy("Apteekki A")
    for _ in range(3):
        await pharmacy.get("SN1", batch="LOT1", expiry="301231")
    world.clock.move(minutes=50)
    await pharmacy.get("SN1", batch="LOT1", expiry="301231")
    await pharmacy.patch("SN1", "Supplied", batch="LOT1", expiry="301231")
    world.clock.move(minutes=5)
    async with world.worker():
        rows = table(await world.report("TransactionsByTransactionTypeReport", DAYS))
        other_day = await world.report(
            "TransactionsByTransactionTypeReport", {"startDate": "2026-03-01", "endDate": "2026-03-01"}
        )
    assert [list(row.values()) for row in rows] == [
        ["2026-03-02", "FI", "supply", "11210200", "false", "1"],
        ["2026-03-02", "FI", "verify", "11110100", "false", "4"],
    ]
    assert table(other_day) == []


async def test_what_people_did_is_the_user_activity(world, database):
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO audit_entry (recorded_at, actor, user_id, user_name, user_role, action, object_kind, object_id,"
            " object_name) VALUES (%s, 'person', 7, 'Outi', 'operator_support', 'location_locked', 'location', '3',"
            " E'Kauppa\\n\\u2028tori'), (%s, 'system', NULL, '-', NULL, 'swept', 'location', '3', 'x')",
            (world.clock(), world.clock()),
        )
    async with world.worker():
        (row,) = table(await world.report("UserActivityReport", DAYS))
    assert row == {
        "Date and Time (UTC)": "2026-03-02T12:00:00.000Z", "User Id": "7", "User Name": "Outi",
        "User Role": "operator_support", "Organisation Id": "", "Organisation Name": "", "Activity": "location_locked",
        "Object": "location", "Object Id": "3", "Object Name": "Kauppa  tori", "IP Address": "", "Transaction ID": "",
    }  # fmt: skip


async def test_the_organisations_summary_has_each_with_its_contact(world, database):
    await world.country.pharmacy("Apteekki A")
    async with database.transaction() as tx:
        await tx.execute("UPDATE organisation SET name = %s WHERE kind = 'pharmacy'", ('Apteekki "Ä", Oy',))
        await tx.execute(
            "INSERT INTO organisation_details (organisation_id, contact_name, contact_email)"
            " SELECT organisation_id, 'Maija Metso', 'maija@example.fi' FROM organisation WHERE kind = 'pharmacy'"
        )
    async with world.worker():
        rows = table(await world.report("OrganisationsSummaryReport"))
    row = {row["Organisation Name"]: row for row in rows}['Apteekki "Ä", Oy']
    assert (row["Organisation Type"], row["Status"], row["Number Of Active Locations"]) == (
        "pharmacy",
        "Active",
        "1",
    )
    assert (row["Prime Contact Last Name"], row["Prime Contact Email"]) == ("Maija Metso", "maija@example.fi")
    known = {
        column.name
        for column in REPORT_TYPES["OrganisationsSummaryReport"].tables[0].columns
        if column.is_known
    }
    assert {name for name, value in row.items() if value} <= known
    assert [name for name in row if name.startswith("Known Fact")][-1] == "Known Fact Answer 5"


def blocks(text):
    """Tables of a snapshot by name, as tools split it: at empty lines, the first block left out."""
    found, current = [], []
    for line in [*text.splitlines(), ""]:
        if line.strip():
            current.append(line)
        elif current:
            found.append(current)
            current = []
    return {lines[0].strip('"'): list(csv.DictReader(lines[1:])) for lines in found[1:]}


async def ask_snapshot(world):
    for task in world.tasks:
        if task.name == "ask_snapshot":
            await task.run()


async def test_the_snapshot_of_a_day_is_made_once_and_fetched_by_its_date(world, database):
    country = world.country
    await country.batch("LOT1", "301231", ["SN1", "SN2", "sn-3"])
    await country.batch("LOT0", "251231", ["SN4"])
    pharmacy = await country.pharmacy("Apteekki A")
    await pharmacy.patch("SN1", "Supplied", batch="LOT1", expiry="301231")
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO location_details (location_id, city, state_at) VALUES (%s, E'Hel\\nsinki', %s)",
            (pharmacy.location_id, world.clock()),
        )
        await tx.execute(
            "INSERT INTO client_equipment_details (equipment_id, last_used_at, user_agent, api_version)"
            " VALUES (%s, %s, '=cmd', '3.1') ON CONFLICT (equipment_id) DO UPDATE SET last_used_at = EXCLUDED.last_used_at,"
            " user_agent = EXCLUDED.user_agent, api_version = EXCLUDED.api_version",
            (pharmacy.equipment_id, world.clock()),
        )
    query = "/report/report-requests?reportType=DailySnapshot&fromDate=2026-03-02T00:00:00Z&toDate=2026-03-02T23:59:59Z"
    async with world.worker():
        await ask_snapshot(world)
        await ask_snapshot(world)
        for _ in range(600):
            if reports := (await world.get(query)).json()["reports"]:
                break
        (report,) = reports
        text = (await world.get(httpx.URL(report["uri"]).path)).text
        other = await country.pharmacy("authority", kind="authority")
        assert (await world.get(httpx.URL(report["uri"]).path, other)).text == text, "it is for all"
        day_before = query.replace("2026-03-02", "2026-03-01")
        assert (await world.get(day_before)).json()["reports"] == []
    found = blocks(text)
    assert list(found) == ["Products", "Batches", "Organisations", "Locations", "API Versions"]
    for shape in REPORT_TYPES["DailySnapshot"].tables:
        assert found[shape.name], shape.name
        assert [column.name for column in shape.columns] == list(found[shape.name][0])
        empty = {column.name for column in shape.columns if not column.is_known}
        assert {row[name] for row in found[shape.name] for name in empty} <= {""}
    (product,) = found["Products"]
    assert (product["Product State"], product["National Code"]) == ("Active", "123456")
    counted = ("Number Of Batches", "Number Of Packs", "Number Of Active Packs")
    assert [product[name] for name in counted] == ["2", "4", "3"]
    batches = {row["Batch Id"]: row for row in found["Batches"]}
    assert [batches[name]["Batch State"] for name in ("LOT1", "LOT0")] == ["Active", "Expired"]
    assert [batches["LOT1"][name] for name in ("SN Format", "Batch Format", "Number Of Active Packs")] == [
        "9Aa#",
        "9A",
        "2",
    ]
    places = {row["Location Name"]: row for row in found["Locations"]}
    assert (places["Apteekki A"]["City"], places["Apteekki A"]["Equipment Count"]) == ("Hel sinki", "1")
    software = {row["Client Id"]: row for row in found["API Versions"]}
    assert software["Apteekki A"]["User Agent"] == "=cmd", "as it is: tools compare it"


async def test_a_snapshot_cannot_be_asked_for(world):
    answer = await world.post("/report/report-request", {"report Type Id": "DailySnapshot"})
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/report-daily")


async def test_a_report_as_workbook_is_made_when_it_is_asked_for_and_holds_no_formula(world):
    await world.country.batch("LOT1", "301231", ["SN1"])
    pharmacy = await world.country.pharmacy("=HYPERLINK(1)")
    await pharmacy.get("NONE", batch="LOT1", expiry="301231")
    async with world.worker():
        for report_type, parameters, sheet in (
            ("OrganisationsSummaryReport", {}, "Organisations Summary"),
            ("ExceptionsAuditTrailReport", DAY, "Exceptions Audit Trail"),
        ):
            await world.report(report_type, parameters)
            query = f"/report/report-requests?reportType={report_type}"
            (report,) = (await world.get(query)).json()["reports"]
            path = httpx.URL(report["uri"]).path
            first = await world.get(path, accept=XLSX)
            assert (first.status_code, first.json()["type"]) == (409, "/problems/report-workbook-not-ready")
            made = await world.made(path, accept=XLSX)
            assert made.headers["content-type"] == XLSX
            assert re.fullmatch(
                rf'attachment; filename="{report_type}-20260302T\d{{6}}Z.xlsx"',
                made.headers["content-disposition"],
            )
            with zipfile.ZipFile(io.BytesIO(made.content)) as book:
                content = book.read("xl/worksheets/sheet1.xml").decode()
                names = book.read("xl/workbook.xml").decode()
            assert "<f>" not in content, "no formula"
            assert f'name="{sheet}"' in names
            if report_type == "OrganisationsSummaryReport":
                assert "=HYPERLINK(1)" in content
            assert (await world.get(path)).headers["content-type"] == "text/csv; charset=utf-8"


async def test_a_snapshot_as_workbook_has_a_sheet_for_each_table(world):
    await world.country.batch("LOT1", "301231", ["SN1"])
    async with world.worker():
        await ask_snapshot(world)
        for _ in range(600):
            if reports := (await world.get("/report/report-requests?reportType=DailySnapshot")).json()[
                "reports"
            ]:
                break
        made = await world.made(httpx.URL(reports[0]["uri"]).path, accept=XLSX)
    with zipfile.ZipFile(io.BytesIO(made.content)) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
    assert names == [one.name for one in REPORT_TYPES["DailySnapshot"].tables]


async def test_report_types_tell_parameters_and_columns_and_what_is_always_empty(world):
    every = (await world.get("/report/report-types")).json()["reportTypes"]
    assert [one["id"] for one in every] == list(REPORT_TYPES)
    one = (await world.get("/report/report-types/ExceptionsAuditTrailReport")).json()
    assert one == every[2]
    assert [parameter["name"] for parameter in one["parameters"]] == list(DAY)
    answer = await world.get("/report/report-types/Nothing")
    assert (answer.status_code, answer.json()["type"]) == (404, "/problems/report-type-not-found")


REQUESTS = [
    # what is sent, what is said
    ({}, "report-type-unknown"),
    ({"report Type Id": "Nothing"}, "report-type-unknown"),
    ({"report Type Id": "UserActivityReport"}, "report-parameter-missing"),
    (
        {"report Type Id": "UserActivityReport", "parameters": {"startDate": "2026-03-01"}},
        "report-parameter-missing",
    ),
    (
        {"report Type Id": "UserActivityReport", "parameters": {"startDate": 1, "endDate": 2}},
        "report-parameter-invalid",
    ),
    (
        {
            "report Type Id": "UserActivityReport",
            "parameters": {"startDate": "2026-02-29", "endDate": "2026-03-01"},
        },
        "moment-invalid",
    ),
    (
        {
            "report Type Id": "UserActivityReport",
            "parameters": {"startDate": "2026-03-02", "endDate": "2026-03-01"},
        },
        "window-reversed",
    ),
    (
        {
            "report Type Id": "UserActivityReport",
            "parameters": {"startDate": "2026-01-01", "endDate": "2026-04-03"},
        },
        "window-too-long",
    ),
    (
        {
            "report Type Id": "ExceptionsAuditTrailReport",
            "parameters": DAY | {"syntheticMonitoring": "perhaps"},
        },
        "report-parameter-invalid",
    ),
    (
        {"report Type Id": "ExceptionsAuditTrailReport", "parameters": DAY | {"endDateTime": "x"}},
        "moment-invalid",
    ),
    ({"report Type Id": "OrganisationsSummaryReport", "name": "a\u0000b"}, "text-unusable"),
    ({"report Type Id": "OrganisationsSummaryReport", "requested By": "x" * 201}, "text-unusable"),
    ({"report Type Id": ["x"]}, "invalid-body"),
    (
        {"report Type Id": "ExceptionsAuditTrailReport", "parameters": DAY | {"syntheticMonitoring": True}},
        None,
    ),
    (
        {
            "report Type Id": "UserActivityReport",
            "parameters": {"startDate": "2026-01-01", "endDate": "2026-04-02"},
        },
        None,
    ),
    ({"reportTypeId": "OrganisationsSummaryReport", "requestedBy": "X"}, None),
    ({"report Type Id": "OrganisationsSummaryReport", "name": None, "parameters": None, "more": 1}, None),
]


@pytest.mark.parametrize(("body", "said"), REQUESTS)
async def test_a_request_that_cannot_be_taken_is_refused_in_words(world, body, said):
    answer = await world.post("/report/report-request", body)
    if said is None:
        assert answer.status_code == 202, answer.text
    else:
        assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{said}")


LISTS = [
    ("fromDate=2026-02-30", 422),
    ("toDate=yesterday", 422),
    ("fromDate=2026-03-03&toDate=2026-03-01", 422),
    ("toDate=9999-12-31", 422),
    ("title=%00&requestedBy=%00&reportType=%00", 200),
    ("fromDate=2026-03-02T00:00:00+00:00", 200),
    ("fromDate=&toDate=", 422),
    ("reportType=Nothing", 200),
]


@pytest.mark.parametrize(("query", "status"), LISTS)
async def test_a_list_that_is_badly_asked_for(world, query, status):
    answer = await world.get(f"/report/report-requests?{query}")
    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["reports"] == []


async def test_the_list_is_narrowed_by_name_asker_type_and_time_and_has_the_latest_first(world):
    async with world.worker():
        await world.report("OrganisationsSummaryReport", **{"name": "One", "requested By": "A"})
        world.clock.move(minutes=30)
        await world.report("OrganisationsSummaryReport", **{"name": "Two", "requested By": "B"})
        await world.report("UserActivityReport", DAYS, **{"name": "Two", "requested By": "A"})

    async def listed(query):
        return [one["id"] for one in (await world.get(f"/report/report-requests?{query}")).json()["reports"]]

    every = await listed("toDate=2026-03-03&requestedBy=A") + await listed("requestedBy=B")
    three, one, two = every
    assert await listed("title=Two") == [three, two]
    assert await listed("reportType=UserActivityReport") == [three]
    assert await listed("title=One&fromDate=2026-03-02T12:00:01Z") == []
    assert await listed("title=One&toDate=2026-03-02T12:00:00Z") == [one]
    other = await world.country.pharmacy("tool-2", kind="operator")
    answer = await world.get("/report/report-requests?title=Two", other)
    assert answer.json()["reports"] == []
    assert (await world.get(f"/report/reports/{one}", other)).status_code == 404


async def test_what_is_not_ready_is_not_listed_and_told_when_it_is_asked_for(world):
    asked = await world.post("/report/report-request", {"report Type Id": "OrganisationsSummaryReport"})
    path = httpx.URL(asked.headers["location"]).path
    assert (await world.get("/report/report-requests")).json()["reports"] == []
    answer = await world.get(path)
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/report-not-ready")
    for unknown in ("0199c0de-0000-7000-8000-000000000001", "nothing"):
        answer = await world.get(f"/report/reports/{unknown}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/report-unknown")


@pytest.mark.parametrize("kind", ["pharmacy", "hospital_pharmacy", "medical_depot", "wholesaler", "mah_obp"])
async def test_no_other_kind_of_organisation_may_ask(world, kind):
    tool = await world.country.pharmacy("other", kind=kind)
    for method, path in (
        ("GET", "/report/report-types"),
        ("GET", "/report/report-types/DailySnapshot"),
        ("POST", "/report/report-request"),
        ("GET", "/report/report-requests"),
        ("GET", "/report/reports/0199c0de-0000-7000-8000-000000000001"),
    ):
        answer = await tool.raw(method, path)
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden-organisation")


async def test_what_fails_again_and_again_is_given_up_and_said_to_be(world, database):
    asked = await world.post("/report/report-request", {"report Type Id": "OrganisationsSummaryReport"})
    path = httpx.URL(asked.headers["location"]).path
    async with database.transaction() as tx:
        await tx.execute("ALTER TABLE organisation_details RENAME TO gone")
    make = next(task for task in world.tasks if task.name == "make_report")
    for _ in range(4):
        assert (await world.get(path)).status_code == 409
        with pytest.raises(Exception, match="organisation_details"):
            await make.run(request_id=path.rsplit("/", 1)[1])
    answer = await world.get(path)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/report-given-up")
    await make.run(request_id=path.rsplit("/", 1)[1])
    assert (await world.get(path)).status_code == 410


async def test_made_twice_it_is_there_once_and_a_late_attempt_changes_nothing(world, database):
    asked = await world.post("/report/report-request", {"report Type Id": "OrganisationsSummaryReport"})
    path = httpx.URL(asked.headers["location"]).path
    make = next(task for task in world.tasks if task.name == "make_report")
    await make.run(request_id=path.rsplit("/", 1)[1])
    text = (await world.get(path)).text
    await world.country.pharmacy("Later")
    await make.run(request_id=path.rsplit("/", 1)[1])
    assert (await world.get(path)).text == text
