"""The daily snapshot: products, batches, organisations, locations and client software, a table each."""

from __future__ import annotations

from typing import Final

from sinetti.gs1.charset import character_classes
from sinetti.gs1.identifiers import expires_at
from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.packs import Country
from sinetti.reports.content import Cell, CsvReport
from sinetti.reports.model import FoundRequest, Made
from sinetti.reports.reading import Pace, read_tuples
from sinetti.reports.types import DAILY_SNAPSHOT

_SQL = load_queries("sinetti.reports.store", "snapshot.sql")
_PRODUCTS, _BATCHES, _ORGANISATIONS, _LOCATIONS, _SOFTWARE = DAILY_SNAPSHOT.tables

_ActivePacks = dict[tuple[int, int], int]


async def make(tx: Transaction, country: Country, asked: FoundRequest, report: CsvReport) -> Made:
    """Count the packs that are still active, product by product, then write the tables."""
    active, packs = await _count_active(tx)
    await _write_products(tx, report, active)
    await _write_batches(tx, country, asked, report, active)
    await _write_organisations(tx, report)
    await _write_locations(tx, report)
    await _write_software(tx, report)
    return Made(row_count=report.row_count, events_read=packs)


async def _count_active(tx: Transaction) -> tuple[_ActivePacks, int]:
    pace = Pace()
    active: _ActivePacks = {}
    products = await (await tx.execute(_SQL["product_ids"])).fetchall()
    for (product_id,) in products:
        cursor = await tx.execute(_SQL["active_packs"], {"product_id": product_id})
        for batch_id, number in await cursor.fetchall():
            active[product_id, batch_id] = number
        await pace.rest()
    return active, sum(active.values())


async def _write_products(tx: Transaction, report: CsvReport, active: _ActivePacks) -> None:
    of_product: dict[int, int] = {}
    for (product_id, _), number in active.items():
        of_product[product_id] = of_product.get(product_id, 0) + number
    await report.begin_table(_PRODUCTS, named=True)
    async for some in read_tuples(tx, "products", _SQL["products"]):
        rows: list[list[Cell]] = []
        for row in some:
            (
                product_id, scheme, product_code, withdrawn_at, name, common_name, pack_type, pack_size, form, strength,
                nhrn, uploaded_at, mah_name, organisation_id, organisation, withdrawal_reason, batches, packs,
            ) = row  # fmt: skip
            rows.append(
                [
                    scheme, product_code, "Withdrawn" if withdrawn_at else "Active", name, common_name, None, pack_type,
                    pack_size, form, strength, nhrn, None, uploaded_at, mah_name, None, organisation_id, organisation,
                    withdrawn_at, withdrawal_reason, batches, int(packs), of_product.get(product_id, 0),
                ]
            )  # fmt: skip
        await report.add(rows)


async def _write_batches(
    tx: Transaction, country: Country, asked: FoundRequest, report: CsvReport, active: _ActivePacks
) -> None:
    await report.begin_table(_BATCHES, named=True)
    async for some in read_tuples(tx, "batches", _SQL["batches"]):
        rows: list[list[Cell]] = []
        for row in some:
            (
                product_id, batch_id, scheme, product_code, batch, expiry, is_withdrawn, uploaded_at, recalled_at,
                recall_reason, length_min, length_max, serial_format, packs,
            ) = row  # fmt: skip
            if recalled_at:
                state = "Recalled"
            elif is_withdrawn:
                state = "Withdrawn"
            else:
                expired = expires_at(expiry, country.zone) <= asked.requested_at
                state = "Expired" if expired else "Active"
            rows.append(
                [
                    scheme, product_code, batch, expiry, state, None, None, uploaded_at, None, recalled_at,
                    recall_reason, None, length_min, length_max, shown_format(serial_format), packs, len(batch),
                    shown_format(character_classes(batch)), active.get((product_id, batch_id), 0),
                ]
            )  # fmt: skip
        await report.add(rows)


async def _write_organisations(tx: Transaction, report: CsvReport) -> None:
    await report.begin_table(_ORGANISATIONS, named=True)
    async for some in read_tuples(tx, "organisations", _SQL["organisations"]):
        await report.add(
            [
                [number, kind, None, name, "Locked" if locked else "Active", created_at, None, None, None]
                for number, kind, name, locked, created_at, *_ in some
            ]
        )


async def _write_locations(tx: Transaction, report: CsvReport) -> None:
    await report.begin_table(_LOCATIONS, named=True)
    async for some in read_tuples(tx, "locations", _SQL["locations"]):
        await report.add(
            [
                [
                    organisation_id, kind, None, organisation, location_id, name, checked_on, street, city, postal_code,
                    equipment, state.capitalize(), created_at,
                ]
                for organisation_id, kind, organisation, location_id, name, checked_on, street, city, postal_code,
                equipment, state, created_at in some
            ]
        )  # fmt: skip


async def _write_software(tx: Transaction, report: CsvReport) -> None:
    await report.begin_table(_SOFTWARE, named=True)
    async for some in read_tuples(tx, "software", _SQL["software"]):
        await report.add(
            [
                [
                    organisation_id, kind, name, contact, email, location_id, client_id, None, requested_version,
                    user_agent, None, last_used_at,
                ]
                for organisation_id, kind, name, contact, email, location_id, client_id, requested_version, user_agent,
                last_used_at in some
            ]
        )  # fmt: skip


_FORMATS: Final = ((1, "9"), (2, "A"), (4, "a"), (8, "#"))


def shown_format(classes: int) -> str:
    """Classes of characters as signs: `9` digits, `A` capitals, `a` small letters, `#` others; such as `9A`."""
    return "".join(sign for bit, sign in _FORMATS if classes & bit)
