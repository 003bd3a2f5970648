"""Sample packs as `demo.json` shows them: the rows of the table with what follows from them."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sinetti.demo.codes import sent_code
from sinetti.demo.demo_file import SamplePack
from sinetti.demo.tables import Sample
from sinetti.demo.texts import demo_texts
from sinetti.gs1.identifiers import expires_at
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import EntryMode, Scheme
from sinetti.sdk.calls import pack_url
from sinetti.sdk.pack import Pack


def sample_pack(sample: Sample, rules: Rules, seeded_at: datetime, zone: ZoneInfo) -> SamplePack:
    """One sample of a demo that began at `seeded_at`."""
    code = rules.codes[sample.operation_code]
    return SamplePack(
        name=sample.key,
        title=demo_texts("en")["titles"][sample.key],
        operation=sample.operation.value,
        client_id=sample.client_id,
        entry_mode=sample.entry_mode,
        scheme=sample.scheme,
        product_code=sample.product_code,
        serial_number=sample.serial_number,
        batch=sample.batch,
        expiry=sample.expiry,
        requested_state=sample.requested_state,
        path=pack_url(
            Pack(
                product_code=sample.product_code,
                serial_number=sample.serial_number,
                batch=sample.batch,
                expiry=sample.expiry,
                scheme=Scheme(sample.scheme),
                entry_mode=EntryMode(sample.entry_mode),
            )
        ),
        scan=sent_code(sample),
        http_status=code.http_status,
        operation_code=code.code,
        alert=code.alert,
        single_use=sample.single_use,
        until=_until(sample, seeded_at, zone),
    )


def _until(sample: Sample, seeded_at: datetime, zone: ZoneInfo) -> datetime | None:
    if sample.valid_days is None:
        return None
    if sample.valid_days == 0:
        return expires_at(sample.pack.batch.expiry, zone)
    return (seeded_at + timedelta(days=sample.valid_days)).replace(microsecond=0)
