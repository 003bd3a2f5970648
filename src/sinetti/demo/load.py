"""Reads the tables of the demo country and joins them. Writes nothing, asks no clock."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from importlib import resources

from sinetti.demo.serials import made_serial
from sinetti.demo.tables import (
    Batch,
    DemoCountry,
    Equipment,
    Location,
    Organisation,
    Pack,
    PastChange,
    Product,
    Sample,
)
from sinetti.rules.vocabulary import Operation, OrganisationKind, PackState

Row = Mapping[str, str]

_OPERATIONS = {PackState.SUPPLIED: Operation.SUPPLY, PackState.ACTIVE: Operation.REACTIVATE}
_LEFT_OUT = "-"


def load_country(today: date) -> DemoCountry:
    """The demo country as it is on its first day, `today` in the country's own time zone."""
    products = {row["key"]: _product(row) for row in _rows("products")}
    batches = {batch.key: batch for batch in (_batch(row, today) for row in _rows("batches"))}
    packs = {row["key"]: _pack(row, products, batches) for row in _rows("packs")}
    return DemoCountry(
        organisations=tuple(
            Organisation(key=row["key"], kind=OrganisationKind(row["kind"]), name=row["name"])
            for row in _rows("organisations")
        ),
        locations=tuple(Location(**row) for row in _rows("locations")),
        equipment=tuple(
            Equipment(
                client_id=row["client_id"],
                location=row["location"],
                name=row["name"],
                client_role=row["client_role"] or None,
                locked_reason=row["locked_reason"] or None,
            )
            for row in _rows("equipment")
        ),
        products=tuple(products.values()),
        batches=tuple(batches.values()),
        packs=tuple(packs.values()),
        history=tuple(_change(row) for row in _rows("history")),
        samples=tuple(_sample(row, packs[row["pack"]]) for row in _rows("samples")),
    )


def _rows(table: str) -> Iterator[dict[str, str]]:
    text = resources.files("sinetti.demo").joinpath("country", f"{table}.csv").read_text("utf-8")
    return csv.DictReader(text.splitlines(), strict=True)


def _product(row: Row) -> Product:
    return Product(
        key=row["key"],
        organisation=row["organisation"],
        scheme=row["scheme"],
        product_code=row["product_code"],
        nhrn=row["nhrn"] or None,
        name=row["name"],
        common_name=row["common_name"],
        form=row["form"],
        strength=row["strength"],
        pack_type=row["pack_type"],
        pack_size=row["pack_size"],
        mah_name=row["mah_name"],
        uploaded=row["uploaded"] == "yes",
        withdrawn_days_ago=_number(row["withdrawn_days_ago"]),
        withdrawal_reason=row["withdrawal_reason"] or None,
    )


def _batch(row: Row, today: date) -> Batch:
    days = {"today": today, "yesterday": today - timedelta(days=1)}
    expiry = row["expiry"]
    return Batch(
        product=row["product"],
        batch=row["batch"],
        expiry=f"{days[expiry]:%y%m%d}" if expiry in days else expiry,
        packs=int(row["packs"]),
        serial_characters=frozenset(row["serial_characters"].split()),
        serial_length=int(row["serial_length"]),
        uploaded=row["uploaded"],
        uploaded_days_ago=_number(row["uploaded_days_ago"]),
        recalled_days_ago=_number(row["recalled_days_ago"]),
        recall_reason=row["recall_reason"] or None,
        non_fmd_note=row["non_fmd_note"] or None,
    )


def _pack(row: Row, products: Mapping[str, Product], batches: Mapping[tuple[str, str], Batch]) -> Pack:
    batch = batches[row["product"], row["batch"]]
    purpose = f"{row['product']} {row['batch']} {row['key']}"
    return Pack(
        key=row["key"],
        product=products[row["product"]],
        batch=batch,
        serial_number=row["serial_number"]
        or made_serial(purpose, batch.serial_characters, batch.serial_length),
        uploaded=row["uploaded"] == "yes",
    )


def _change(row: Row) -> PastChange:
    return PastChange(
        pack=row["pack"],
        days_ago=int(row["days_ago"]),
        client_id=row["client"],
        asked=PackState(row["asked"]),
    )


def _sample(row: Row, pack: Pack) -> Sample:
    verified = row["asked"] == Operation.VERIFY
    requested_state = None if verified else PackState(row["asked"])
    return Sample(
        key=row["key"],
        pack=pack,
        client_id=row["client"],
        operation=_OPERATIONS.get(requested_state, Operation.DECOMMISSION)
        if requested_state
        else Operation.VERIFY,
        requested_state=requested_state,
        entry_mode=row["entry_mode"],
        scheme=pack.product.scheme,
        product_code=row["sent_product_code"] or pack.product.product_code,
        serial_number=row["sent_serial_number"] or pack.serial_number,
        batch=_sent(row["sent_batch"], pack.batch.batch),
        expiry=_sent(row["sent_expiry"], pack.batch.expiry),
        operation_code=row["operation_code"],
        single_use=row["single_use"] == "yes",
        valid_days=_number(row["valid_days"]),
        sheet_group=row["sheet_group"] or None,
        source=row["source"],
    )


def _sent(changed: str, printed: str) -> str | None:
    return None if changed == _LEFT_OUT else changed or printed


def _number(text: str) -> int | None:
    return int(text) if text else None
