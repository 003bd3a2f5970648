"""The largest request that a client may send, from the first byte to the last result, beside a pharmacy at work."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator

import httpx
import msgspec
import pytest
from tests.http.country import GTIN
from tests.http.running import Running, a_running_system

from sinetti.contracts.bulk import PACKS_MAX

HEAD = {"productCodeScheme": "gs1", "productCode": GTIN, "batchId": "LARGE", "expiryDate": "301231"}
LOT = {"batch": "LARGE", "expiry": "301231"}
SERIALS = [f"SN{number:06}" for number in range(PACKS_MAX)]


@pytest.fixture
def system(server):
    with a_running_system(server, ["SN1"]) as running:
        yield running


@pytest.mark.slow
async def test_half_a_million_packs_in_one_request(system: Running, record_property):
    async with httpx.AsyncClient(base_url=system.address, timeout=300) as client:
        started = time.monotonic()
        uploaded = await client.post(
            "/upload/batches",
            headers={"Authorization": system.uploader_token, "Content-Type": "application/x-ndjson"},
            content=_lines(),
        )
        assert (uploaded.status_code, uploaded.json()["numberOfPacks"]) == (201, PACKS_MAX), uploaded.text
        upload_seconds = time.monotonic() - started

        headers = {"Authorization": system.pharmacy_token, "emvs-data-entry-mode": "non-manual"}
        counter = asyncio.create_task(_verify_all_the_time(client, headers))
        started = time.monotonic()
        accepted = await client.post("/product/packs", headers=headers, content=_body())
        assert accepted.status_code == 202, accepted.text
        accepted_seconds = time.monotonic() - started
        location = accepted.headers["location"]
        while (result := await client.get(location, headers=headers)).status_code == 409:  # noqa: ASYNC110
            await asyncio.sleep(0.5)
        finished_seconds = time.monotonic() - started
        times = await _end(counter)

    packs = msgspec.json.decode(result.content)["packs"]
    assert [one["pack"]["serialNumber"] for one in packs] == SERIALS, "one page, in the order sent"
    codes = Counter(one["result"]["operationCode"] for one in packs)
    assert codes == {"11210200": PACKS_MAX}, "each supplied once"
    record_property("upload_seconds", upload_seconds)
    record_property("accepted_seconds", accepted_seconds)
    record_property("finished_seconds", finished_seconds)
    assert times, "the pharmacy works on meanwhile"
    record_property("verification_seconds", times[len(times) // 2])


async def _verify_all_the_time(client: httpx.AsyncClient, headers: dict[str, str]) -> list[float]:
    """A pharmacy that scans packs one after the other; how long each took, in seconds."""
    times: list[float] = []
    try:
        while True:
            started = time.monotonic()
            answer = await client.get(f"/product/gs1/{GTIN}/pack/SN000001", params=LOT, headers=headers)
            assert answer.status_code == 200
            times.append(time.monotonic() - started)
            await asyncio.sleep(0.01)
    except asyncio.CancelledError:
        return times


async def _end(counter: asyncio.Task[list[float]]) -> list[float]:
    counter.cancel()
    return sorted(await counter)


async def _lines() -> AsyncIterator[bytes]:
    yield json.dumps(HEAD).encode() + b"\n"
    for start in range(0, PACKS_MAX, 2000):
        yield "".join(f'"{serial}"\n' for serial in SERIALS[start : start + 2000]).encode()


async def _body() -> AsyncIterator[bytes]:
    yield b'{"state":"Supplied","numberOfPacks":%d,"packs":[' % PACKS_MAX
    head = f'{{"productCodeScheme":"gs1","productCode":"{GTIN}","batchId":"LARGE","expiryDate":"301231"'
    for start in range(0, PACKS_MAX, 500):
        packs = (f'{head},"serialNumber":"{serial}"}}' for serial in SERIALS[start : start + 500])
        yield (("," if start else "") + ",".join(packs)).encode()
    yield b"]}"
