"""Reads what the analysis of alerts needs. Judges nothing, and reads for many alerts as for one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString

import msgspec

from sinetti.alerts.root_cause.model import Happened, Place, StoredBatch, StoredPack
from sinetti.kit.db import Transaction, load_queries, text_array
from sinetti.nmvs.store.packs import state_of_letter
from sinetti.nmvs.store.serial_key import serial_key, serial_number, serial_numbers
from sinetti.rules.vocabulary import Cause, OrganisationKind, PackState

_SQL = load_queries(__package__, "facts.sql")

ALERTS_MAX = 5000
"""Alerts that are analysed together at most, and that are counted as kin of one."""
BATCHES_MAX = 2000
EVENTS_MAX = 20_000
SUPPLIED_MAX = 200
"""Supplied packs that are looked at to see where a batch's print was right."""


class AlertRow(msgspec.Struct, frozen=True, gc=False):
    """An alert as it was recorded."""

    alert_id: str
    product_id: int
    event_number: int
    recorded_at: datetime
    operation: str
    operation_code: str
    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    entry_mode: str | None
    user_agent: str | None
    equipment_id: int | None
    location_id: int | None
    organisation_id: int | None
    organisation_kind: str | None
    state_before: str | None

    @property
    def place(self) -> Place:
        """Who sent it."""
        return _place(self.location_id, self.organisation_id, self.organisation_kind, self.equipment_id)


class EventRow(msgspec.Struct, frozen=True, gc=False):
    """An event of a pack."""

    event_number: int
    happened: Happened
    is_bulk: bool
    bulk_kind: str | None


class CodesRow(msgspec.Struct, frozen=True, gc=False):
    """The codes in the photographs of an alert."""

    product_id: int
    event_number: int
    codes: list[str]


class KinRow(msgspec.Struct, frozen=True, gc=False):
    """An alert that names the same batch."""

    product_id: int
    batch: str
    event_number: int
    operation_code: str
    serial_number: str
    expiry: str | None
    location_id: int | None
    organisation_id: int | None
    cause: str | None
    earlier_organisation_id: int | None


class NeighbourRow(msgspec.Struct, frozen=True, gc=False):
    """An alert of the same location."""

    location_id: int
    equipment_id: int | None
    event_number: int
    recorded_at: datetime
    operation_code: str
    serial_number: str
    cause: str | None


def _place(
    location_id: int | None, organisation_id: int | None, kind: str | None, equipment_id: int | None = None
) -> Place:
    return Place(
        location_id=location_id,
        organisation_id=organisation_id,
        organisation_kind=None if kind is None else OrganisationKind(kind),
        equipment_id=equipment_id,
    )


_CAUSES = {cause.value: cause for cause in Cause}


def cause_of(word: str | None) -> Cause | None:
    """The cause that was found before; `None` where there was none."""
    return _CAUSES.get(word or "")


async def read_alerts(tx: Transaction, alert_ids: Collection[str]) -> list[AlertRow]:
    """The alerts by their ids, oldest first; unknown ids are left out."""
    rows = await _rows(tx, _SQL["alerts"], alert_ids=text_array(list(alert_ids)))
    return [AlertRow(*row) for row in rows]


async def read_open_batch_names(tx: Transaction, product_id: int) -> dict[str, str]:
    """Batches that open alerts of the product name, each with the id of such an alert."""
    return dict(await _rows(tx, _SQL["open_batch_names"], product_id=product_id))


async def read_open_alert_ids(tx: Transaction, product_id: int, batches: Collection[str]) -> list[str]:
    """The open alerts that name one of the batches."""
    names = text_array(list(batches))
    rows = await _rows(
        tx, _SQL["open_alerts_of_batch"], product_id=product_id, batches=names, alerts_max=ALERTS_MAX
    )
    return [row[0] for row in rows]


async def read_pack_counts(tx: Transaction, product_ids: Collection[int]) -> dict[int, int]:
    """How many packs each known product has."""
    rows = await _rows(tx, _SQL["pack_counts"], product_ids=list(product_ids))
    return {row[0]: int(row[1]) for row in rows}


async def read_batches(
    tx: Transaction, product_ids: Collection[int], now: datetime
) -> dict[tuple[int, int], StoredBatch]:
    """Batches of the products, by product and batch; without what has to be counted."""
    rows = await _rows(tx, _SQL["batches"], product_ids=list(product_ids), batches_max=BATCHES_MAX)
    uploads: dict[tuple[int, int], list[datetime]] = {}
    for product_id, batch_id, at in await _rows(
        tx, _SQL["uploads"], product_ids=list(product_ids), batch_ids=[row[1] for row in rows], now=now
    ):
        uploads.setdefault((product_id, batch_id), []).append(at)
    return {
        (row[0], row[1]): StoredBatch(
            batch_id=row[1],
            batch=row[2],
            expiry=row[3],
            pack_count=row[4],
            serial_length_min=row[5],
            serial_length_max=row[6],
            serial_format=row[7],
            corrected_at=row[8],
            uploads=tuple(uploads.get((row[0], row[1]), ())),
        )
        for row in rows
    }


async def count_supplied_locations(tx: Transaction, product_id: int, batch_id: int) -> int:
    """At how many locations packs of the batch were supplied."""
    ((count,),) = await _rows(
        tx, _SQL["supplied_locations"], product_id=product_id, batch_id=batch_id, packs_max=SUPPLIED_MAX
    )
    return int(count)


async def read_serial_numbers(tx: Transaction, product_id: int, batch_id: int) -> list[str]:
    """The serial numbers of a batch."""
    ((keys,),) = await _rows(tx, _SQL["serial_numbers_of_batch"], product_id=product_id, batch_id=batch_id)
    return [] if keys is None else serial_numbers(keys)


async def read_packs(
    tx: Transaction,
    product_id: int,
    wanted: Collection[str],
    batches: Mapping[tuple[int, int], StoredBatch],
) -> dict[str, StoredPack]:
    """Those of the serial numbers that are stored."""
    packs = {}
    for key, batch_id, letter, location_id, organisation_id, kind, at in await _rows(
        tx, _SQL["packs"], product_id=product_id, serial_keys=_keys(wanted)
    ):
        batch = batches.get((product_id, batch_id))
        if batch is not None:
            serial = serial_number(key)
            packs[serial] = StoredPack(
                serial_number=serial,
                batch=batch,
                state=state_of_letter(letter),
                location_id=location_id,
                organisation_id=organisation_id,
                organisation_kind=None if kind is None else OrganisationKind(kind),
                decommissioned_at=at,
            )
    return packs


async def read_photographed(tx: Transaction, alerts: Sequence[AlertRow], now: datetime) -> list[CodesRow]:
    """The codes in the photographs of these alerts that were taken by those who have the pack in hand."""
    rows = await _rows(
        tx,
        _SQL["photographed"],
        product_ids=[row.product_id for row in alerts],
        event_numbers=[row.event_number for row in alerts],
        now=now,
    )
    return [CodesRow(*row) for row in rows]


async def read_exempted(
    tx: Transaction, product_codes: Collection[str], batches: Collection[str]
) -> set[tuple[str, str]]:
    """Which products' batches are exempted."""
    rows = await _rows(
        tx,
        _SQL["exempted"],
        product_codes=text_array(list(product_codes)),
        batches=text_array(list(batches)),
    )
    return {(row[0], row[1]) for row in rows}


async def read_events(
    tx: Transaction, product_id: int, wanted: Collection[str], since: datetime, now: datetime
) -> list[EventRow]:
    """What happened to these serial numbers of the product, oldest first."""
    rows = await _rows(
        tx,
        _SQL["happened"],
        product_id=product_id,
        serial_keys=_keys(wanted),
        since=since,
        now=now,
        events_max=EVENTS_MAX,
    )
    return [_event(row) for row in rows]


def _event(row: Sequence[Any]) -> EventRow:
    number, at, serial, operation, answered, is_alert, before, after, *where, is_bulk, bulk_kind = row
    location_id, organisation_id, kind, equipment_id = where
    found = None if before is None else PackState(before)
    left = None if after is None else PackState(after)
    happened = Happened(
        at=at,
        serial_number=serial,
        operation=operation,
        place=_place(location_id, organisation_id, kind, equipment_id),
        is_alert=is_alert,
        confirmed=found is not None and (found is not left or left is PackState.ACTIVE),
        state_before=found,
        state_after=left,
        answered=answered,
    )
    return EventRow(number, happened, is_bulk, bulk_kind)


async def read_kin(
    tx: Transaction, product_ids: Collection[int], batches: Collection[str], now: datetime
) -> list[KinRow]:
    """The alerts of these products that name these batches."""
    rows = await _rows(
        tx,
        _SQL["alerts_of_batches"],
        product_ids=list(product_ids),
        batches=text_array(list(batches)),
        now=now,
        alerts_max=ALERTS_MAX,
    )
    return [KinRow(*row) for row in rows]


async def read_neighbours(
    tx: Transaction, location_ids: Collection[int], since: datetime, until: datetime
) -> list[NeighbourRow]:
    """The alerts of the locations in that time."""
    rows = await _rows(
        tx,
        _SQL["alerts_of_locations"],
        location_ids=list(location_ids),
        since=since,
        until=until,
        alerts_max=4 * ALERTS_MAX,
    )
    return [NeighbourRow(*row) for row in rows]


def _keys(wanted: Iterable[str]) -> str:
    """Array literal of the keys; what can be no serial number has none."""
    keys = (serial_key(one) for one in wanted)
    return "{" + ",".join([key.hex() for key in keys if key is not None]) + "}"


async def _rows(tx: Transaction, query: LiteralString, **values: object) -> list[tuple[Any, ...]]:
    return await (await tx.execute(query, values, prepare=True)).fetchall()
