"""Uploads that meet: two at once, one and a recall, one and a pharmacy. And the key of a serial number in SQL."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sinetti.contracts.uploads import BatchHead, BatchRecall, ProductUpload, ProductWithdrawal
from sinetti.gs1.charset import SET_82
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_id
from sinetti.kit.problems import Problem
from sinetti.nmvs.batches import BatchReceipt, recall_batch, upload_batch
from sinetti.nmvs.changes import Change
from sinetti.nmvs.products import upload_products, withdraw_product
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.nmvs.store.serial_set import SerialSet

GTIN = "06412345678907"


class Owner:
    """An OBP with one product."""

    def __init__(self, database: Database, clock: Any) -> None:
        self.database = database
        self.clock = clock

    def change(self) -> Change:
        return Change(organisation_id=1, transaction_id=new_transaction_id(), at=self.clock())

    async def upload(self, batch: str, serials: Sequence[str]) -> BatchReceipt:
        head = BatchHead(product_code_scheme="gs1", product_code=GTIN, batch_id=batch, expiry_date="301231")
        packs = SerialSet("gs1")
        assert packs.add(serials) == []
        await packs.sort()
        return await upload_batch(self.database, self.change(), head, packs)

    async def value(self, query: Any, *values: Any) -> Any:
        async with self.database.connection() as connection:
            row = await (await connection.execute(query, values)).fetchone()
        assert row is not None
        return row[0]


@pytest.fixture
async def owner(database, clock):
    async with database.transaction() as tx:
        await tx.execute("INSERT INTO organisation (name, kind) VALUES ('OBP', 'mah_obp')")
    made = Owner(database, clock)
    product = ProductUpload(product_code_scheme="gs1", product_code=GTIN, name="Esimerkki")
    await upload_products(database, made.change(), [product])
    return made


def key_text(serial: str) -> str:
    key = serial_key(serial)
    assert key is not None
    return key.hex()


def refusals(results: Sequence[BatchReceipt | BaseException]) -> list[str]:
    for result in results:
        assert isinstance(result, BatchReceipt | Problem), result
    return [result.key for result in results if isinstance(result, Problem)]


async def test_the_same_batch_sent_by_several_at_once_is_stored_once(owner):
    serials = [f"SN{number:05}" for number in range(3000)]
    receipts = await asyncio.gather(*(owner.upload("LOT1", serials) for _ in range(6)))
    assert sorted(receipt.result for receipt in receipts) == ["created", *["unchanged"] * 5]
    assert await owner.value("SELECT count(*) FROM pack") == 3000
    assert await owner.value("SELECT pack_count FROM batch") == 3000
    assert await owner.value("SELECT count(*) FROM upload") == 1


async def test_batches_that_share_serial_numbers_do_not_deadlock_and_one_of_them_wins(owner):
    serials = [f"SN{number:05}" for number in range(4000)]
    results = await asyncio.gather(
        *(owner.upload(f"LOT{number}", serials[:: (-1) ** number]) for number in range(5)),
        return_exceptions=True,
    )
    assert refusals(results) == ["duplicate-serial-numbers"] * 4
    assert await owner.value("SELECT count(*) FROM pack") == 4000
    assert await owner.value("SELECT count(*) FROM batch") == 1, "a refused batch leaves nothing behind"


async def test_parts_of_one_batch_sent_at_once_are_put_together(owner):
    parts = [[f"SN{part}{number:04}" for number in range(1000)] for part in range(5)]
    await asyncio.gather(*(owner.upload("LOT1", part) for part in parts))
    assert await owner.value("SELECT pack_count FROM batch") == 5000
    assert await owner.value("SELECT count(*) FROM pack") == 5000


@pytest.mark.parametrize("what", ["recall", "withdrawal"])
async def test_no_pack_is_added_once_a_recall_or_withdrawal_is_answered(owner, what):
    await owner.upload("LOT1", ["FIRST"])

    async def close() -> None:
        if what == "recall":
            wanted = BatchRecall(product_code_scheme="gs1", product_code=GTIN, batch_id="LOT1", reason="Syy")
            await recall_batch(owner.database, owner.change(), wanted)
        else:
            withdrawal = ProductWithdrawal(product_code_scheme="gs1", product_code=GTIN, reason="Syy")
            await withdraw_product(owner.database, owner.change(), withdrawal)

    counts = []

    async def close_and_count() -> None:
        await close()
        counts.append(await owner.value("SELECT count(*) FROM pack"))

    uploads = (owner.upload("LOT1", [f"SN{part}{number:04}" for number in range(500)]) for part in range(4))
    results = await asyncio.gather(*uploads, close_and_count(), return_exceptions=True)
    key = "batch-recalled" if what == "recall" else "product-withdrawn"
    assert set(refusals(results[:-1])) <= {key}
    assert await owner.value("SELECT count(*) FROM pack") == counts[0]


@pytest.mark.parametrize("what", ["recall", "withdrawal"])
async def test_the_same_recall_or_withdrawal_sent_at_once_is_recorded_once(owner, what):
    await owner.upload("LOT1", ["FIRST"])

    async def close() -> str:
        if what == "recall":
            wanted = BatchRecall(product_code_scheme="gs1", product_code=GTIN, batch_id="LOT1", reason="Syy")
            return await recall_batch(owner.database, owner.change(), wanted)
        withdrawal = ProductWithdrawal(product_code_scheme="gs1", product_code=GTIN, reason="Syy")
        return await withdraw_product(owner.database, owner.change(), withdrawal)

    results = await asyncio.gather(*(close() for _ in range(6)))
    assert sorted(results) == [*["unchanged"] * 5, "updated"]
    assert await owner.value("SELECT count(*) FROM batch_event WHERE reason = 'Syy'") == 1


async def test_a_pharmacy_is_not_held_up_by_an_upload_into_the_same_product(owner):
    await owner.upload("LOT1", ["SN1"])
    serials = [f"X{number:07}" for number in range(60_000)]
    upload = asyncio.create_task(owner.upload("LOT1", serials))
    async with asyncio.timeout(20):
        while not upload.done():
            async with owner.database.transaction() as tx:
                await tx.execute("SET LOCAL lock_timeout = '100ms'")
                await tx.execute("UPDATE pack SET repeat_count = 1 WHERE serial_key = %s", (key_text("SN1"),))
                await tx.execute("SELECT FROM product, batch WHERE product.product_id = batch.product_id")
            await asyncio.sleep(0)
    assert (await upload).pack_count == 60_000


async def test_an_upload_that_is_cut_off_leaves_nothing_behind(owner):
    serials = [f"X{number:07}" for number in range(10_000)]
    async with owner.database.transaction() as tx:
        await tx.execute("LOCK TABLE pack IN EXCLUSIVE MODE")  # the upload comes so far and waits
        upload = asyncio.create_task(owner.upload("LOT1", serials))
        while not await owner.value("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        upload.cancel()
        with pytest.raises(asyncio.CancelledError):
            await upload
    assert (
        await owner.value("SELECT count(*) FROM pack") == await owner.value("SELECT count(*) FROM batch") == 0
    )
    assert (await owner.upload("LOT1", serials)).result == "created"


@given(st.lists(st.text(alphabet=SET_82, min_size=1, max_size=20), min_size=1, max_size=40))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_sql_reads_keys_as_python_writes_them(database, serials):
    keys = [key_text(serial) for serial in serials]
    async with database.connection() as connection:
        cursor = await connection.execute(
            "SELECT sinetti_serial(key) FROM unnest(%s::text[]::uuid[]) WITH ORDINALITY AS asked (key, position)"
            " ORDER BY position",
            (keys,),
        )
        assert [shown for (shown,) in await cursor.fetchall()] == serials
        cursor = await connection.execute(
            "SELECT key FROM unnest(%s::text[]::uuid[]) AS key ORDER BY key", (keys,)
        )
        assert [key.hex for (key,) in await cursor.fetchall()] == [key_text(one) for one in sorted(serials)]
