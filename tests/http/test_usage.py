"""When client equipment was last used, as the portal shows it: seen within seconds, and no matter for its token."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.http.country import GTIN, a_country

from sinetti.identity.usage import NOTED_AGAIN_AFTER, Usage

LOT = {"batch": "LOT1", "expiry": "301231"}


@pytest.fixture
async def country(database_url, database, clock):
    async with a_country(database_url, database, clock) as made:
        await made.batch("LOT1", "301231", ["SN0"])
        yield made


async def rows(database):
    async with database.transaction() as tx:
        cursor = await tx.execute(
            "SELECT equipment_id, last_used_at, user_agent, api_version FROM client_equipment_details ORDER BY 1"
        )
        return await cursor.fetchall()


async def epoch(database):
    async with database.transaction() as tx:
        return await (await tx.execute("SELECT * FROM identity_epoch")).fetchall()


async def test_a_request_is_seen_within_seconds_with_its_software(country, database, clock):
    pharmacy = await country.pharmacy("Apteekki A")
    await country.pharmacy("Apteekki B")
    before = await epoch(database)
    await pharmacy.get("SN0", headers={"user-agent": "Maxx/7.1", "emvs-api-version": "1.3"}, **LOT)
    async with asyncio.timeout(10):
        while not (found := await rows(database)):  # noqa: ASYNC110 - another task writes it
            await asyncio.sleep(0.05)
    assert found == [(pharmacy.equipment_id, clock(), "Maxx/7.1", "1.3")]
    assert await epoch(database) == before, "no process needs to ask again who its callers are"


async def facts(database):
    async with database.transaction() as tx:
        return await (
            await tx.execute("SELECT first_worked_at, refused_at FROM client_equipment_details")
        ).fetchone()


async def until(database, at: int):
    async with asyncio.timeout(10):
        while (found := await facts(database)) is None or found[at] is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    return found


async def test_the_first_operation_that_succeeded_is_kept_and_no_failure_counts_as_one(
    country, database, clock
):
    pharmacy = await country.pharmacy("Apteekki A")
    assert (await pharmacy.get("UNKNOWN", **LOT)).status_code != 200
    async with asyncio.timeout(10):
        while (found := await facts(database)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert found == (None, None), "it called, and has not worked"
    first = clock()
    assert (await pharmacy.patch("SN0", "Supplied", **LOT)).status_code == 200
    assert (await until(database, 0))[0] == first
    clock.now += timedelta(minutes=5)
    await pharmacy.get("SN0", **LOT)
    async with asyncio.timeout(10):
        while (await rows(database))[0][1] != clock():  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    assert (await facts(database))[0] == first


async def test_a_bulk_request_works_when_a_pack_of_it_did(country, database, clock):
    pharmacy = await country.pharmacy("Apteekki A")
    pack = {"productCodeScheme": "gs1", "productCode": GTIN, "serialNumber": "SN0"}
    body = {
        "state": "Supplied",
        "numberOfPacks": 1,
        "packs": [{**pack, "batchId": LOT["batch"], "expiryDate": LOT["expiry"]}],
    }
    answer = await pharmacy.raw("POST", "/verification/product/packs", json=body)
    assert answer.status_code == 202, answer.text
    assert (await until(database, 0))[0] == clock()


@pytest.mark.parametrize("way", ["running token", "new token"])
async def test_a_refusal_because_of_a_lock_is_noted_at_the_equipment(country, database, clock, way):
    pharmacy = await country.pharmacy("Apteekki A")
    async with database.transaction() as tx:
        await tx.execute("UPDATE client_equipment SET locked_at = now(), lock_reason = 'Replaced'")
    async with asyncio.timeout(5):
        while True:
            if way == "running token":
                answer = await pharmacy.get("SN0", **LOT)
            else:
                form = {
                    "grant_type": "client_credentials",
                    "client_id": "Apteekki A",
                    "client_secret": "secret-of-a-test",
                }
                answer = await country.client.post("/identity/connect/token", data=form)
            if answer.status_code == 401:
                break
            await asyncio.sleep(0.05)
    assert (await until(database, 1))[1] == clock()


class TestUsage:
    async def test_what_was_noted_is_written_once_a_minute_or_when_the_software_changes(
        self, country, database, clock
    ):
        number = (await country.pharmacy("Apteekki A")).equipment_id
        usage, now = Usage(), clock()
        steps = [
            (timedelta(), "A/1", now),
            (timedelta(seconds=30), "A/1", now),
            (timedelta(seconds=31), "A/2", now + timedelta(seconds=31)),
            (
                timedelta(seconds=31) + NOTED_AGAIN_AFTER,
                "A/2",
                now + timedelta(seconds=31) + NOTED_AGAIN_AFTER,
            ),
        ]
        for after, agent, written_at in steps:
            usage.note(number, now + after, agent, None)
            await usage.write(database)
            assert (await rows(database))[0][1:3] == (written_at, agent)

    async def test_an_older_use_seen_by_another_process_changes_nothing(self, country, database, clock):
        number = (await country.pharmacy("Apteekki A")).equipment_id
        one, other, now = Usage(), Usage(), clock()
        one.note(number, now, "new", None)
        other.note(number, now - timedelta(hours=1), "old", None)
        await one.write(database)
        await other.write(database)
        assert (await rows(database))[0][2] == "new"

    async def test_a_success_is_written_at_once_and_stays(self, country, database, clock):
        number = (await country.pharmacy("Apteekki A")).equipment_id
        usage, now = Usage(), clock()
        for seconds, worked in ((0, False), (1, True), (2, False), (90, True)):
            usage.note(number, now + timedelta(seconds=seconds), "A/1", None, worked=worked)
            await usage.write(database)
        assert await facts(database) == (now + timedelta(seconds=1), None)
        late, earlier = Usage(), now - timedelta(minutes=1)
        late.note(number, earlier, "old", None, worked=True)
        await late.write(database)
        assert (await facts(database))[0] == earlier, "of two processes the earlier success is the first"
        assert (await rows(database))[0][2] == "A/1", "and the later one tells the software"

    async def test_a_refusal_is_written_once_a_minute_also_before_any_use(self, country, database, clock):
        number = (await country.pharmacy("Apteekki A")).equipment_id
        usage, now = Usage(), clock()
        for seconds, written in ((0, 0), (59, 0), (60, 60)):
            usage.note_refusal(number, now + timedelta(seconds=seconds))
            await usage.write(database)
            assert await facts(database) == (None, now + timedelta(seconds=written))

    async def test_odd_texts_and_unknown_numbers_do_no_harm(self, country, database, clock):
        number = (await country.pharmacy("Apteekki A")).equipment_id
        usage = Usage()
        usage.note(number, clock(), "a\x00b" * 500, "1")
        usage.note(987654, clock(), "nobody", None)
        await usage.write(database)
        ((found, _, agent, version),) = await rows(database)
        assert (found, len(agent), version) == (number, 300, "1")
