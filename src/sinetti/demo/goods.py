"""Uploads the products and batches of the demo country, as their companies' systems do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sinetti.contracts.uploads import BatchHead, ProductUpload
from sinetti.demo.participants import Participants
from sinetti.demo.plan import uploaded_serials
from sinetti.demo.tables import Batch, DemoCountry, Product
from sinetti.kit.db import Database
from sinetti.kit.ids import new_transaction_id
from sinetti.nmvs.batches import upload_batch
from sinetti.nmvs.changes import Change
from sinetti.nmvs.non_fmd import add_non_fmd
from sinetti.nmvs.products import upload_products
from sinetti.nmvs.store.serial_set import SerialSet

USER_AGENT = "sinetti-demo"
OPERATOR = "Esittelymaan ylläpitäjä"
"""Who keeps the list of exempted batches, as the record names them."""


async def upload_goods(
    database: Database, country: DemoCountry, participants: Participants, first_day: datetime
) -> None:
    """Upload all master data, then all batches that were not forgotten, and list the exempted ones."""
    products: Mapping[str, Product] = {product.key: product for product in country.products}
    oldest = max(batch.uploaded_days_ago or 0 for batch in country.batches) + 1
    for organisation in country.organisations:
        theirs = [
            _master_data(product)
            for product in products.values()
            if product.organisation == organisation.key and product.uploaded
        ]
        if theirs:
            at = first_day - timedelta(days=oldest)
            await upload_products(database, owners_change(participants, organisation.key, at), theirs)
    for batch in country.batches:
        product = products[batch.product]
        await _upload_batch(database, country, participants, product, batch, first_day)
        if batch.non_fmd_note is not None:
            await add_non_fmd(
                database,
                operators_change(first_day - timedelta(days=oldest)),
                scheme=product.scheme,
                product_code=product.product_code,
                batch=batch.batch,
                risk_note=batch.non_fmd_note,
            )


def owners_change(participants: Participants, organisation: str, at: datetime) -> Change:
    """An exchange with the system of a company."""
    return Change(
        organisation_id=participants.organisation_ids[organisation],
        equipment_id=participants.callers[f"demo-{organisation}"].equipment_id,
        transaction_id=new_transaction_id(),
        at=at,
        user_agent=USER_AGENT,
    )


def operators_change(at: datetime) -> Change:
    """Something that the operator's staff did."""
    return Change(organisation_id=None, person=OPERATOR, transaction_id=new_transaction_id(), at=at)


async def _upload_batch(
    database: Database,
    country: DemoCountry,
    participants: Participants,
    product: Product,
    batch: Batch,
    first_day: datetime,
) -> None:
    serial_numbers = uploaded_serials(country, batch)
    if not serial_numbers:
        return
    serials = SerialSet(product.scheme)
    refused = serials.add(serial_numbers)
    assert not refused, f"the demo's own serial numbers of {batch.batch}"
    await serials.sort()
    head = BatchHead(
        product_code_scheme=product.scheme,
        product_code=product.product_code,
        batch_id=batch.batch,
        expiry_date=batch.expiry,
    )
    at = first_day - timedelta(days=batch.uploaded_days_ago or 0)
    await upload_batch(database, owners_change(participants, product.organisation, at), head, serials)


def _master_data(product: Product) -> ProductUpload:
    return ProductUpload(
        product_code_scheme=product.scheme,
        product_code=product.product_code,
        name=product.name,
        common_name=product.common_name,
        form=product.form,
        strength=product.strength,
        pack_type=product.pack_type,
        pack_size=product.pack_size,
        nhrn=product.nhrn,
        mah_name=product.mah_name,
    )
