"""Which interfaces the systems of each kind of organisation may call: what is not theirs is refused in words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.http.country import a_country

PACK = "7K2/9aQ-0001"
QUERY = {"batch": "LOT-42/A", "expiry": "291200"}


@pytest.fixture
async def country(database_url, database):
    async with a_country(database_url, database, lambda: datetime(2026, 3, 2, 12, tzinfo=UTC)) as made:
        await made.batch("LOT-42/A", "291200", [PACK])
        yield made


@pytest.mark.parametrize("kind", ["operator", "authority"])
async def test_systems_of_operator_and_authority_have_nothing_to_do_with_packs(country, kind):
    tool = await country.pharmacy("tool", kind=kind)
    verified = await tool.get(PACK, **QUERY)
    supplied = await tool.patch(PACK, "Supplied", **QUERY)
    many = await tool.raw(
        "POST",
        "/verification/product/packs",
        json={
            "numberOfPacks": 1,
            "packs": [
                {
                    "productCodeScheme": "gs1",
                    "productCode": "06412345678907",
                    "serialNumber": PACK,
                    "batchId": "LOT-42/A",
                    "expiryDate": "291200",
                }
            ],
        },
    )
    for answer in (verified, supplied, many):
        assert answer.status_code == 403
        body = answer.json()
        assert body["operationCode"] == "30020000"
        assert body["warning"] == "Toiminto ei ole sallittu tälle asiakasjärjestelmälle."
        assert "state" not in body
    assert [event["operation_code"] for event in await country.events()] == ["30020000", "30020000"]
    assert await country.alerts() == []


@pytest.mark.parametrize("kind", ["operator", "authority", "pharmacy", "wholesaler"])
async def test_only_who_uploads_may_upload(country, kind):
    tool = await country.pharmacy("tool", kind=kind)
    answer = await tool.raw("POST", "/upload/products", json={})
    assert (answer.status_code, answer.json()["type"]) == (403, "/problems/forbidden-organisation")
