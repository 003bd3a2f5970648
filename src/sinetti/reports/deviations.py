"""Events that were not as they should be, with what the record and the stock of packs say of their packs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import LiteralString
from uuid import UUID

import msgspec
from psycopg.rows import class_row

from sinetti.kit.db import Transaction, load_queries, text_array
from sinetti.reports.model import Window
from sinetti.reports.reading import Pace, read_rows
from sinetti.rules.vocabulary import Operation, PackState

_SQL = load_queries("sinetti.reports.store", "record.sql")


class Event(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One such event as the record has it."""

    event_number: int
    recorded_at: datetime
    product_id: int
    serial_key: UUID | None
    transaction_id: UUID
    bulk_id: UUID | None
    equipment_id: int | None
    location_id: int | None
    organisation_id: int | None
    operation: str
    requested_state: str | None
    operation_code: str
    hub_code: str | None
    level: int
    state_before: str | None
    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    entry_mode: str | None
    api_version: str | None
    user_agent: str | None
    source_address: str | None
    alert_id: str | None


class Deviation(Event, frozen=True, kw_only=True, gc=False):
    """The same with what is known of its pack, as that was when the event was recorded."""

    client_id: str | None
    location_name: str | None
    product_name: str | None
    nhrn: str | None
    supplies: int
    """How often supply of the pack had been asked for, this time included."""
    decommissionings: int
    pack_state: str | None
    """`None` where there is no such pack."""
    changed_at: datetime | None
    """When the pack last got another state; `None` where it never did."""
    changed_location_id: int | None
    stored_batch: str | None
    stored_expiry: str | None


class _Known(msgspec.Struct, frozen=True, gc=False):
    """What is known of who asked, and of the pack."""

    client_id: str | None
    location_name: str | None
    product_name: str | None
    nhrn: str | None
    supplies: int | None
    decommissionings: int | None
    changed_at: datetime | None
    changed_location_id: int | None
    changed_to: str | None
    is_stored: bool
    stored_batch: str | None
    stored_expiry: str | None


_AS_EVENT = class_row(Event)


async def read_deviations(tx: Transaction, window: Window) -> AsyncIterator[list[Deviation]]:
    """All deviations of the span, some at a time, in the order of the record."""
    values = {"starts_at": window.starts_at, "ends_at": window.ends_at}
    async for some in _read(tx, _SQL["deviations"], values):
        yield some


async def read_alerts(tx: Transaction, window: Window, limit: int) -> AsyncIterator[list[Deviation]]:
    """The alerts of the span in order of time, some at a time, up to a number."""
    values = {"starts_at": window.starts_at, "ends_at": window.ends_at, "limit": limit}
    async for some in _read(tx, _SQL["alerts"], values):
        yield some


async def _read(
    tx: Transaction, query: LiteralString, values: Mapping[str, object]
) -> AsyncIterator[list[Deviation]]:
    pace = Pace()
    async for events in read_rows(tx, "deviations", query, values, _AS_EVENT):
        known = await _known(tx, events)
        yield [_deviation(event, known[event.event_number]) for event in events]
        await pace.rest()


async def _known(tx: Transaction, events: Sequence[Event]) -> dict[int, _Known]:
    cursor = await tx.execute(
        _SQL["known_of_events"],
        {
            "event_numbers": [event.event_number for event in events],
            "product_ids": [event.product_id for event in events],
            "serial_keys": [event.serial_key for event in events],
            "product_codes": text_array([event.product_code for event in events]),
            "equipment_ids": [event.equipment_id for event in events],
            "location_ids": [event.location_id for event in events],
        },
    )
    return {row[0]: _Known(*row[1:]) for row in await cursor.fetchall()}


def _deviation(event: Event, known: _Known) -> Deviation:
    # An event whose serial number is none of GS1's or IFA's belongs to no pack: it is the first of its own.
    supplies = int(event.operation == Operation.SUPPLY) if known.supplies is None else known.supplies
    decommissionings = known.decommissionings
    if decommissionings is None:
        decommissionings = int(event.operation == Operation.DECOMMISSION)
    return Deviation(
        **msgspec.structs.asdict(event),
        client_id=known.client_id,
        location_name=known.location_name,
        product_name=known.product_name,
        nhrn=known.nhrn,
        supplies=supplies,
        decommissionings=decommissionings,
        pack_state=(known.changed_to or PackState.ACTIVE.value) if known.is_stored else None,
        changed_at=known.changed_at,
        changed_location_id=known.changed_location_id,
        stored_batch=known.stored_batch,
        stored_expiry=known.stored_expiry,
    )
