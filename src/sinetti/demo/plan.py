"""What happened in the demo country before its first day, as a list in order of time. Judges and writes nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import cycle, islice
from typing import Final
from zoneinfo import ZoneInfo

from sinetti.demo.serials import made_serial
from sinetti.demo.tables import Batch, DemoCountry, Pack, Product
from sinetti.gs1.identifiers import expires_at
from sinetti.rules.vocabulary import OrganisationKind, PackState

EVERYDAY_DAYS: Final = 60
"""Days before the first one on which pharmacies supplied what they always supply."""
OPENING_TIMES: Final = (time(9, 12), time(12, 40), time(16, 5))
"""When that is done, by the clock of the country."""

_SUPPLYING_KINDS: Final = {
    OrganisationKind.PHARMACY,
    OrganisationKind.HOSPITAL_PHARMACY,
    OrganisationKind.MEDICAL_DEPOT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One pack operation of the past: who asked for which state of which pack."""

    product: Product
    batch: Batch
    serial_number: str
    client_id: str
    requested_state: PackState


@dataclass(frozen=True, slots=True, kw_only=True)
class Recall:
    """A batch was recalled."""

    batch: Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """A product was withdrawn."""

    product: Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What happened at one moment; no pack occurs twice in it."""

    at: datetime
    events: tuple[Operation | Recall | Withdrawal, ...]


def uploaded_serials(country: DemoCountry, batch: Batch) -> tuple[str, ...]:
    """Serial numbers of a batch that its company uploaded: those of named packs, and others to make the number."""
    if batch.uploaded == "none":
        return ()
    named = [pack for pack in country.packs if pack.batch.key == batch.key]
    filling = _filling(batch)[: batch.packs - len(named)]
    if batch.uploaded == "half":
        filling = filling[: batch.packs // 2]
    return (*(pack.serial_number for pack in named if pack.uploaded), *filling)


def planned_steps(country: DemoCountry, first_day: datetime, zone: ZoneInfo) -> list[Step]:
    """The past of a demo that begins at `first_day`, oldest first."""
    moments: dict[datetime, list[Operation | Recall | Withdrawal]] = {}
    for at, event in (*_named(country, first_day), *_everyday(country, first_day, zone)):
        moments.setdefault(at, []).append(event)
    return [Step(at=at, events=tuple(moments[at])) for at in sorted(moments)]


def _named(
    country: DemoCountry, first_day: datetime
) -> Iterator[tuple[datetime, Operation | Recall | Withdrawal]]:
    packs: Mapping[str, Pack] = {pack.key: pack for pack in country.packs}
    for change in country.history:
        pack = packs[change.pack]
        yield (
            first_day - timedelta(days=change.days_ago),
            Operation(
                product=pack.product,
                batch=pack.batch,
                serial_number=pack.serial_number,
                client_id=change.client_id,
                requested_state=change.asked,
            ),
        )
    for batch in country.batches:
        if batch.recalled_days_ago is not None:
            yield first_day - timedelta(days=batch.recalled_days_ago), Recall(batch=batch)
    for product in country.products:
        if product.withdrawn_days_ago is not None:
            yield first_day - timedelta(days=product.withdrawn_days_ago), Withdrawal(product=product)


def _everyday(
    country: DemoCountry, first_day: datetime, zone: ZoneInfo
) -> Iterator[tuple[datetime, Operation]]:
    """Packs without a name, supplied where they are wanted: one in each place at each opening time."""
    clients = _supplying_clients(country)
    products = {product.key: product for product in country.products}
    batches = [
        batch for batch in country.batches if _sells_well(batch, products[batch.product], first_day, zone)
    ]
    shelves = {batch.key: iter(_filling(batch)[: batch.packs // 2]) for batch in batches}
    turns = cycle(batches)
    for days_ago in range(EVERYDAY_DAYS, 0, -1):
        for opened in OPENING_TIMES:
            day = (first_day - timedelta(days=days_ago)).astimezone(zone).date()
            at = datetime.combine(day, opened, zone)
            for client_id in clients:
                taken = _take(turns, shelves, len(batches), at, first_day)
                if taken is None:
                    continue
                batch, serial_number = taken
                yield (
                    at,
                    Operation(
                        product=products[batch.product],
                        batch=batch,
                        serial_number=serial_number,
                        client_id=client_id,
                        requested_state=PackState.SUPPLIED,
                    ),
                )


def _take(
    turns: Iterator[Batch],
    shelves: Mapping[tuple[str, str], Iterator[str]],
    batches: int,
    at: datetime,
    first_day: datetime,
) -> tuple[Batch, str] | None:
    """A pack of the next batch that has been uploaded by then and is not sold out."""
    for batch in islice(turns, batches):
        uploaded = first_day - timedelta(days=batch.uploaded_days_ago or 0)
        serial_number = next(shelves[batch.key], None) if uploaded < at else None
        if serial_number is not None:
            return batch, serial_number
    return None


def _supplying_clients(country: DemoCountry) -> list[str]:
    kinds = {organisation.key: organisation.kind for organisation in country.organisations}
    places = {
        location.key for location in country.locations if kinds[location.organisation] in _SUPPLYING_KINDS
    }
    return [
        equipment.client_id
        for equipment in country.equipment
        if equipment.location in places
        and equipment.client_role == "full_access"
        and equipment.locked_reason is None
    ]


def _sells_well(batch: Batch, product: Product, first_day: datetime, zone: ZoneInfo) -> bool:
    ended = batch.recalled_days_ago is not None or product.withdrawn_days_ago is not None
    return (
        batch.uploaded != "none"
        and not ended
        and expires_at(batch.expiry, zone) > first_day + timedelta(days=2)
    )


def _filling(batch: Batch) -> list[str]:
    """Serial numbers of the packs of a batch that have no name, in an order of their own."""
    serials = [
        made_serial(f"{batch.product} {batch.batch} {number}", batch.serial_characters, batch.serial_length)
        for number in range(batch.packs)
    ]
    return sorted(serials, key=lambda serial: hashlib.sha256(serial.encode()).digest())
