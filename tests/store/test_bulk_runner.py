"""The runner of bulk requests against a real database: killed at any moment, many at once, requests that overlap."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import psycopg
import pytest

from sinetti.contracts.bulk import BulkPack
from sinetti.contracts.uploads import BatchHead, ProductUpload
from sinetti.identity.model import Caller
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_id
from sinetti.nmvs.batches import upload_batch
from sinetti.nmvs.bulk import Kind, Parcel, Submission, accept
from sinetti.nmvs.bulk_results import remove_expired_results, result_pieces
from sinetti.nmvs.bulk_runner import BulkRunner
from sinetti.nmvs.changes import Change
from sinetti.nmvs.packs import Country
from sinetti.nmvs.products import upload_products
from sinetti.nmvs.store.serial_set import SerialSet
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import ClientRole, Language, OrganisationKind

RULES = load_rules("FI")
COUNTRY = Country(market="FI", rules=RULES, zone=ZoneInfo("Europe/Helsinki"))
GTIN = "06412345678907"
SUPPLIED_NOW, SUPPLIED_BEFORE = "11210200", "11220200"


class World:
    """One product, its packs, and a pharmacy that sends bulk requests."""

    def __init__(
        self, database: Database, looking: psycopg.AsyncConnection[Any], clock: Any, caller: Caller
    ) -> None:
        self.database = database
        self.looking = looking
        """A connection of the test's own: one of the pool may be among those that a test cuts off."""
        self.clock = clock
        self.caller = caller

    async def upload(self, serials: Sequence[str]) -> None:
        change = Change(organisation_id=1, transaction_id=new_transaction_id(), at=self.clock())
        product = ProductUpload(product_code_scheme="gs1", product_code=GTIN, name="Esimerkki")
        await upload_products(self.database, change, [product])
        head = BatchHead(product_code_scheme="gs1", product_code=GTIN, batch_id="LOT1", expiry_date="301231")
        packs = SerialSet("gs1")
        assert packs.add(serials) == []
        await packs.sort()
        await upload_batch(self.database, change, head, packs)

    async def send(self, *chunks: Sequence[str], kind: Kind = Kind.BULK) -> UUID:
        """Accept a request whose chunks hold these packs, to be supplied."""
        encoded = [msgspec.json.encode([_pack(serial) for serial in chunk]) for chunk in chunks]
        count = sum(map(len, chunks))
        parcel = Parcel(requested_state="Supplied", chunks=encoded, pack_count=count)
        submission = Submission(
            kind=kind,
            caller=self.caller,
            transaction_id=new_transaction_id(),
            received_at=self.clock(),
            entry_mode="non-manual",
            language=Language.FI,
            api_version=None,
            user_agent=None,
            source_address=None,
            idempotency_key=None,
        )
        reply = await accept(self.database, RULES, submission, parcel, b"")
        assert reply.bulk_id is not None
        return reply.bulk_id

    @asynccontextmanager
    async def reconnected(self, database_url: str) -> AsyncIterator[None]:
        """With a new pool: the old one may still hold connections that were cut off."""
        before = self.database
        async with await Database.open(database_url) as self.database:
            yield
        self.database = before

    def runner(self) -> BulkRunner:
        return BulkRunner(self.database, COUNTRY, self.clock, look_seconds=0.01)

    async def value(self, query: Any, *values: Any) -> Any:
        row = await (await self.looking.execute(query, values)).fetchone()
        assert row is not None
        return row[0]

    async def finished(self, seconds: float = 60) -> None:
        """Wait until there is nothing left to do."""
        async with asyncio.timeout(seconds):
            while await self.value("SELECT count(*) FROM bulk_request WHERE finished_at IS NULL"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def codes(self, bulk_id: UUID) -> list[tuple[str, str]]:
        """Serial number and code of each pack of a result."""
        body = b"".join(
            [piece async for piece in result_pieces(self.database, RULES, Kind.BULK, bulk_id, Language.FI)]
        )
        return [
            (one["pack"]["serialNumber"], one["result"]["operationCode"])
            for one in msgspec.json.decode(body)["packs"]
        ]

    async def events(self) -> Counter[str]:
        async with self.database.connection() as connection:
            rows = await (await connection.execute("SELECT serial_number FROM pack_event")).fetchall()
        return Counter(serial for (serial,) in rows)


def _pack(serial: str) -> BulkPack:
    return BulkPack(
        product_code_scheme="gs1",
        product_code=GTIN,
        serial_number=serial,
        batch_id="LOT1",
        expiry_date="301231",
    )


@pytest.fixture
async def world(database, database_url, clock):
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO organisation (name, kind) VALUES ('OBP', 'mah_obp'), ('A', 'pharmacy')")
        await tx.execute("INSERT INTO location (organisation_id, name) VALUES (2, 'A')")
        await tx.execute(
            "INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role)"
            " VALUES (1, 'A', 'A', sha256('A'), 'full_access')"
        )
    caller = Caller(
        equipment_id=1,
        location_id=1,
        organisation_id=2,
        organisation_kind=OrganisationKind.PHARMACY,
        client_role=ClientRole.FULL_ACCESS,
    )
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as looking:
        yield World(database, looking, clock, caller)


def chunked(serials: Sequence[str], size: int) -> list[Sequence[str]]:
    return [serials[start : start + size] for start in range(0, len(serials), size)]


async def test_results_come_in_the_order_sent(world):
    serials = [f"SN{number * 7 % 1000:03}" for number in range(1000)]
    await world.upload(serials)
    bulk_id = await world.send(*chunked(serials, 90))
    async with world.runner():
        await world.finished()
    assert await world.codes(bulk_id) == [(serial, SUPPLIED_NOW) for serial in serials]


@pytest.mark.parametrize("way", ["cancelled", "backend terminated"])
async def test_a_runner_that_dies_at_any_moment_loses_and_repeats_nothing(world, database_url, way):
    serials = [f"SN{number:04}" for number in range(1500)]
    await world.upload(serials)
    bulk_id = await world.send(*chunked(serials, 25))
    deaths = 0
    while await world.value("SELECT count(*) FROM bulk_request WHERE finished_at IS NULL"):
        async with world.runner():
            await asyncio.sleep((20 + deaths * 37 % 101) / 1000)
            if way == "backend terminated":
                # The runner lives, sees its connection go, and takes the request up again.
                await world.value(
                    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )
                await asyncio.sleep(deaths * 7 % 31 / 1000)
        deaths += 1
    assert deaths > 3, "the runner died in the middle of it"
    async with world.reconnected(database_url):
        assert await world.codes(bulk_id) == [(serial, SUPPLIED_NOW) for serial in serials]
        assert await world.events() == Counter(serials), "each pack exactly once"
    assert await world.value("SELECT count(*) FROM pack WHERE state = 's'") == len(serials)


async def test_requests_that_overlap_in_opposite_order_do_not_stop_each_other(world):
    serials = [f"SN{number:03}" for number in range(300)]
    await world.upload(serials)
    forth, back = serials, serials[::-1]
    bulk_ids = [await world.send(*chunked(order, 100)) for order in (forth, back, forth[50:], back[50:])]
    async with AsyncExitStack() as runners:
        for _ in range(4):
            await runners.enter_async_context(world.runner())
        await world.finished()
    per_request = [await world.codes(bulk_id) for bulk_id in bulk_ids]
    asked = Counter(serial for codes in per_request for serial, _ in codes)
    assert await world.events() == asked, "no event is lost, none is there twice"
    first = Counter(serial for codes in per_request for serial, code in codes if code == SUPPLIED_NOW)
    assert first == Counter(serials), "each pack is supplied once"
    again = Counter(code for codes in per_request for _, code in codes if code != SUPPLIED_NOW)
    assert set(again) <= {SUPPLIED_BEFORE, "11220201"}
    assert sum(again.values()) == sum(asked.values()) - len(serials)


async def test_two_runners_never_work_on_the_same_request(world):
    serials = [f"SN{number:03}" for number in range(400)]
    await world.upload(serials)
    bulk_id = await world.send(*chunked(serials, 10))
    async with world.runner(), world.runner(), world.runner():
        await world.finished()
    assert await world.events() == Counter(serials)
    assert await world.codes(bulk_id) == [(serial, SUPPLIED_NOW) for serial in serials]


async def test_a_request_that_fails_does_not_hold_up_those_behind_it(world):
    await world.upload(["SN1"])
    broken = await world.send(["SN1"])
    async with world.database.transaction() as tx:
        await tx.execute("UPDATE bulk_chunk SET packs = 'no json' WHERE bulk_id = %s", (broken,))
    good = await world.send(["SN1"])
    async with world.runner():
        async with asyncio.timeout(20):
            query = "SELECT finished_at IS NULL FROM bulk_request WHERE bulk_id = %s"
            while await world.value(query, good):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert await world.codes(good) == [("SN1", SUPPLIED_NOW)]
    assert await world.value("SELECT finished_at IS NULL FROM bulk_request WHERE bulk_id = %s", broken)


async def test_expired_results_are_forgotten_and_what_is_still_to_do_is_not(world, clock):
    await world.upload(["SN1", "SN2"])
    await world.send(["SN1"])
    async with world.runner():
        await world.finished()
    await world.send(["SN2"])
    assert await remove_expired_results(world.database, clock()) == 0
    assert await remove_expired_results(world.database, clock.move(hours=25)) == 1
    assert await world.value("SELECT count(*) FROM bulk_chunk") == 1
    async with world.runner():
        await world.finished()
    assert await world.events() == Counter(["SN1", "SN2"])


async def test_the_estimate_grows_with_what_waits(world):
    etas = []
    for _ in range(3):
        bulk_id = await world.send([f"SN{number}" for number in range(5000)])
        etas.append(await world.value("SELECT eta FROM bulk_request WHERE bulk_id = %s", bulk_id))
    assert world.clock() < etas[0] < etas[1] < etas[2]
