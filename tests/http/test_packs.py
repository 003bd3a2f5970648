"""The single-pack interface over real HTTP semantics and a real database, in one process."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from tests.http.country import GTIN, Pharmacy, a_country

from sinetti.gs1.charset import SET_82

pytestmark = pytest.mark.usefixtures("country")


@pytest.fixture
async def country(database_url, database, clock):
    async with a_country(database_url, database, clock) as made:
        yield made


async def test_a_pharmacy_verifies_and_supplies_a_pack(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])

    verified = await pharmacy.get("SN1", batch="LOT1", expiry="301231")
    assert verified.status_code == 200
    assert verified.json() == {
        "operationCode": "11110100",
        "state": "Active",
        "information": verified.json()["information"],
        "nhrn": "123456",
        "productName": "Testilääke 10 mg",
    }
    supplied = await pharmacy.patch("SN1", "Supplied", batch="LOT1", expiry="301231")
    assert supplied.status_code == 200
    body = supplied.json()
    assert (body["operationCode"], body["state"]) == ("11210200", "Supplied")
    assert body["canReactivate"] is True
    assert body["canReactivateUntil"] == "2026-03-12T12:00:00Z"
    UUID(supplied.headers["x-transaction-id"])


async def test_texts_come_in_the_language_asked_for(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", [])
    answers = {
        language: (
            await pharmacy.get("NONE", batch="LOT1", expiry="301231", headers={"Accept-Language": language})
        ).json()["warning"]
        for language in ("fi", "fi-FI", "sv-FI", "sv", "en-GB,en;q=0.9", "de")
    }
    assert answers["fi"] == answers["fi-FI"] == "Tuntematon sarjanumero."
    assert answers["sv"] == answers["sv-FI"] != answers["en-GB,en;q=0.9"] == answers["de"]


async def test_every_character_of_set_82_can_be_a_serial_number_encoded_and_raw(country):
    pharmacy = await country.pharmacy("Apteekki A")
    serials = [f"{character}x{character}" for character in SET_82 if character != "%"]
    await country.batch("L/1+2", "301231", serials)
    for serial in serials:
        for sent in (quote(serial, safe=""), serial):
            answer = await pharmacy.raw(
                "GET", f"/verification/product/gs1/{GTIN}/pack/{sent}?batch=L%2F1%2B2&expiry=301231"
            )
            assert answer.json()["operationCode"] == "11110100", sent


@pytest.mark.parametrize("prefix", ["", "/verification"])
async def test_both_roots_answer_alike(country, prefix):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    answer = await pharmacy.raw("GET", f"{prefix}/product/gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231")
    assert answer.json()["operationCode"] == "11110100"


async def test_a_short_gtin_is_padded(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    answer = await pharmacy.raw("GET", f"/product/gs1/{GTIN.lstrip('0')}/pack/SN1?batch=LOT1&expiry=301231")
    assert answer.json()["operationCode"] == "11110100"


# what is wrong                      headers                                   path and query                                       body                      status  code
REFUSED = [
    ("no entry mode",                {"emvs-data-entry-mode": None},           f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": "Supplied"},    422, "61020012"),
    ("odd entry mode",               {"emvs-data-entry-mode": "2d_code"},      f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": "Supplied"},    422, "61020013"),
    ("unknown scheme",               {},                                       f"ean/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": "Supplied"},    422, "61020002"),
    ("no serial number",             {},                                       f"gs1/{GTIN}/pack/?batch=LOT1&expiry=301231",        {"state": "Supplied"},    422, "61020003"),
    ("no batch, scanned",            {},                                       f"gs1/{GTIN}/pack/SN1?expiry=301231",                {"state": "Supplied"},    422, "61020000"),
    ("no expiry, scanned",           {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1",                   {"state": "Supplied"},    422, "61020004"),
    ("wrong check digit",            {},                                       "gs1/06412345678900/pack/SN1?batch=LOT1&expiry=301231", {"state": "Supplied"}, 422, "61020008"),
    ("31 February",                  {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=300231",     {"state": "Supplied"},    422, "61020007"),
    ("21 characters of serial",      {},                                       f"gs1/{GTIN}/pack/{'1' * 21}?batch=LOT1&expiry=301231", {"state": "Supplied"}, 422, "61020011"),
    ("space in batch",               {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT%201&expiry=301231",  {"state": "Supplied"},    422, "61020006"),
    ("NUL in serial",                {},                                       f"gs1/{GTIN}/pack/SN%001?batch=LOT1&expiry=301231",  {"state": "Supplied"},    422, "61020011"),
    ("no state",                     {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {},                       422, "61020009"),
    ("state of wrong type",          {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": 5},             422, "61020010"),
    ("unknown state",                {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": "Sold"},        422, "61020010"),
    ("state nobody may ask for",     {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": "CheckedOut"},  422, "61020010"),
    ("state a pharmacy may not set", {},                                       f"gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231",     {"state": "Exported"},    403, "30020000"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "target", "body", "status", "code"),
    [row[1:] for row in REFUSED],
    ids=[row[0] for row in REFUSED],
)
async def test_what_is_wrong_with_a_request_is_told_and_changes_nothing(
    country, headers, target, body, status, code
):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    answer = await pharmacy.raw("PATCH", f"/verification/product/{target}", headers=headers, json=body)
    assert (answer.status_code, answer.json()["operationCode"]) == (status, code)
    assert (await pharmacy.get("SN1", batch="LOT1", expiry="301231")).json()["state"] == "Active"
    (event, _) = await country.events()
    assert (event["operation_code"], event["state_after"]) == (code, None)


# what is sent                       body            headers                                  status  problem
FAULTS = [
    ("not JSON",                     b"{state:",     {},                                      400, "malformed-json"),
    ("not an object",                b"[1]",         {},                                      422, "invalid-body"),
    ("not UTF-8",                    b'{"state":"\xff"}', {},                                  400, "malformed-json"),
    ("65 kB",                        b" " * 65537,   {},                                      413, "body-too-large"),
    ("a key of 256 characters",      b'{"state":"Supplied"}', {"Idempotency-Key": "k" * 256},  400, "idempotency-key-invalid"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "headers", "status", "problem"), [row[1:] for row in FAULTS], ids=[row[0] for row in FAULTS]
)
async def test_what_cannot_be_served_is_a_problem_in_the_users_language(
    country, body, headers, status, problem
):
    pharmacy = await country.pharmacy("Apteekki A")
    answer = await pharmacy.raw(
        "PATCH", f"/product/gs1/{GTIN}/pack/SN1", content=body, headers={**headers, "Accept-Language": "sv"}
    )
    assert (answer.status_code, answer.json()["type"]) == (status, f"/problems/{problem}")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["content-language"] == "sv"
    assert answer.json()["transactionId"] == answer.headers["x-transaction-id"]
    assert await country.events() == []


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "OPTIONS"])
async def test_other_methods_are_refused_with_those_that_are_allowed(country, method):
    pharmacy = await country.pharmacy("Apteekki A")
    answer = await pharmacy.raw(method, f"/product/gs1/{GTIN}/pack/SN1")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, PATCH")


@pytest.mark.parametrize("authorization", [None, "Bearer wrong", "Basic abc", "Bearer"])
async def test_without_a_token_nothing_is_told(country, authorization):
    pharmacy = await country.pharmacy("Apteekki A")
    answer = await pharmacy.raw(
        "GET", f"/product/gs1/{GTIN}/pack/SN1", headers={"Authorization": authorization}
    )
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")


async def test_equipment_without_a_role_may_do_nothing(country):
    nobody = await country.pharmacy("Apteekki A", role=None)
    await country.batch("LOT1", "301231", ["SN1"])
    for answer in (
        await nobody.get("SN1", batch="LOT1", expiry="301231"),
        await nobody.patch("SN1", "Supplied", batch="LOT1", expiry="301231"),
    ):
        assert (answer.status_code, answer.json()["operationCode"]) == (403, "30020000")


async def test_a_lock_holds_for_a_request_whose_body_is_still_coming(country, database):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])

    async def slow_body():
        yield b'{"state":'
        async with database.transaction() as tx:
            await tx.execute(
                "UPDATE client_equipment SET locked_at = now(), lock_reason = 'IT system changed'"
                " WHERE equipment_id = %s",
                (pharmacy.equipment_id,),
            )
        await asyncio.sleep(1)
        yield b'"Supplied"}'

    answer = await pharmacy.raw(
        "PATCH", f"/product/gs1/{GTIN}/pack/SN1?batch=LOT1&expiry=301231", content=slow_body()
    )
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorised-locked")
    assert await country.events() == []


async def supply_with_key(
    pharmacy: Pharmacy, key: str, serial: str = "SN1", state: str = "Supplied"
) -> httpx.Response:
    return await pharmacy.patch(
        serial, state, batch="LOT1", expiry="301231", headers={"Idempotency-Key": key}
    )


async def test_the_same_key_and_request_gets_the_stored_answer(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    first, again = await supply_with_key(pharmacy, "k1"), await supply_with_key(pharmacy, "k1")
    assert (first.status_code, first.content) == (again.status_code, again.content)
    assert first.headers["x-transaction-id"] == again.headers["x-transaction-id"]
    assert [event["operation_code"] for event in await country.events()] == ["11210200"]
    assert (await supply_with_key(pharmacy, "k2")).json()["operationCode"] == "11220200"


async def test_an_answer_that_was_no_success_is_repeated_too_and_raises_no_second_alert(country):
    pharmacy, other = await country.pharmacy("Apteekki A"), await country.pharmacy("Apteekki B")
    await country.batch("LOT1", "301231", ["SN1"])
    await supply_with_key(other, "k1")
    first, again = await supply_with_key(pharmacy, "k1"), await supply_with_key(pharmacy, "k1")
    assert first.status_code == again.status_code == 409
    assert first.json()["alertId"] == again.json()["alertId"]
    assert len(await country.alerts()) == 1


async def test_the_same_key_with_another_request_is_a_problem_and_changes_nothing(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1", "SN2"])
    await supply_with_key(pharmacy, "k1")
    for answer in (
        await supply_with_key(pharmacy, "k1", serial="SN2"),
        await supply_with_key(pharmacy, "k1", state="Active"),
    ):
        assert (answer.status_code, answer.json()["type"]) == (422, "/problems/idempotency-key-reused")
    assert len(await country.events()) == 1


async def test_a_stored_answer_outlives_the_process(country, database_url, database, clock):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    first = await supply_with_key(pharmacy, "k1")
    async with a_country(database_url, database, clock) as restarted:
        again = await supply_with_key(replace(pharmacy, client=restarted.client), "k1")
    assert (again.status_code, again.content) == (first.status_code, first.content)
    assert len(await country.events()) == 1


async def test_the_same_key_at_the_same_moment_in_two_processes_counts_once(
    country, database_url, database, clock
):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    async with a_country(database_url, database, clock) as other:
        clients = [pharmacy, replace(pharmacy, client=other.client)] * 10
        answers = await asyncio.gather(*[supply_with_key(client, "k1") for client in clients])
    assert {(answer.status_code, answer.content) for answer in answers} == {(200, answers[0].content)}
    assert len(await country.events()) == 1


async def test_the_record_has_what_was_sent_by_whom_and_how(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    answer = await pharmacy.patch(
        "SN1",
        "Supplied",
        batch="LOT9",
        expiry="301231",
        headers={"User-Agent": "Apteekkiohjelma/7", "emvs-api-version": "3.1"},
    )
    (event,) = await country.events()
    assert event["transaction_id"] == UUID(answer.headers["x-transaction-id"])
    assert event["alert_id"] == answer.json()["alertId"]
    assert answer.json()["amsLink"] == f"http://localhost:8081/alerts/{event['alert_id']}"
    expected = {
        "operation": "supply", "requested_state": "Supplied", "operation_code": "41020003", "hub_code": "A68",
        "scheme": "gs1", "product_code": GTIN, "serial_number": "SN1", "batch": "LOT9", "expiry": "301231",
        "entry_mode": "non-manual", "api_version": "3.1", "user_agent": "Apteekkiohjelma/7", "level": 5,
        "state_before": None, "state_after": None, "equipment_id": pharmacy.equipment_id,
        "location_id": pharmacy.location_id, "organisation_id": pharmacy.organisation_id, "source_address": "127.0.0.1",
    }  # fmt: skip
    assert {name: event[name] for name in expected} == expected
    ((alert_id, level),) = await country.outbox()
    assert (alert_id, level) == (event["alert_id"], 5)


async def test_the_record_cannot_be_changed(country, database):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("LOT1", "301231", ["SN1"])
    await pharmacy.get("SN1", batch="LOT1", expiry="301231")
    for statement in ("UPDATE pack_event SET batch = 'X'", "DELETE FROM pack_event", "TRUNCATE pack_event"):
        with pytest.raises(Exception, match="append-only"):
            async with database.transaction() as tx:
                await tx.execute(statement)


async def test_what_is_stored_is_never_shown_to_whoever_guessed(country):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.batch("SECRETLOT", "301231", ["REALSERIAL"])
    wrong_batch = await pharmacy.get("REALSERIAL", batch="GUESS", expiry="301231")
    wrong_expiry = await pharmacy.get("REALSERIAL", batch="SECRETLOT", expiry="311231")
    wrong_serial = await pharmacy.get("realserial", batch="SECRETLOT", expiry="301231")
    assert "SECRETLOT" not in wrong_batch.text
    assert "301231" not in wrong_expiry.text
    assert "REALSERIAL" not in wrong_serial.text
    for answer in (wrong_batch, wrong_expiry, wrong_serial):
        assert "state" not in json.loads(answer.content)


async def test_health_and_figures(country):
    pharmacy = await country.pharmacy("Apteekki A")
    for path in ("/health/live", "/health/ready"):
        answer = await pharmacy.raw("GET", path)
        assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    figures = await pharmacy.raw("GET", "/metrics")
    assert "sinetti_round_packs" in figures.text
