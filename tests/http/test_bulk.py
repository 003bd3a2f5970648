"""Bulk and recovery requests over HTTP and a real database, with the runner that works them off."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from tests.http.country import GTIN, Pharmacy, a_country

BULK = "/verification/product/packs"
RECOVERY = "/verification/recovery/packs"


@pytest.fixture
async def country(database_url, database, clock):
    async with a_country(database_url, database, clock) as made:
        await made.batch("LOT1", "301231", [f"SN{number}" for number in range(10)])
        yield made


@pytest.fixture
async def pharmacy(country):
    return await country.pharmacy("Apteekki A")


def pack(serial: str, **changes: Any) -> dict[str, Any]:
    named = {"productCodeScheme": "gs1", "productCode": GTIN, "serialNumber": serial}
    return {**named, "batchId": "LOT1", "expiryDate": "301231", **changes}


def bulk(packs: Sequence[dict[str, Any]], state: str | None = "Supplied", **changes: Any) -> dict[str, Any]:
    wanted = {} if state is None else {"state": state}
    return {**wanted, "numberOfPacks": len(packs), "packs": list(packs), **changes}


async def post(client: Pharmacy, path: str, body: Any, **headers: str | None) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.raw(
        "POST", path, headers={"Content-Type": "application/json", **named}, content=content
    )


async def fetch(client: Pharmacy, location: str, **headers: str | None) -> httpx.Response:
    """The result, once it is ready."""
    target = location.removeprefix("http://test")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with asyncio.timeout(20):
        while True:
            answer = await client.raw("GET", target, headers=named)
            if answer.status_code != 409:
                return answer
            await asyncio.sleep(0.02)


async def outcome(
    client: Pharmacy, path: str, body: Any, **headers: str | None
) -> list[tuple[str, str, str | None]]:
    """Serial number, operation code and state of each pack of the result."""
    accepted = await post(client, path, body, **headers)
    assert accepted.status_code == 202, accepted.text
    result = await fetch(client, accepted.headers["location"])
    assert result.status_code == 200, result.text
    return [
        (one["pack"]["serialNumber"], one["result"]["operationCode"], one["result"].get("state"))
        for one in result.json()["packs"]
    ]


# ---------------------------------------------------------------- bulk


async def test_a_bulk_request_is_accepted_and_answered_later(country, pharmacy):
    sent = [pack("SN3"), pack("SN1", batchId="LOT2"), pack("SN2")]
    accepted = await post(pharmacy, BULK, bulk(sent))
    assert accepted.status_code == 202
    body = accepted.json()
    assert body["operationCode"] == "22100000"
    assert "2026-03-02T12:00:00Z" < body["eta"] < body["expires"]
    assert body["expires"].startswith("2026-03-03T12:00")
    location = accepted.headers["location"]
    assert location == f"http://test{BULK}/{accepted.headers['x-transaction-id']}"

    result = await fetch(pharmacy, location)
    assert (result.status_code, result.json()["operationCode"]) == (200, "12200000")
    packs = result.json()["packs"]
    assert [one["pack"] for one in packs] == sent
    assert [(one["result"]["operationCode"], one["result"].get("state")) for one in packs] == [
        ("11210200", "Supplied"),
        ("41020003", None),
        ("11210200", "Supplied"),
    ]
    assert packs[1]["result"]["alertId"] == (await country.alerts())[0]["alert_id"]
    assert packs[1]["result"]["amsLink"].endswith(f"/alerts/{packs[1]['result']['alertId']}")
    assert "amsLink" not in packs[0]["result"], "what raised no alert has no page"
    assert (
        packs[0]["result"]["information"]
        == (await fetch(pharmacy, location)).json()["packs"][0]["result"]["information"]
    )


async def test_every_pack_is_on_record_with_the_request_it_came_in(country, pharmacy):
    accepted = await post(pharmacy, BULK, bulk([pack("SN1"), pack("SN2")]), emvs_api_version="3.1")
    await fetch(pharmacy, accepted.headers["location"])
    events = await country.events()
    assert {str(event["bulk_id"]) for event in events} == {accepted.headers["x-transaction-id"]}
    assert {str(event["transaction_id"]) for event in events} == {accepted.headers["x-transaction-id"]}
    assert [(event["serial_number"], event["operation"], event["api_version"]) for event in events] == [
        ("SN1", "supply", "3.1"),
        ("SN2", "supply", "3.1"),
    ]
    assert {event["location_id"] for event in events} == {pharmacy.location_id}


async def test_without_a_state_packs_are_verified(country, pharmacy):
    packs = [pack("SN1"), pack("SNX")]
    assert await outcome(pharmacy, BULK, bulk(packs, state=None)) == [
        ("SN1", "11110100", "Active"),
        ("SNX", "41020001", None),
    ]


@pytest.mark.parametrize(
    ("state", "kind", "code"),
    [
        ("Destroyed", "pharmacy", "11310400"),
        ("Sample", "pharmacy", "11310500"),
        ("Exported", "wholesaler", "11310800"),
        ("Active", "pharmacy", "11420100"),
    ],
)
async def test_each_state_can_be_asked_for(country, state, kind, code):
    client = await country.pharmacy("Joku", kind=kind)
    assert await outcome(client, BULK, bulk([pack("SN1")], state)) == [("SN1", code, state)]


async def test_packs_with_mistakes_get_their_own_codes_in_their_place(country, pharmacy):
    packs = [
        pack("SN1"),
        pack("SN2", expiryDate="301301"),
        {},
        pack("SN3", batchId=None),
        pack("SN4", productCode=GTIN[:-1] + "0"),
        pack("bad serial"),
        pack("SN5", productCode=GTIN[1:]),
    ]
    accepted = await post(pharmacy, BULK, bulk(packs))
    result = (await fetch(pharmacy, accepted.headers["location"])).json()["packs"]
    assert [one["result"]["operationCode"] for one in result] == [
        "11210200", "61020007", "61020002", "61020000", "61020008", "61020011", "11210200",
    ]  # fmt: skip
    assert result[2]["pack"] == {}
    assert result[6]["pack"]["productCode"] == GTIN[1:], "as sent"


async def test_with_manual_entry_batch_and_expiry_may_be_missing(country, pharmacy):
    packs = [{"productCodeScheme": "gs1", "productCode": GTIN, "serialNumber": "SN1"}]
    body = bulk(packs)
    assert await outcome(pharmacy, BULK, body, emvs_data_entry_mode="manual") == [
        ("SN1", "11210200", "Supplied")
    ]


async def test_paths_work_without_the_prefix_too(country, pharmacy):
    accepted = await post(pharmacy, "/product/packs", bulk([pack("SN1")]))
    assert accepted.headers["location"].startswith("http://test/product/packs/")
    assert (await fetch(pharmacy, accepted.headers["location"])).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (bulk([pack("A"), pack("B"), pack("A")]), "62120000"),
        (bulk([pack("A"), pack("A", productCode=GTIN[1:])]), "62120000"),
        (bulk([pack("A")], numberOfPacks=2), "62120001"),
        (bulk([pack("A"), pack("B")], numberOfPacks=1), "62120001"),
        (bulk([], numberOfPacks=0), "62120002"),
        ({"state": "Supplied", "packs": [pack("A")]}, "62120002"),
        ({"state": "Supplied", "numberOfPacks": 1}, "62120002"),
        (bulk([pack("A")], numberOfPacks="1"), "62120002"),
        (bulk([pack("A", serialNumber=5)]), "62120002"),
        (bulk([pack("A")], state=None) | {"state": 5}, "62120002"),
        ([pack("A")], "62120002"),
        (b"{", "62120002"),
        (b"", "62120002"),
        (b"\xff\xfe", "62120002"),
        (bulk([pack("A")], numberOfPacks=500_001), "62120003"),
        (bulk([pack("A")], state="Lost"), "61020010"),
        (bulk([pack("A")], state="CheckedOut"), "61020010"),
    ],
)  # fmt: skip
async def test_a_wrong_bulk_request_is_refused_as_a_whole(country, pharmacy, body, code):
    answer = await post(pharmacy, BULK, body)
    assert (answer.status_code, answer.json()["operationCode"]) == (422, code)
    assert answer.json()["warning"]
    assert await country._rows("SELECT FROM bulk_request") == []


async def test_too_many_packs_are_refused(country, pharmacy):
    limit = await country._rows("SELECT FROM bulk_request")
    assert limit == []
    packs = b",".join(b'{"serialNumber":"%d"}' % number for number in range(500_001))
    answer = await post(pharmacy, BULK, b'{"numberOfPacks":500001,"packs":[%b]}' % packs)
    assert (answer.status_code, answer.json()["operationCode"]) == (422, "62120003")


@pytest.mark.parametrize(("mode", "code"), [(None, "61020012"), ("scanner", "61020013")])
@pytest.mark.parametrize("path", [BULK, RECOVERY])
async def test_the_entry_mode_is_checked_as_for_single_packs(country, pharmacy, path, mode, code):
    answer = await post(pharmacy, path, bulk([pack("SN1")]), emvs_data_entry_mode=mode)
    assert (answer.status_code, answer.json()["operationCode"]) == (422, code)


@pytest.mark.parametrize(
    ("role", "kind", "state", "allowed"),
    [
        ("full_access", "pharmacy", "Supplied", True),
        ("full_access", "pharmacy", "Stolen", False),
        ("verify_only", "pharmacy", "Supplied", False),
        ("verify_only", "pharmacy", None, True),
        (None, "pharmacy", None, False),
        ("full_access", "mah_obp", "Supplied", False),
    ],
)
async def test_who_may_not_do_it_to_one_pack_may_not_do_it_to_many(country, role, kind, state, allowed):
    client = await country.pharmacy("Joku", role=role, kind=kind)
    answer = await post(client, BULK, bulk([pack("SN1")], state))
    if allowed:
        assert answer.status_code == 202
    else:
        assert (answer.status_code, answer.json()["operationCode"]) == (403, "30020000")


async def test_a_bulk_request_needs_a_token(country):
    answer = await country.client.post(BULK, json=bulk([pack("SN1")]))
    assert answer.status_code == 401


# ---------------------------------------------------------------- results


async def test_a_result_that_is_not_ready_says_when_to_ask_again(country, pharmacy):
    async with country.database.transaction() as tx:
        await tx.execute("LOCK TABLE pack IN ACCESS EXCLUSIVE MODE")
        accepted = await post(pharmacy, BULK, bulk([pack("SN1")]))
        answer = await pharmacy.raw("GET", accepted.headers["location"].removeprefix("http://test"))
        assert (answer.status_code, answer.json()["operationCode"]) == (409, "52210000")
        assert 1 <= int(answer.headers["retry-after"]) <= 30
    assert (await fetch(pharmacy, accepted.headers["location"])).status_code == 200


async def test_only_the_location_that_asked_sees_the_result(country, pharmacy):
    accepted = await post(pharmacy, BULK, bulk([pack("SN1")]))
    other = await country.pharmacy("Apteekki B")
    for client, target in (
        (other, accepted.headers["location"].removeprefix("http://test")),
        (pharmacy, f"{BULK}/00000000-0000-7000-8000-000000000000"),
        (pharmacy, f"{BULK}/nonsense"),
        (
            pharmacy,
            accepted.headers["location"].removeprefix("http://test").replace("/product/", "/recovery/"),
        ),
    ):
        answer = await client.raw("GET", target)
        assert (answer.status_code, answer.json()["operationCode"]) == (404, "42220000")


async def test_a_result_expires(country, pharmacy, clock):
    accepted = await post(pharmacy, BULK, bulk([pack("SN1")]))
    await fetch(pharmacy, accepted.headers["location"])
    clock.set(accepted.json()["expires"])
    again = await country.pharmacy("Apteekki A2")
    async with country.database.transaction() as tx:
        await tx.execute(
            "UPDATE client_equipment SET location_id = %s WHERE equipment_id = %s",
            (pharmacy.location_id, again.equipment_id),
        )
    answer = await again.raw("GET", accepted.headers["location"].removeprefix("http://test"))
    assert (answer.status_code, answer.json()["operationCode"]) == (404, "42220000")


async def test_packs_are_answered_in_the_language_of_the_request_and_the_rest_in_that_of_the_reader(
    country, pharmacy
):
    accepted = await post(pharmacy, BULK, bulk([pack("NONE")]), Accept_Language="sv")
    in_english = await fetch(pharmacy, accepted.headers["location"], Accept_Language="en")
    in_finnish = await fetch(pharmacy, accepted.headers["location"], Accept_Language="fi")
    assert in_english.json()["packs"] == in_finnish.json()["packs"]
    assert in_english.json()["information"] != in_finnish.json()["information"]


async def test_a_public_address_is_used_in_the_location(country, pharmacy):
    accepted = await post(pharmacy, BULK, bulk([pack("SN1")]), Host="nmvs.example")
    assert accepted.headers["location"].startswith("http://nmvs.example/verification/product/packs/")


# ---------------------------------------------------------------- the same request again


async def test_the_same_idempotency_key_gives_the_same_request(country, pharmacy):
    body = bulk([pack("SN1")])
    first = await post(pharmacy, BULK, body, Idempotency_Key="K1")
    again = await post(pharmacy, BULK, body, Idempotency_Key="K1")
    assert (again.status_code, again.content) == (202, first.content)
    assert again.headers["location"] == first.headers["location"]
    other = await post(pharmacy, BULK, bulk([pack("SN2")]), Idempotency_Key="K1")
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency-key-reused")
    await fetch(pharmacy, first.headers["location"])
    assert len(await country.events()) == 1


# ---------------------------------------------------------------- recovery


def recovery(*steps: tuple[str | None, str]) -> dict[str, Any]:
    packs = [{"transitionType": step, **pack(serial)} for step, serial in steps]
    return {"numberOfPacks": len(packs), "packs": packs}


async def test_transitions_of_one_pack_are_done_in_the_order_given(country, pharmacy):
    body = recovery(
        ("SUPPLIED", "SN1"),
        ("VERIFY", "SN1"),
        ("SUPPLIED", "SN2"),
        ("ACTIVE", "SN1"),
        ("DESTROYED", "SN1"),
        ("SUPPLIED", "SN1"),
    )
    assert await outcome(pharmacy, RECOVERY, body) == [
        ("SN1", "11210200", "Supplied"),
        ("SN1", "11110201", "Supplied"),
        ("SN2", "11210200", "Supplied"),
        ("SN1", "11410100", "Active"),
        ("SN1", "11310400", "Destroyed"),
        ("SN1", "51220401", "Destroyed"),
    ]


@pytest.mark.parametrize("word", ["FREE_SAMPLE", "FreeSample", "free_sample", "FREESAMPLE"])
async def test_transitions_are_understood_in_both_ways_of_writing(country, word):
    wholesaler = await country.pharmacy("Tukku", kind="wholesaler")
    assert await outcome(wholesaler, RECOVERY, recovery((word, "SN1"))) == [("SN1", "11310600", "FreeSample")]


async def test_a_transition_that_is_none_is_answered_in_its_place(country, pharmacy):
    body = recovery(
        ("SUPPLIED", "SN1"), ("LOST", "SN2"), (None, "SN3"), ("CHECKED_OUT", "SN4"), ("STOLEN", "SN5")
    )
    assert [code for _, code, _ in await outcome(pharmacy, RECOVERY, body)] == [
        "11210200", "61020010", "61020009", "61020010", "30020000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({**recovery(("SUPPLIED", "A")), "numberOfPacks": 2}, "63120001"),
        ({"packs": []}, "63120002"),
        (b"[]", "63120002"),
        ({**recovery(("SUPPLIED", "A")), "numberOfPacks": 500_001}, "63120003"),
    ],
)
async def test_a_wrong_recovery_request_is_refused_as_a_whole(country, pharmacy, body, code):
    answer = await post(pharmacy, RECOVERY, body)
    assert (answer.status_code, answer.json()["operationCode"]) == (422, code)
