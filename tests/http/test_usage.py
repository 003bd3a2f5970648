"""When client equipment was last used, as the portal shows it: seen within seconds, and no matter for its token."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from tests.http.country import a_country

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

    async def test_odd_texts_and_unknown_numbers_do_no_harm(self, country, database, clock):
        number = (await country.pharmacy("Apteekki A")).equipment_id
        usage = Usage()
        usage.note(number, clock(), "a\x00b" * 500, "1")
        usage.note(987654, clock(), "nobody", None)
        await usage.write(database)
        ((found, _, agent, version),) = await rows(database)
        assert (found, len(agent), version) == (number, 300, "1")
