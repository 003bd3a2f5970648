"""Packs and the record of operations in PostgreSQL: reads facts, writes outcomes. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, dict_row

from sinetti.kit.db import load_queries, text_array
from sinetti.nmvs.model import BatchRecord, Outcome, PackFacts, PackRecord, PackRequest, ProductRecord
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.vocabulary import PackState

_SQL = load_queries(__package__, "packs.sql")

_EVENT_MONTHS_LOCK = 0x53494E45_4D4F4E54
"""Advisory lock of whoever makes partitions ("SINE", "MONT")."""

UNKNOWN_PRODUCT_ID = 0
"""Stands in the record where the product is not known: the column that packs are distributed by is never NULL."""

_STATE_LETTERS = {
    PackState.ACTIVE: None,
    PackState.SUPPLIED: "s",
    PackState.STOLEN: "t",
    PackState.DESTROYED: "d",
    PackState.SAMPLE: "a",
    PackState.FREE_SAMPLE: "f",
    PackState.LOCKED: "l",
    PackState.EXPORTED: "e",
    PackState.CHECKED_OUT: "c",
    PackState.INACTIVE: "i",
}
_STATES = {letter: state for state, letter in _STATE_LETTERS.items()}


def state_letter(state: PackState) -> str | None:
    """How a state is stored in `pack.state`; `None` (NULL) is Active."""
    return _STATE_LETTERS[state]


def state_of_letter(letter: str | None) -> PackState:
    """The state that `pack.state` means."""
    return _STATES[letter]


def key_text(request: PackRequest) -> str | None:
    """The asked serial number as PostgreSQL reads a uuid; `None` where it is no serial number at all."""
    key = serial_key(request.serial_number)
    return None if key is None else key.hex()


async def read_facts(
    tx: AsyncConnection[TupleRow],
    requests: Sequence[PackRequest],
    keys: Sequence[str | None],
    *,
    lock: bool,
) -> list[PackFacts]:
    """Facts of the asked packs, in the order asked; with `lock` the packs stay locked until the transaction ends."""
    cursor = await tx.execute(
        _SQL["lock_packs" if lock else "read_packs"],
        {
            "schemes": text_array([_storable(request.scheme) for request in requests]),
            "product_codes": text_array([_storable(request.product_code) for request in requests]),
            "serial_keys": _plain_array(keys),
            "batches": text_array([_storable(request.batch) for request in requests]),
        },
        prepare=True,
    )
    return [_facts(row) for row in await cursor.fetchall()]


def _facts(row: TupleRow) -> PackFacts:
    product = asked_batch = pack = None
    if row[0] is not None:
        product = ProductRecord(
            product_id=row[0], name=row[1], nhrn=row[2], withdrawn=row[3], withdrawal_reason=row[4]
        )
    if row[5] is not None:
        asked_batch = _batch(row[5], row[6:13])
    if row[13] is not None:
        pack = PackRecord(
            state=_STATES[row[14]],
            location_id=row[15],
            decommissioned_at=row[16],
            repeat_count=row[17] or 0,
            batch=asked_batch if asked_batch and row[13] == row[5] else _batch(row[13], row[18:25]),
        )
    return PackFacts(product=product, asked_batch=asked_batch, pack=pack, non_fmd=row[25])


def _batch(batch_id: int, row: TupleRow) -> BatchRecord:
    batch, expiry, recalled, recall_reason, length_min, length_max, serial_format = row
    return BatchRecord(
        batch_id=batch_id,
        batch=batch,
        expiry=expiry,
        recalled=recalled,
        recall_reason=recall_reason,
        serial_length_min=length_min,
        serial_length_max=length_max,
        serial_format=serial_format,
    )


async def record(
    tx: AsyncConnection[TupleRow],
    outcomes: Sequence[Outcome],
    keys: Sequence[str | None],
    now: datetime,
    rules_version: str,
) -> None:
    """Write new states, events and what others must hear, in the caller's transaction."""
    changes = _changes(outcomes, keys, now)
    quiet: list[tuple[Outcome, str | None]] = []
    told: list[tuple[Outcome, str | None]] = []
    for outcome, key in zip(outcomes, keys, strict=True):
        level = outcome.decision.code.level
        (told if level is not None and level >= "L3" else quiet).append((outcome, key))
    for query, rows in (("record_events", quiet), ("record_deviations", told)):
        if rows:
            await tx.execute(
                _SQL[query],
                {
                    "recorded_at": now,
                    "rules_version": rules_version,
                    **changes,
                    **_event_columns([outcome for outcome, _ in rows], [key for _, key in rows]),
                },
                prepare=True,
            )
            changes = _NO_CHANGES


_CHANGE_COLUMNS = (
    "changed_product_ids",
    "changed_serial_keys",
    "new_states",
    "decommissioned_at",
    "new_location_ids",
    "repeat_counts",
)
_NO_CHANGES = dict.fromkeys(_CHANGE_COLUMNS, "{}")


def _changes(outcomes: Sequence[Outcome], keys: Sequence[str | None], now: datetime) -> dict[str, str]:
    """Columns of the packs that get a new state or counter."""
    changes: list[tuple[int, str, str | None, str | None, int | None, int | None]] = []
    for outcome, key in zip(outcomes, keys, strict=True):
        decision, pack = outcome.decision, outcome.facts.pack
        if pack is None or decision.state_after is None or outcome.facts.product is None or key is None:
            continue
        product_id = outcome.facts.product.product_id
        if decision.state_after is not pack.state:
            if decision.state_after is PackState.ACTIVE:
                changes.append((product_id, key, None, None, None, None))
            else:
                letter = _STATE_LETTERS[decision.state_after]
                location_id = outcome.request.caller.location_id
                changes.append((product_id, key, letter, _moment(now), location_id, decision.repeat_count))
        elif decision.repeat_count != pack.repeat_count:
            letter = _STATE_LETTERS[pack.state]
            since = None if pack.decommissioned_at is None else _moment(pack.decommissioned_at)
            changes.append((product_id, key, letter, since, pack.location_id, decision.repeat_count))
    if not changes:
        return _NO_CHANGES
    columns = zip(*changes, strict=True)
    return {name: _plain_array(column) for name, column in zip(_CHANGE_COLUMNS, columns, strict=True)}


def _moment(time: datetime) -> str:
    return f'"{time.isoformat()}"'


def _event_columns(outcomes: Sequence[Outcome], keys: Sequence[str | None]) -> dict[str, str]:
    requests = [outcome.request for outcome in outcomes]
    decisions = [outcome.decision for outcome in outcomes]
    callers = [request.caller for request in requests]
    return {
        "product_ids": _plain_array(
            [
                UNKNOWN_PRODUCT_ID if (product := outcome.facts.product) is None else product.product_id
                for outcome in outcomes
            ]
        ),
        "serial_keys": _plain_array(keys),
        "transaction_ids": _plain_array([request.transaction_id for request in requests]),
        "bulk_ids": _plain_array([request.bulk_id for request in requests]),
        "equipment_ids": _plain_array([caller.equipment_id for caller in callers]),
        "location_ids": _plain_array([caller.location_id for caller in callers]),
        "organisation_ids": _plain_array([caller.organisation_id for caller in callers]),
        "operations": _plain_array([request.operation or "unknown" for request in requests]),
        "requested_states": text_array([_storable(request.requested_state) for request in requests]),
        "operation_codes": _plain_array([decision.code.code for decision in decisions]),
        "hub_codes": _plain_array([decision.hub_code for decision in decisions]),
        "levels": _plain_array([(level := decision.code.level) and level[1] for decision in decisions]),
        "states_before": _plain_array([decision.state_before for decision in decisions]),
        "states_after": _plain_array([decision.state_after for decision in decisions]),
        "schemes": text_array([_storable(request.scheme) for request in requests]),
        "product_codes": text_array([_storable(request.product_code) for request in requests]),
        "serial_numbers": text_array([_storable(request.serial_number) for request in requests]),
        "batches": text_array([_storable(request.batch) for request in requests]),
        "expiries": text_array([_storable(request.expiry) for request in requests]),
        "entry_modes": text_array([_storable(request.entry_mode) for request in requests]),
        "api_versions": text_array([_storable(request.api_version) for request in requests]),
        "user_agents": text_array([_storable(request.user_agent) for request in requests]),
        "source_addresses": text_array([request.source_address for request in requests]),
        "alert_ids": _plain_array([outcome.alert_id for outcome in outcomes]),
    }


_STORED_CHARACTERS_MAX = 200


def _storable(text: str | None) -> str | None:
    """What was sent, in the form the record can keep: PostgreSQL has no NUL, and nobody sends 200 characters."""
    if text is None or (len(text) <= _STORED_CHARACTERS_MAX and "\0" not in text):
        return text
    return text[:_STORED_CHARACTERS_MAX].replace("\0", "\N{SYMBOL FOR NULL}")


def _plain_array(values: Iterable[Any]) -> str:
    """An array literal of values that need no quoting: numbers, codes, ids and words of our own."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


async def ensure_event_months(tx: AsyncConnection[TupleRow], now: datetime) -> None:
    """See to it that the record has its partitions for this month and the next two.

    Processes that start together all come here, so one does it after the other: of two that look and find nothing,
    the second could not make what the first has made.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(%s)", (_EVENT_MONTHS_LOCK,))
    await tx.execute(_SQL["ensure_event_months"], {"now": now})


async def history(
    tx: AsyncConnection[TupleRow], product_code: str, serial_number: str
) -> list[dict[str, Any]]:
    """All recorded events of one pack, oldest first, as dictionaries with the column names of the query."""
    key = serial_key(serial_number)
    if key is None:
        return []
    async with tx.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(_SQL["history"], {"serial_key": key.hex(), "product_code": product_code})
        return await cursor.fetchall()
