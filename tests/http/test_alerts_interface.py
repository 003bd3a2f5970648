"""The alerts interface as operators' tools use it: ask for a window, wait, fetch its pages."""

from __future__ import annotations

import json
from uuid import UUID

import httpx
import pytest
from tests.http.operators import operators, rules_with

FIELDS = [
    "alertDateTime",
    "uniqueAlertID",
    "errorCode",
    "transactionID",
    "errorMessage",
    "attemptedOperation",
    "organisationID",
    "clientID",
    "userAgent",
    "apiVersion",
    "manualEntry",
    "operationCode",
    "eventMessage",
    "isIntermarket",
    "numberOfDispenseAttempts",
    "numberOfDecommissionAttempts",
    "productCodeScheme",
    "productCode",
    "productName",
    "serialNumber",
    "providedBatchNumber",
    "providedExpiryDate",
    "storedBatchNumber",
    "storedExpiryDate",
    "sourceMarket",
    "sourceLocationID",
    "requestedPackTargetState",
    "currentPackState",
    "packLastUpdateLocationID",
    "packLastUpdateTimestamp",
    "packLastUpdateMarket",
    "storedNHRN",
    "sourceBusinessProcess",
    "alertRecencyValue",
]
DAY = ("2026-03-02T00:00:00Z", "2026-03-02T23:59:59Z")


@pytest.fixture
async def world(database_url, database, clock):
    async with operators(database_url, database, clock) as made:
        yield made


async def raise_alerts(world, number=1):
    """Alerts of one pharmacy: a pack that another had supplied, and then serial numbers that nobody knows."""
    country = world.country
    await country.batch("LOT1", "301231", ["SN1"])
    first, second = await country.pharmacy("Apteekki A"), await country.pharmacy("Apteekki B")
    await first.patch("SN1", "Supplied", batch="LOT1", expiry="301231")
    world.clock.move(minutes=5)
    headers = {"emvs-api-version": "2.4", "User-Agent": "System/1"}
    await second.patch("SN1", "Supplied", batch="LOT1", expiry="301231", headers=headers)
    for serial in range(number - 1):
        world.clock.move(seconds=1)
        await second.get(f"NONE{serial}", batch="LOT1", expiry="301231")
    world.clock.move(minutes=5)
    return first, second


async def test_an_alert_is_told_with_exactly_the_fields_that_tools_expect(world):
    first, second = await raise_alerts(world)
    async with world.worker():
        answer = await world.made(await world.alerts(*DAY) + "?page=1&pageSize=1000")
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["data", "pages", "isTruncated", "isOverLimit"]
    assert (body["pages"], body["isTruncated"], body["isOverLimit"]) == (1, False, False)
    (alert,) = body["data"]
    assert list(alert) == FIELDS
    (kept,) = await world.country.alerts()
    assert alert == {
        "alertDateTime": "2026-03-02T12:05:00Z",
        "uniqueAlertID": kept["alert_id"],
        "errorCode": "#A7",
        "transactionID": alert["transactionID"],
        "errorMessage": "refused, supplied at another location",
        "attemptedOperation": "supply",
        "organisationID": second.organisation_id,
        "clientID": "Apteekki B",
        "userAgent": "System/1",
        "apiVersion": "2.4",
        "manualEntry": False,
        "operationCode": "51220200",
        "eventMessage": alert["eventMessage"],
        "isIntermarket": False,
        "numberOfDispenseAttempts": 2,
        "numberOfDecommissionAttempts": 0,
        "productCodeScheme": "gs1",
        "productCode": "06412345678907",
        "productName": "Testilääke 10 mg",
        "serialNumber": "SN1",
        "providedBatchNumber": "LOT1",
        "providedExpiryDate": "301231",
        "storedBatchNumber": "LOT1",
        "storedExpiryDate": "301231",
        "sourceMarket": "FI",
        "sourceLocationID": str(second.location_id),
        "requestedPackTargetState": "Supplied",
        "currentPackState": "Supplied",
        "packLastUpdateLocationID": str(first.location_id),
        "packLastUpdateTimestamp": "2026-03-02T12:00:00Z",
        "packLastUpdateMarket": "FI",
        "storedNHRN": "123456",
        "sourceBusinessProcess": None,
        "alertRecencyValue": kept["event_number"],
    }
    UUID(alert["transactionID"])
    assert alert["eventMessage"] == "Pakkausta ei voi toimittaa.", "in the language of the request for alerts"


async def test_of_a_pack_that_is_not_there_nothing_is_told_but_what_was_sent(world):
    await raise_alerts(world, 2)
    async with world.worker():
        data = (await world.made(await world.alerts(*DAY))).json()["data"]
    unknown = data[1]
    assert unknown["operationCode"] == "41020010"
    assert unknown["serialNumber"] == "NONE0"
    told = ("storedBatchNumber", "storedExpiryDate", "currentPackState", "packLastUpdateTimestamp")
    assert [unknown[name] for name in told] == [None] * 4
    assert unknown["requestedPackTargetState"] is None


async def test_what_happened_after_an_alert_is_not_told_with_it(world):
    first, second = await raise_alerts(world)
    await first.patch("SN1", "Active", batch="LOT1", expiry="301231")
    world.clock.move(minutes=5)
    await second.patch("SN1", "Destroyed", batch="LOT1", expiry="301231")
    async with world.worker():
        (alert,) = (await world.made(await world.alerts(*DAY))).json()["data"]
    assert (alert["currentPackState"], alert["packLastUpdateTimestamp"]) == (
        "Supplied",
        "2026-03-02T12:00:00Z",
    )
    assert (alert["numberOfDispenseAttempts"], alert["numberOfDecommissionAttempts"]) == (2, 0)


async def test_not_ready_unknown_and_badly_asked_are_told_apart(world):
    path = await world.alerts(*DAY)
    waiting = await world.get(path)
    assert (waiting.status_code, waiting.json()["type"]) == (409, "/problems/alerts-not-ready")
    assert 1 <= int(waiting.headers["retry-after"]) <= 60
    for unknown in ("0199c0de-0000-7000-8000-000000000001", "nothing", "%00", "x" * 4000):
        answer = await world.get(f"/alerts/data/{unknown}")
        assert (answer.status_code, answer.json()["type"]) == (404, "/problems/alerts-unknown")
        assert (await world.post(f"/alerts/fulldataset/{unknown}")).status_code == 404
    for query in (
        "page=0",
        "page=-1",
        "page=x",
        "page=1.5",
        "page=",
        "page=9999999999",
        "pageSize=0",
        "pageSize=10001",
    ):
        answer = await world.get(f"{path}?{query}")
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/page-invalid"), query


async def test_another_client_of_the_operator_does_not_find_it(world):
    other = await world.country.pharmacy("tool-2", kind="operator")
    path = await world.alerts(*DAY)
    async with world.worker():
        assert (await world.made(path)).status_code == 200
    assert (await world.get(path, other)).status_code == 404
    assert (await world.post(path.replace("/data/", "/fulldataset/"), tool=other)).status_code == 404
    assert (await world.get(path.replace("/alerts/data", "/report/reports"))).status_code == 404, (
        "it is no report"
    )


@pytest.mark.parametrize("kind", ["pharmacy", "hospital_pharmacy", "medical_depot", "wholesaler", "mah_obp"])
async def test_no_other_kind_of_organisation_may_ask(world, kind):
    tool = await world.country.pharmacy("other", kind=kind)
    body = {"startTimestamp": DAY[0], "endTimestamp": DAY[1]}
    for answer in (
        await world.post("/alerts", body, tool),
        await world.get("/alerts/data/0199c0de-0000-7000-8000-000000000001", tool),
        await world.post("/alerts/fulldataset/0199c0de-0000-7000-8000-000000000001", None, tool),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden-organisation")
        assert answer.json()["detail"]


@pytest.mark.parametrize("role", [None, "verify_only"])
async def test_equipment_needs_full_access(world, role):
    tool = await world.country.pharmacy("other", kind="operator", role=role)
    answer = await world.post("/alerts", {"startTimestamp": DAY[0], "endTimestamp": DAY[1]}, tool)
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden-role")


async def test_the_authority_may_ask_too(world):
    tool = await world.country.pharmacy("authority", kind="authority")
    answer = await world.post("/alerts", {"startTimestamp": DAY[0], "endTimestamp": DAY[1]}, tool)
    assert answer.status_code == 202


WINDOWS = [
    # start, end, what is said
    ("2026-02-30T00:00:00Z", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("2026-03-01T24:00:01Z", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("2026-03-01", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("yesterday", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("2026-03-01T00:00:00Z\u0000", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("0001-01-01T00:00:00+14:00", "2026-03-02T00:00:00Z", "moment-invalid"),
    ("2026-03-01T00:00:00Z", "9999-12-31T23:59:59Z", "moment-invalid"),
    ("2026-03-02T00:00:00Z", "2026-03-01T23:59:59Z", "window-reversed"),
    ("2026-01-01T00:00:00Z", "2026-02-01T00:00:01Z", "window-too-long"),
    ("2026-03-01T00:00:00Z", None, "invalid-body"),
    (1772323200, "2026-03-02T00:00:00Z", "invalid-body"),
    ("2026-01-01T00:00:00Z", "2026-01-31T23:59:59Z", None),
    ("2026-01-01T00:00:00", "2026-01-01T00:00:00", None),
    ("2026-01-01T02:00:00.1234567+02:00", "2026-01-01T00:00:00.123Z", None),
    ("2027-01-01T00:00:00Z", "2027-01-02T00:00:00Z", None),
]


@pytest.mark.parametrize(("start", "end", "said"), WINDOWS)
async def test_a_window_that_is_none_is_refused_in_words(world, start, end, said):
    answer = await world.post("/alerts", {"startTimestamp": start, "endTimestamp": end})
    if said is None:
        assert answer.status_code == 202, answer.text
    else:
        assert (answer.status_code, answer.json()["type"]) == (422, f"/problems/{said}")
        assert answer.json()["action"]


BODIES = [
    (b"", 400, "malformed-json"),
    (b"{", 400, "malformed-json"),
    (b"[]", 422, "invalid-body"),
    (b"null", 422, "invalid-body"),
    (b"{}", 422, "invalid-body"),
    (b" " * 10 * 1024 * 1024, 413, "body-too-large"),
    (
        json.dumps({"startTimestamp": DAY[0], "endTimestamp": DAY[1], "x": "y" * 17_000}).encode(),
        413,
        "body-too-large",
    ),
]


@pytest.mark.parametrize("path", ["/alerts", "/report/report-request"])
@pytest.mark.parametrize(
    ("body", "status", "said"), BODIES, ids=[f"{row[0][:10]!r} {len(row[0])}" for row in BODIES]
)
async def test_a_body_that_is_none(world, path, body, status, said):
    if path != "/alerts" and body == b"{}":
        said = "report-type-unknown"
    headers = {"Content-Type": "application/json"}
    answer = await world.tool.raw("POST", path, content=body, headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{said}")
    answer = await world.tool.raw("POST", path, content=b"a=1", headers={"Content-Type": "text/plain"})
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


async def test_pages_together_are_all_alerts_in_order(world):
    await raise_alerts(world, 1203)
    async with world.worker():
        path = await world.alerts(*DAY)
        whole = (await world.made(f"{path}?pageSize=10000")).json()
    assert (len(whole["data"]), whole["pages"]) == (1203, 1)
    numbers = [alert["alertRecencyValue"] for alert in whole["data"]]
    assert numbers == sorted(set(numbers))
    for size in (1, 499, 500, 501, 1202, 1203, 1204):
        pages = -(-1203 // size)
        some = [
            (await world.get(f"{path}?page={page}&pageSize={size}")).json() for page in _some_pages(pages)
        ]
        assert {page["pages"] for page in some} == {pages}
        for number, page in zip(_some_pages(pages), some, strict=True):
            assert page["data"] == whole["data"][(number - 1) * size : number * size], (size, number)
        assert (await world.get(f"{path}?page={pages + 1}&pageSize={size}")).json()["data"] == []


def _some_pages(pages: int) -> list[int]:
    return sorted({page for page in (1, 2, 500, 501, pages // 2, pages - 1, pages) if 1 <= page <= pages})


async def test_a_window_without_alerts_has_no_page(world):
    async with world.worker():
        answer = await world.made(await world.alerts(*DAY))
    assert answer.json() == {"data": [], "pages": 0, "isTruncated": False, "isOverLimit": False}


async def test_the_end_of_a_window_belongs_to_it(world):
    await raise_alerts(world)  # at 12:05:00
    windows = [
        ("2026-03-02T12:05:00Z", "2026-03-02T12:05:00Z", 1),
        ("2026-03-02T12:05:01Z", "2026-03-02T13:00:00Z", 0),
        ("2026-03-02T12:00:00Z", "2026-03-02T12:04:59Z", 0),
        ("2026-03-02T12:05:00.000001Z", "2026-03-02T13:00:00Z", 0),
    ]
    async with world.worker():
        for start, end, number in windows:
            assert len((await world.made(await world.alerts(start, end))).json()["data"]) == number


async def test_what_is_too_much_comes_in_full_when_that_is_asked_for(database_url, database, clock):
    rules = rules_with(alerts_max=3, alerts_full_max=100)
    async with operators(database_url, database, clock, rules) as world:
        await raise_alerts(world, 5)
        path = await world.alerts(*DAY)
        full = path.replace("/data/", "/fulldataset/")
        early = await world.post(full)
        assert (early.status_code, early.json()["type"]) == (409, "/problems/alerts-not-ready")
        async with world.worker():
            cut = (await world.made(path)).json()
        assert (len(cut["data"]), cut["isTruncated"], cut["isOverLimit"]) == (3, True, False)
        asked = [await world.post(full), await world.post(full)]
        assert [answer.status_code for answer in asked] == [202, 202]
        assert httpx.URL(asked[0].headers["location"]).path == path
        assert (await world.get(path)).status_code == 409, "until all of it is there"
        async with world.worker():
            whole = (await world.made(path)).json()
        assert (len(whole["data"]), whole["isTruncated"], whole["isOverLimit"]) == (5, False, False)
        assert whole["data"][:3] == cut["data"]
        assert (await world.post(full)).status_code == 202, "again, and nothing is done"
        assert (await world.get(path)).status_code == 200


async def test_more_than_even_the_full_data_set_may_have_is_said_to_be(database_url, database, clock):
    rules = rules_with(alerts_max=2, alerts_full_max=4)
    async with operators(database_url, database, clock, rules) as world:
        await raise_alerts(world, 6)
        path = await world.alerts(*DAY)
        async with world.worker():
            cut = (await world.made(path)).json()
            assert (len(cut["data"]), cut["isTruncated"], cut["isOverLimit"]) == (2, True, True)
            await world.post(path.replace("/data/", "/fulldataset/"))
            full = (await world.made(path)).json()
        assert (len(full["data"]), full["isTruncated"], full["isOverLimit"]) == (4, True, True)


async def test_so_many_requests_may_wait_and_no_more(world):
    for _ in range(20):
        await world.alerts(*DAY)
    answer = await world.post("/alerts", {"startTimestamp": DAY[0], "endTimestamp": DAY[1]})
    assert (answer.status_code, answer.json()["type"]) == (429, "/problems/report-requests-waiting")
    assert answer.headers["retry-after"] == "60"
    other = await world.country.pharmacy("tool-2", kind="operator")
    assert (
        await world.post("/alerts", {"startTimestamp": DAY[0], "endTimestamp": DAY[1]}, other)
    ).status_code == 202


async def test_alerts_expire_and_who_asked_stays_on_record(world, database):
    await raise_alerts(world)
    path = await world.alerts(*DAY)
    async with world.worker():
        await world.made(path)
    counted = "SELECT count(*) FROM report_piece JOIN report_request USING (request_id) WHERE report_type = 'alerts'"
    async with database.transaction() as tx:
        assert await (await tx.execute(counted)).fetchone() == (1,)
    world.clock.move(hours=24, minutes=1)
    for task in world.tasks:
        if task.name == "forget_reports":
            await task.run()
    async with database.transaction() as tx:
        assert await (await tx.execute(counted)).fetchone() == (0,)
        kept = await (
            await tx.execute(
                "SELECT equipment_id, removed_at IS NOT NULL FROM report_request WHERE report_type = 'alerts'"
            )
        ).fetchall()
    assert kept == [(world.tool.equipment_id, True)]
