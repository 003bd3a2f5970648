"""A world that is the real store: every request goes through the use case, in a transaction of its own."""

from __future__ import annotations

from datetime import datetime

from psycopg.rows import dict_row
from tests.scenarios.world import CALLERS, Batch, Event, Pack, Setup

from sinetti.gs1.charset import character_classes
from sinetti.kit.db import Database, Transaction
from sinetti.nmvs.model import Outcome, PackRequest
from sinetti.nmvs.packs import Country, perform
from sinetti.nmvs.store.packs import state_letter
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import PackState

_LONG_AGO = datetime.fromisoformat("2020-01-01T00:00:00Z")


class StoredWorld:
    """Keeps packs in PostgreSQL. After each request, record and pack must say the same."""

    def __init__(self, database: Database, rules: Rules) -> None:
        self._database = database
        self._rules = rules
        self._setup: Setup

    async def prepare(self, setup: Setup) -> None:
        self._setup = setup
        self._country = Country(market="FI", rules=self._rules, zone=setup.zone)
        async with self._database.transaction() as tx:
            await tx.execute("INSERT INTO organisation (name, kind) VALUES ('OBP', 'mah_obp')")
            for product in setup.products.values():
                if product.uploaded:
                    await tx.execute(
                        "INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at, withdrawn_at,"
                        " withdrawal_reason) VALUES (%s, %s, 1, %s, %s, %s, %s)",
                        (
                            product.scheme,
                            product.code,
                            product.name,
                            _LONG_AGO,
                            _LONG_AGO if product.withdrawn else None,
                            "reason" if product.withdrawn else None,
                        ),
                    )
            for batch in setup.batches.values():
                await self._add_batch(tx, batch)
            for pack in setup.packs.values():
                if pack.uploaded:
                    await self._add_pack(tx, pack)

    async def change(self, event: Event, now: datetime) -> None:
        async with self._database.transaction() as tx:
            if event.kind == "recall":
                await tx.execute("UPDATE batch SET recalled_at = %s WHERE batch = %s", (now, event.name))
            elif event.kind == "withdraw":
                await tx.execute("UPDATE product SET withdrawn_at = %s WHERE name = %s", (now, event.name))
            else:
                await self._add_pack(tx, self._setup.packs[event.name])

    async def perform(self, request: PackRequest, now: datetime) -> Outcome:
        async with self._database.transaction() as tx:
            (outcome,) = await perform(tx, self._country, [request], now)
        await self._record_and_pack_agree(outcome)
        return outcome

    async def _record_and_pack_agree(self, outcome: Outcome) -> None:
        async with (
            self._database.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(
                "SELECT event.*, pack.state AS pack_state, pack.repeat_count, alert.alert_id AS kept_alert_id,"
                " pack.batch_id IS NOT NULL AS has_pack"
                " FROM pack_event AS event"
                " LEFT JOIN pack ON (pack.product_id, pack.serial_key) = (event.product_id, event.serial_key)"
                " LEFT JOIN alert USING (event_number)"
                " ORDER BY event_number DESC LIMIT 1"
            )
            event = await cursor.fetchone()
        assert event is not None
        decision = outcome.decision
        assert (event["operation_code"], event["state_before"], event["state_after"]) == (
            decision.code.code,
            decision.state_before,
            decision.state_after,
        )
        assert event["rules_version"] == self._rules.version
        assert event["alert_id"] == event["kept_alert_id"] == outcome.alert_id
        assert (outcome.alert_id is not None) is decision.code.alert
        if decision.state_after is not None:
            assert event["pack_state"] == state_letter(decision.state_after)
            if decision.state_after is not PackState.ACTIVE:
                assert event["repeat_count"] == decision.repeat_count

    async def _add_batch(self, tx: Transaction, batch: Batch) -> None:
        product = self._setup.products[batch.product]
        if batch.non_fmd:
            await tx.execute(
                "INSERT INTO non_fmd_batch (product_code, scheme, batch, risk_note, added_by, added_at)"
                " VALUES (%s, %s, %s, 'note', 'tester', %s)",
                (product.code, product.scheme, batch.name, _LONG_AGO),
            )
        if not batch.uploaded:
            return
        await tx.execute(
            "INSERT INTO batch (product_id, batch, expiry, uploaded_at, recalled_at, recall_reason, pack_count,"
            " serial_length_min, serial_length_max, serial_format)"
            " SELECT product_id, %s, %s, %s, %s, %s, 0, 0, 0, 0 FROM product WHERE (product_code, scheme) = (%s, %s)",
            (
                batch.name,
                batch.expiry,
                _LONG_AGO,
                _LONG_AGO if batch.recalled else None,
                "reason" if batch.recalled else None,
                product.code,
                product.scheme,
            ),
        )

    async def _add_pack(self, tx: Transaction, pack: Pack) -> None:
        key = serial_key(pack.serial)
        assert key is not None
        active = pack.state is PackState.ACTIVE
        product = self._setup.products[self._setup.batches[pack.batch].product]
        await tx.execute(
            "INSERT INTO pack (serial_key, product_id, batch_id, state, decommissioned_at, location_id, repeat_count)"
            " SELECT %s, product_id, batch_id, %s, %s, %s, %s FROM batch JOIN product USING (product_id)"
            " WHERE (batch, product_code, scheme) = (%s, %s, %s)",
            (
                key.hex(),
                state_letter(pack.state),
                None if active else pack.since or _LONG_AGO,
                None if pack.at is None else CALLERS[pack.at].location_id,
                None if active else 0,
                pack.batch,
                product.code,
                product.scheme,
            ),
        )
        await tx.execute(
            "UPDATE batch SET serial_length_min = least(nullif(serial_length_min, 0), %(length)s),"
            " serial_length_max = greatest(serial_length_max, %(length)s), serial_format = serial_format | %(classes)s"
            " FROM product WHERE product.product_id = batch.product_id"
            " AND (batch, product_code, scheme) = (%(batch)s, %(code)s, %(scheme)s)",
            {
                "length": len(pack.serial),
                "classes": character_classes(pack.serial),
                "batch": pack.batch,
                "code": product.code,
                "scheme": product.scheme,
            },
        )
