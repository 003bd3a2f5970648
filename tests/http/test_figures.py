"""Figures for Prometheus: what was judged and how long answers took, after real requests."""

from __future__ import annotations

import re

import pytest
from tests.http.country import GTIN, Pharmacy, a_country
from tests.http.test_bulk import BULK, bulk, fetch, pack, post

LOT = {"batch": "LOT1", "expiry": "301231"}


@pytest.fixture
async def country(database_url, database, clock):
    async with a_country(database_url, database, clock) as made:
        await made.batch("LOT1", "301231", [f"SN{number}" for number in range(10)])
        yield made


@pytest.fixture
async def pharmacy(country):
    return await country.pharmacy("Apteekki A")


async def test_each_judged_operation_is_counted_by_code_once(pharmacy):
    before = await outcomes(pharmacy)
    await pharmacy.get("SN0", **LOT)
    keyed = {"Idempotency-Key": "once"}
    for _ in range(3):
        await pharmacy.patch("SN0", "Supplied", headers=keyed, **LOT)
    await pharmacy.get("UNKNOWN", **LOT)
    await pharmacy.patch("SN1", "Eaten", **LOT)
    assert await counted_since(pharmacy, before) == {
        ("verify", "11110100"): 1,
        ("supply", "11210200"): 1,
        ("verify", "41020010"): 1,
        ("unknown", "61020010"): 1,
    }


async def test_packs_of_a_bulk_request_are_counted_too(pharmacy):
    before = await outcomes(pharmacy)
    accepted = await post(pharmacy, BULK, bulk([pack("SN0"), pack("SN1"), pack("UNKNOWN")]))
    assert (await fetch(pharmacy, accepted.headers["location"])).status_code == 200
    assert await counted_since(pharmacy, before) == {("supply", "11210200"): 2, ("supply", "41020010"): 1}


async def test_times_to_answer_are_counted_for_each_kind_of_request(pharmacy):
    await pharmacy.get("SN0", **LOT)
    accepted = await post(pharmacy, BULK, bulk([pack("SN2")]))
    await fetch(pharmacy, accepted.headers["location"])
    await pharmacy.raw("POST", "/upload/products", content=b"{}")
    routes = set(
        re.findall(r'^sinetti_request_seconds_count\{route="([^"]+)"', await figures(pharmacy), re.MULTILINE)
    )
    assert {
        "/product/{scheme}/{code}/pack/{serial}",
        "/product/packs",
        "/product/packs/{bulk_id}",
        "/upload/products",
        "/identity/connect/token",
    } <= routes
    assert not any(GTIN in route for route in routes)


async def figures(pharmacy: Pharmacy) -> str:
    return (await pharmacy.raw("GET", "/metrics")).text


async def outcomes(pharmacy: Pharmacy) -> dict[tuple[str, str], float]:
    found = re.findall(
        r'^sinetti_outcomes_total\{code="(\w+)",operation="(\w+)"\} ([0-9.]+)$',
        await figures(pharmacy),
        re.MULTILINE,
    )
    return {(operation, code): float(count) for code, operation, count in found}


async def counted_since(
    pharmacy: Pharmacy, before: dict[tuple[str, str], float]
) -> dict[tuple[str, str], float]:
    now = await outcomes(pharmacy)
    return {key: count - before.get(key, 0) for key, count in now.items() if count != before.get(key, 0)}
