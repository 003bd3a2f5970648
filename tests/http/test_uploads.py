"""Uploads over HTTP and a real database: products, batches, recalls, and states that others tell of."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from tests.http.country import Pharmacy, a_country

from sinetti.nmvs import upload_lines
from sinetti.nmvs.http.uploads import UPLOADS_MAX

GTIN = "06412345678907"
OTHER_GTIN = "06420000000017"
PPN = "110375286414"
PRODUCT = {"productCodeScheme": "gs1", "productCode": GTIN, "name": "Esimerkki 10 mg"}
HEAD = {"productCodeScheme": "gs1", "productCode": GTIN, "batchId": "LOT1", "expiryDate": "301231"}


@pytest.fixture
async def country(database_url, database, clock):
    async with a_country(database_url, database, clock) as made:
        yield made


@pytest.fixture
async def owner(country):
    """An OBP that has uploaded one product."""
    obp = await country.pharmacy("OBP", kind="mah_obp")
    assert (await post(obp, "products", PRODUCT)).status_code == 201
    return obp


async def post(client: Pharmacy, path: str, body: Any) -> httpx.Response:
    return await client.raw("POST", f"/upload/{path}", json=body)


async def post_lines(client: Pharmacy, path: str, lines: Sequence[Any] | str) -> httpx.Response:
    text = lines if isinstance(lines, str) else "".join(json.dumps(line) + "\n" for line in lines)
    headers: dict[str, str | None] = {"Content-Type": "application/x-ndjson"}
    return await client.raw("POST", f"/upload/{path}", headers=headers, content=text.encode())


def batch(serials: Sequence[str], **changes: str) -> dict[str, Any]:
    return {**HEAD, **changes, "serialNumbers": list(serials)}


async def stored(client: Pharmacy, code: str = GTIN, batch: str = "") -> httpx.Response:
    return await client.raw("GET", f"/upload/batches/gs1/{code}" + (f"?batch={batch}" if batch else ""))


async def state_of(country: Any, serial: str, batch: str = "LOT1", expiry: str = "301231") -> str | None:
    """What a pharmacy sees of a pack: its state, or the HTTP status where it is told nothing."""
    pharmacy = await country.pharmacy(f"Apteekki {datetime.now(UTC)}")
    answer = await pharmacy.get(serial, batch=batch, expiry=expiry)
    return answer.json().get("batchState") or answer.json().get("state") or str(answer.status_code)


# ---------------------------------------------------------------- who may upload


@pytest.mark.parametrize(
    ("kind", "role", "problem"),
    [
        ("mah_obp", "full_access", None),
        ("mah_obp", "verify_only", "forbidden-role"),
        ("mah_obp", None, "forbidden-role"),
        ("pharmacy", "full_access", "forbidden-organisation"),
        ("wholesaler", "full_access", "forbidden-organisation"),
    ],
)
async def test_only_obps_with_full_access_upload(country, kind, role, problem):
    client = await country.pharmacy("Joku", role=role, kind=kind)
    answer = await post(client, "products", PRODUCT)
    if problem is None:
        assert answer.status_code == 201
    else:
        assert (answer.status_code, answer.json()["type"]) == (403, f"/problems/{problem}")


async def test_uploading_needs_a_token(country):
    answer = await country.client.post("/upload/products", json=PRODUCT)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="sinetti"')


# ---------------------------------------------------------------- products


async def test_a_product_sent_again_changes_only_what_differs(country):
    obp = await country.pharmacy("OBP", kind="mah_obp")
    answers = [
        await post(obp, "products", PRODUCT),
        await post(obp, "products", PRODUCT),
        await post(obp, "products", {**PRODUCT, "nhrn": "123456"}),
        await post(obp, "products", {**PRODUCT, "nhrn": "123456"}),
    ]
    assert [(answer.status_code, answer.json()["result"]) for answer in answers] == [
        (201, "created"),
        (200, "unchanged"),
        (200, "updated"),
        (200, "unchanged"),
    ]
    events = await country._rows("SELECT * FROM batch_event ORDER BY event_number")
    assert [(event["change"], event["master_data"]["nhrn"]) for event in events] == [
        ("product_created", None),
        ("product_updated", "123456"),
    ]
    assert {event["equipment_id"] for event in events} == {obp.equipment_id}


async def test_products_come_as_a_list_or_as_lines(country):
    obp = await country.pharmacy("OBP", kind="mah_obp")
    other = {**PRODUCT, "productCode": OTHER_GTIN}
    listed = await post(obp, "products", [PRODUCT, other])
    assert (listed.status_code, listed.json()["numberOfProducts"]) == (201, 2)
    lines = await post_lines(
        obp, "products", [PRODUCT, other, {**PRODUCT, "productCodeScheme": "ifa", "productCode": PPN}]
    )
    assert (lines.status_code, lines.json()["result"], lines.json()["numberOfProducts"]) == (
        201,
        "created",
        3,
    )


async def test_a_shorter_gtin_is_the_same_product(country):
    obp = await country.pharmacy("OBP", kind="mah_obp")
    await post(obp, "products", PRODUCT)
    assert (await post(obp, "products", {**PRODUCT, "productCode": GTIN[1:]})).json()["result"] == "unchanged"


async def test_another_organisations_product_stays_as_it_is(country, owner):
    thief = await country.pharmacy("Toinen OBP", kind="mah_obp")
    mine = {**PRODUCT, "productCode": OTHER_GTIN}
    refused = await post(thief, "products", [mine, {**PRODUCT, "name": "Minun"}])
    assert (refused.status_code, refused.json()["type"]) == (403, "/problems/not-your-product")
    assert "OBP" not in refused.json()["detail"]
    rows = await country._rows("SELECT product_code, name FROM product")
    assert rows == [{"product_code": GTIN, "name": "Esimerkki 10 mg"}], "not even the new one was stored"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"productCodeScheme": "gtin"}, "$.productCodeScheme"),
        ({"productCode": "06412345678908"}, "$.productCode"),
        ({"productCode": ""}, "$.productCode"),
        ({"productCodeScheme": "ifa"}, "$.productCode"),
        ({"name": "  "}, "$.name"),
        ({"name": "a\0b"}, "$.name"),
        ({"name": "x" * 1001}, "$.name"),
        ({"strength": "1\n2"}, "$.strength"),
        ({"name": 7}, "$.name"),
    ],
)
async def test_wrong_master_data_is_refused_with_its_place(country, changes, path):
    obp = await country.pharmacy("OBP", kind="mah_obp")
    answer = await post(obp, "products", {**PRODUCT, **changes})
    assert (answer.status_code, answer.json()["path"]) == (422, path)
    assert await country._rows("SELECT FROM product") == []


# ---------------------------------------------------------------- batches


async def test_an_uploaded_batch_can_be_verified(country, owner):
    answer = await post(owner, "batches", batch(["SN1", "SN/2"]))
    assert answer.status_code == 201
    assert answer.json() == {
        "result": "created",
        "transactionId": answer.headers["x-transaction-id"],
        "numberOfPacks": 2,
        "recordedAt": "2026-03-02T12:00:00Z",
    }
    assert [await state_of(country, serial) for serial in ("SN1", "SN/2", "SN3")] == [
        "Active",
        "Active",
        "404",
    ]


async def test_the_same_batch_as_lines_in_another_order_is_the_same_upload(country, owner, clock):
    await post(owner, "batches", batch(["SN1", "SN2", "SN3"]))
    clock.move(minutes=30)
    again = await post_lines(owner, "batches", [HEAD, {"serialNumber": "SN3"}, "SN1", "SN2"])
    assert (again.status_code, again.json()["result"]) == (200, "unchanged")
    assert again.json()["recordedAt"] == "2026-03-02T12:00:00Z"
    assert len(await country._rows("SELECT FROM upload")) == 1
    assert len(await country._rows("SELECT FROM pack")) == 3


async def test_a_half_uploaded_batch_is_completed(country, owner):
    await post(owner, "batches", batch(["AB12", "AB13"]))
    more = await post(owner, "batches", batch(["c-1", "AB14"]))
    assert (more.status_code, more.json()["result"], more.json()["numberOfPacks"]) == (201, "updated", 2)
    (row,) = await country._rows("SELECT * FROM batch")
    assert (row["pack_count"], row["serial_length_min"], row["serial_length_max"]) == (4, 3, 4)
    assert row["serial_format"] == 1 + 2 + 4 + 8


async def test_statistics_are_those_of_the_serial_numbers(country, owner):
    await post(owner, "batches", batch(["12345", "1234567"]))
    (row,) = await country._rows("SELECT * FROM batch")
    assert (row["serial_length_min"], row["serial_length_max"], row["serial_format"]) == (5, 7, 1)


async def test_serial_numbers_that_are_there_are_named_and_nothing_is_stored(country, owner):
    await post(owner, "batches", batch([f"SN{number}" for number in range(150)], batchId="OTHER"))
    answer = await post(owner, "batches", batch(["NEW1", *(f"SN{number}" for number in range(149))]))
    problem = answer.json()
    assert (answer.status_code, problem["type"]) == (409, "/problems/duplicate-serial-numbers")
    assert (problem["count"], problem["storedCount"], problem["sentTwiceCount"]) == (149, 149, 0)
    assert problem["serialNumbers"] == sorted(f"SN{number}" for number in range(149))[:100]
    assert "OTHER" not in answer.text, "which batch has them is not told"
    assert await state_of(country, "NEW1") == "404"
    assert len(await country._rows("SELECT FROM batch")) == 1


async def test_serial_numbers_sent_twice_are_named(country, owner):
    answer = await post(owner, "batches", batch(["A", "B", "A", "C", "C", "C"]))
    problem = answer.json()
    assert (answer.status_code, problem["count"], problem["sentTwiceCount"]) == (409, 2, 2)
    assert problem["serialNumbers"] == ["A", "C"]
    assert await country._rows("SELECT FROM pack") == []


async def test_the_same_serial_number_may_belong_to_two_products(country, owner):
    await post(owner, "products", {**PRODUCT, "productCode": OTHER_GTIN})
    assert (await post(owner, "batches", batch(["SN1"]))).status_code == 201
    assert (await post(owner, "batches", batch(["SN1"], productCode=OTHER_GTIN))).status_code == 201


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"expiryDate": "301200"}, "batch-conflict"),
        ({"productCode": OTHER_GTIN}, "unknown-product"),
    ],
)
async def test_what_does_not_fit_the_stored_data_is_refused(country, owner, changes, problem):
    await post(owner, "batches", batch(["SN1"]))
    answer = await post(owner, "batches", batch(["SN2"], **changes))
    assert answer.json()["type"] == f"/problems/{problem}"


async def test_another_organisations_batch_cannot_be_added_to(country, owner):
    thief = await country.pharmacy("Toinen OBP", kind="mah_obp")
    for answer in (
        await post(thief, "batches", batch(["SN1"])),
        await post(thief, "batches/recall", {**HEAD, "reason": "x"}),
        await post(thief, "batches/correct", {**OF_BATCH, "newExpiryDate": "290600", "reason": "x"}),
        await post(thief, "products/withdraw", {**HEAD, "reason": "x"}),
        await post(thief, "packs/state", {**HEAD, "state": "CheckedOut", "serialNumbers": ["SN1"]}),
        await stored(thief),
    ):
        assert (answer.status_code, answer.json()["type"]) == (403, "/problems/not-your-product")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"batchId": ""}, "$.batchId"),
        ({"batchId": "x" * 21}, "$.batchId"),
        ({"expiryDate": "301301"}, "$.expiryDate"),
        ({"expiryDate": "20301231"}, "$.expiryDate"),
        ({"serialNumbers": []}, "$.serialNumbers"),
        ({"serialNumbers": "SN1"}, "$.serialNumbers"),
        ({"serialNumbers": [1]}, "$.serialNumbers[0]"),
    ],
)
async def test_a_wrong_batch_is_refused_with_its_place(country, owner, changes, path):
    answer = await post(owner, "batches", {**batch(["SN1"]), **changes})
    assert (answer.status_code, answer.json()["path"]) == (422, path)


async def test_each_wrong_line_is_named_by_number_and_reason(country, owner):
    lines = [
        json.dumps(HEAD), '"GOOD1"', "", '"WITH SPACE"', "not json", '"' + "x" * 21 + '"', "17", '{"serial": "A"}',
        '{"serialNumber": "GOOD2"}', '""',
    ]  # fmt: skip
    answer = await post_lines(owner, "batches", "\r\n".join(lines) + "\n")
    problem = answer.json()
    assert (answer.status_code, problem["type"], problem["count"]) == (422, "/problems/invalid-entries", 6)
    assert sorted(
        (int(error["at"].removeprefix("line ")), error["reason"]) for error in problem["errors"]
    ) == [
        (4, "Expected 1 to 20 characters of GS1 character set 82"),
        (5, "Expected a JSON string or object"),
        (6, "Expected 1 to 20 characters of GS1 character set 82"),
        (7, "Expected a JSON string or object"),
        (8, "Expected a serial number, or an object with serialNumber"),
        (10, "Expected 1 to 20 characters of GS1 character set 82"),
    ]
    assert await country._rows("SELECT FROM pack") == []


async def test_only_the_first_hundred_wrong_lines_are_named(country, owner):
    answer = await post_lines(owner, "batches", [HEAD, *["Ä"] * 12_345])
    problem = answer.json()
    assert (problem["count"], len(problem["errors"]), problem["errors"][0]["at"]) == (12_345, 100, "line 2")


async def test_a_wrong_serial_number_in_json_is_named_by_its_place(country, owner):
    answer = await post(owner, "batches", batch(["A", "B", "ä"]))
    assert answer.json()["errors"][0]["at"] == "$.serialNumbers[2]"


async def test_a_ppn_takes_only_capitals_and_digits(country):
    obp = await country.pharmacy("OBP", kind="mah_obp")
    ppn = {"productCodeScheme": "ifa", "productCode": PPN}
    await post(obp, "products", {**PRODUCT, **ppn})
    refused = await post_lines(obp, "batches", [{**HEAD, **ppn}, "ABC1", "abc1", "A-1"])
    assert [error["at"] for error in refused.json()["errors"]] == ["line 3", "line 4"]
    assert (await post_lines(obp, "batches", [{**HEAD, **ppn}, "ABC1"])).status_code == 201


@pytest.mark.parametrize("text", ["", "\n\n", "null\n", '"SN1"\n', '{"batchId": "LOT1"}\n"SN1"\n', "{"])
async def test_lines_without_a_head_are_refused(country, owner, text):
    answer = await post_lines(owner, "batches", text)
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/invalid-entries")


async def test_many_lines_in_many_pieces_are_all_stored(country, owner):
    serials = [f"SN{number * 7919 % 100_003:06}" for number in range(100_003)]

    async def pieces():
        text = "".join(json.dumps(line) + "\n" for line in (HEAD, *serials)).encode()
        for start in range(0, len(text), 50_021):
            yield text[start : start + 50_021]

    answer = await owner.raw(
        "POST", "/upload/batches", headers={"Content-Type": "application/x-ndjson"}, content=pieces()
    )
    assert (answer.status_code, answer.json()["numberOfPacks"]) == (201, 100_003)
    (row,) = await country._rows(
        "SELECT count(*), min(sinetti_serial(serial_key)), max(sinetti_serial(serial_key)) FROM pack"
    )
    assert row == {"count": 100_003, "min": "SN000000", "max": "SN100002"}


async def test_what_is_neither_json_nor_lines_is_refused(country, owner):
    answer = await owner.raw("POST", "/upload/batches", headers={"Content-Type": "text/csv"}, content=b"a;b")
    assert (answer.status_code, answer.json()["type"]) == (415, "/problems/unsupported-media-type")


async def test_too_large_a_json_body_is_refused(country, owner):
    answer = await owner.raw("POST", "/upload/batches", content=b" " * (4 * 1024 * 1024 + 1))
    assert (answer.status_code, answer.json()["type"]) == (413, "/problems/body-too-large")


async def test_too_long_a_line_ends_the_reading(country, owner):
    answer = await post_lines(owner, "batches", json.dumps(HEAD) + '\n"' + "x" * 100_000)
    assert (answer.status_code, answer.json()["errors"]) == (
        422,
        [{"at": "line 2", "reason": "Expected 65536 bytes at most"}],
    )


async def test_an_upload_has_a_largest_size(country, owner, monkeypatch):
    monkeypatch.setattr(upload_lines, "SERIAL_NUMBERS_MAX", 3)
    answer = await post_lines(owner, "batches", [HEAD, "A", "B", "C", "D"])
    assert (answer.status_code, answer.json()["type"]) == (422, "/problems/too-many-serial-numbers")
    assert (await post_lines(owner, "batches", [HEAD, "A", "B", "C"])).status_code == 201


async def test_more_uploads_than_a_process_can_hold_are_asked_to_come_again(country, owner):
    sent = asyncio.Event()

    async def slow(number: int):
        yield json.dumps({**HEAD, "batchId": f"LOT{number}"}).encode() + b"\n"
        await sent.wait()
        yield json.dumps(f"SN{number}").encode()

    headers: dict[str, str | None] = {"Content-Type": "application/x-ndjson"}
    uploads = [
        asyncio.create_task(owner.raw("POST", "/upload/batches", headers=headers, content=slow(number)))
        for number in range(UPLOADS_MAX)
    ]
    await asyncio.sleep(0.2)
    refused = await post(owner, "batches", batch(["A"]))
    assert (refused.status_code, refused.json()["operationCode"]) == (429, "70020000")
    assert int(refused.headers["retry-after"]) > 0
    sent.set()
    assert [answer.status_code for answer in await asyncio.gather(*uploads)] == [201] * UPLOADS_MAX
    assert (await post(owner, "batches", batch(["A"]))).status_code == 201


# ---------------------------------------------------------------- corrections

OF_BATCH = {"productCodeScheme": "gs1", "productCode": GTIN, "batchId": "LOT1"}


async def test_a_wrong_expiry_is_corrected_once_and_recorded_with_what_was_before(country, owner, clock):
    await post(owner, "batches", batch(["SN1"]))
    correction = {**OF_BATCH, "newExpiryDate": "290600", "reason": "Väärä päivä latauksessa"}
    first = await post(owner, "batches/correct", correction)
    clock.move(minutes=30)
    again = await post(owner, "batches/correct", correction)
    assert (first.status_code, first.json()["result"]) == (200, "updated")
    assert (again.status_code, again.json()["result"]) == (200, "unchanged")
    (event,) = await country._rows("SELECT * FROM batch_event WHERE change = 'batch_corrected'")
    assert (event["batch"], event["reason"]) == ("LOT1", "Väärä päivä latauksessa")
    assert event["master_data"]["previous_expiry"] == HEAD["expiryDate"]
    assert str(event["transaction_id"]) == first.headers["x-transaction-id"]
    # The pack is as it was, and is asked about with what is printed on it.
    answer = await stored(owner, batch="LOT1")
    (one,) = answer.json()["batches"]
    assert (one["expiryDate"], one["numberOfPacks"]) == ("290600", 1)
    (shown,) = one["corrections"]
    assert (shown["previousExpiryDate"], shown["expiryDate"]) == (HEAD["expiryDate"], "290600")


async def test_a_wrong_batch_number_is_corrected_and_the_old_one_is_free(country, owner):
    await post(owner, "batches", batch(["SN1", "SN2"]))
    correction = {**OF_BATCH, "newBatchId": "LOT-1", "reason": "Viiva puuttui"}
    assert (await post(owner, "batches/correct", correction)).json()["result"] == "updated"
    assert (await post(owner, "batches/correct", correction)).json()["result"] == "unchanged"
    assert len(await country._rows("SELECT * FROM batch_event WHERE change = 'batch_corrected'")) == 1
    found = (await stored(owner)).json()["batches"]
    assert [(one["batchId"], one["numberOfPacks"]) for one in found] == [("LOT-1", 2)]
    # The file of before, sent again, names packs that are stored: nothing is doubled.
    repeated = await post(owner, "batches", batch(["SN1", "SN2"]))
    assert (repeated.status_code, repeated.json()["type"]) == (409, "/problems/duplicate-serial-numbers")


async def test_packs_of_two_batches_are_never_put_together(country, owner):
    await post(owner, "batches", batch(["SN1"]))
    await post(owner, "batches", batch(["SN2"], batchId="LOT2"))
    answer = await post(
        owner, "batches/correct", {**OF_BATCH, "newBatchId": "LOT2", "newExpiryDate": "290600", "reason": "x"}
    )
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/batch-exists")
    found = (await stored(owner, batch="LOT1")).json()["batches"]
    assert found[0]["expiryDate"] == HEAD["expiryDate"], "nothing was changed"
    assert await country._rows("SELECT * FROM batch_event WHERE change = 'batch_corrected'") == []


async def test_a_recalled_batch_is_corrected_no_more(owner):
    await post(owner, "batches", batch(["SN1"]))
    await post(owner, "batches/recall", {**OF_BATCH, "reason": "Syy"})
    answer = await post(owner, "batches/correct", {**OF_BATCH, "newExpiryDate": "290600", "reason": "x"})
    assert (answer.status_code, answer.json()["type"]) == (409, "/problems/batch-recalled")


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ({**OF_BATCH, "batchId": "NONE", "newExpiryDate": "290600", "reason": "x"}, "unknown-batch"),
        ({**OF_BATCH, "batchId": "NONE", "newBatchId": "LOT1", "reason": "x"}, "unknown-batch"),
        (
            {**OF_BATCH, "productCode": OTHER_GTIN, "newExpiryDate": "290600", "reason": "x"},
            "unknown-product",
        ),
        ({**OF_BATCH, "reason": "x"}, "invalid-body"),
        ({**OF_BATCH, "newExpiryDate": "290631", "reason": "x"}, "invalid-body"),
        ({**OF_BATCH, "newBatchId": "A B", "reason": "x"}, "invalid-body"),
        ({**OF_BATCH, "newExpiryDate": "290600"}, "invalid-body"),
        ({**OF_BATCH, "newExpiryDate": "290600", "reason": " "}, "invalid-body"),
    ],
)
async def test_a_correction_that_cannot_be_is_refused(country, owner, body, problem):
    await post(owner, "batches", batch(["SN1"]))
    assert (await post(owner, "batches/correct", body)).json()["type"] == f"/problems/{problem}"
    assert await country._rows("SELECT * FROM batch_event WHERE change = 'batch_corrected'") == []


# ---------------------------------------------------------------- recall and withdrawal


async def test_a_recall_is_for_good_and_recorded_once(country, owner, clock):
    await post(owner, "batches", batch(["SN1"]))
    recall = {**HEAD, "reason": "Murtuneita tabletteja"}
    first = await post(owner, "batches/recall", recall)
    clock.move(minutes=30)
    again = await post(owner, "batches/recall", {**recall, "reason": "Toinen syy"})
    assert (first.status_code, first.json()["result"]) == (200, "updated")
    assert (again.status_code, again.json()["result"]) == (200, "unchanged")
    assert await state_of(country, "SN1") == "Recalled"
    (event,) = await country._rows("SELECT * FROM batch_event WHERE change = 'batch_recalled'")
    assert (event["batch"], event["reason"]) == ("LOT1", "Murtuneita tabletteja")
    assert (event["organisation_id"], event["equipment_id"]) == (owner.organisation_id, owner.equipment_id)
    assert str(event["transaction_id"]) == first.headers["x-transaction-id"]
    more = await post(owner, "batches", batch(["SN2"]))
    assert (more.status_code, more.json()["type"]) == (409, "/problems/batch-recalled")


async def test_a_withdrawn_product_takes_no_more_packs(country, owner):
    await post(owner, "batches", batch(["SN1"]))
    withdrawal = {**HEAD, "reason": "Myyntilupa peruttu"}
    assert (await post(owner, "products/withdraw", withdrawal)).json()["result"] == "updated"
    assert (await post(owner, "products/withdraw", withdrawal)).json()["result"] == "unchanged"
    assert await state_of(country, "SN1") == "Withdrawn"
    for more in (batch(["SN2"]), batch(["SN2"], batchId="NEW")):
        answer = await post(owner, "batches", more)
        assert (answer.status_code, answer.json()["type"]) == (409, "/problems/product-withdrawn")
    assert (await post(owner, "batches", batch(["SN1"]))).json()["result"] == "unchanged"


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("batches/recall", {**HEAD, "batchId": "NONE", "reason": "x"}, "unknown-batch"),
        ("batches/recall", {**HEAD, "productCode": OTHER_GTIN, "reason": "x"}, "unknown-product"),
        ("batches/recall", {**HEAD, "reason": " "}, "invalid-body"),
        ("batches/recall", HEAD, "invalid-body"),
        ("products/withdraw", {**HEAD, "productCode": OTHER_GTIN, "reason": "x"}, "unknown-product"),
        ("products/withdraw", HEAD, "invalid-body"),
    ],
)
async def test_a_recall_or_withdrawal_that_cannot_be_is_refused(country, owner, path, body, problem):
    assert (await post(owner, path, body)).json()["type"] == f"/problems/{problem}"


# ---------------------------------------------------------------- states that others tell of


@pytest.mark.parametrize(("state", "operation"), [("CheckedOut", "check_out"), ("Inactive", "market_update")])
async def test_a_state_from_outside_is_recorded(country, owner, state, operation):
    await post(owner, "batches", batch(["SN1", "SN2", "SN3"]))
    told = {**HEAD, "state": state, "serialNumbers": ["SN3", "SN1"], "reason": "Rinnakkaisjakelu"}
    answer = await post(owner, "packs/state", told)
    assert (answer.status_code, answer.json()["result"], answer.json()["numberOfPacks"]) == (
        200,
        "updated",
        2,
    )
    again = await post(owner, "packs/state", told)
    assert (again.json()["result"], again.json()["numberOfPacks"]) == ("unchanged", 0)
    events = await country.events()
    assert [
        (
            event["serial_number"],
            event["operation"],
            event["state_before"],
            event["state_after"],
            event["reason"],
        )
        for event in events
    ] == [
        ("SN1", operation, "Active", state, "Rinnakkaisjakelu"),
        ("SN3", operation, "Active", state, "Rinnakkaisjakelu"),
    ]
    assert [event["operation_code"] for event in events] == [None, None]
    pharmacy = await country.pharmacy("Apteekki")
    supplied = await pharmacy.patch("SN1", "Supplied", batch="LOT1", expiry="301231")
    assert (supplied.status_code, "alertId" in supplied.json()) == (409, True)


async def test_states_are_set_for_all_packs_or_none(country, owner):
    await post(owner, "batches", batch(["SN1", "SN2"]))
    unknown = await post(
        owner, "packs/state", {**HEAD, "state": "CheckedOut", "serialNumbers": ["SN1", "SN9"]}
    )
    assert (unknown.status_code, unknown.json()["serialNumbers"]) == (404, ["SN9"])
    pharmacy = await country.pharmacy("Apteekki")
    await pharmacy.patch("SN2", "Supplied", batch="LOT1", expiry="301231")
    supplied = await post(
        owner, "packs/state", {**HEAD, "state": "CheckedOut", "serialNumbers": ["SN1", "SN2"]}
    )
    assert (supplied.status_code, supplied.json()["serialNumbers"]) == (409, ["SN2"])
    assert await state_of(country, "SN1") == "Active"
    assert len([event for event in await country.events() if event["operation"] == "check_out"]) == 0


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"state": "Supplied"}, "$.state"),
        ({"state": "Active"}, "$.state"),
        ({"serialNumbers": []}, "$.serialNumbers"),
        ({"serialNumbers": ["A", "B C"]}, "$.serialNumbers[1]"),
    ],
)
async def test_a_wrong_state_upload_is_refused_with_its_place(country, owner, changes, path):
    told = {**HEAD, "state": "CheckedOut", "serialNumbers": ["SN1"], **changes}
    answer = await post(owner, "packs/state", told)
    assert (answer.status_code, answer.json()["path"]) == (422, path)


# ---------------------------------------------------------------- what is there


async def test_the_owner_sees_what_was_uploaded(country, owner, clock):
    first = await post(owner, "batches", batch(["SN1"]))
    clock.move(minutes=30)
    second = await post(owner, "batches", batch(["SN2", "SN3"]))
    await post(owner, "batches", batch(["SN4"], batchId="L/2"))
    await post(owner, "batches/recall", {**HEAD, "reason": "Syy"})
    answer = await stored(owner, batch="LOT1")
    assert answer.json() == {
        "batches": [
            {
                "batchId": "LOT1",
                "expiryDate": "301231",
                "numberOfPacks": 3,
                "uploadedAt": "2026-03-02T12:00:00Z",
                "recalledAt": "2026-03-02T12:30:00Z",
                "recallReason": "Syy",
                "uploads": [
                    {
                        "numberOfPacks": 2,
                        "recordedAt": "2026-03-02T12:30:00Z",
                        "transactionId": second.headers["x-transaction-id"],
                    },
                    {
                        "numberOfPacks": 1,
                        "recordedAt": "2026-03-02T12:00:00Z",
                        "transactionId": first.headers["x-transaction-id"],
                    },
                ],
            }
        ]
    }
    assert [one["batchId"] for one in (await stored(owner)).json()["batches"]] == ["L/2", "LOT1"]
    assert (await stored(owner, batch="NONE")).json()["type"] == "/problems/unknown-batch"
    assert (await stored(owner, code=OTHER_GTIN)).json()["type"] == "/problems/unknown-product"
