"""The alerts of a time window, as records of the alerts interface, so many to a piece."""

from __future__ import annotations

from typing import Final

import msgspec

from sinetti.contracts.alerts import AlertRecord
from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.packs import Country
from sinetti.reports.content import PieceWriter
from sinetti.reports.deviations import Deviation, read_alerts
from sinetti.reports.making.exceptions import last_update_market, shown_hub_code
from sinetti.reports.model import FoundRequest, Made
from sinetti.rules.vocabulary import EntryMode, Language

RECORDS_A_PIECE: Final = 500
"""Each piece but the last has as many lines, so that a page is found without reading what is before it."""

_SQL = load_queries("sinetti.reports.store", "record.sql")
_encode = msgspec.json.Encoder().encode


async def make(tx: Transaction, country: Country, asked: FoundRequest, writer: PieceWriter) -> Made:
    """Write a line of JSON for each alert, in order of time, up to what the request may have."""
    most = country.rules.parameters["alerts_full_max" if asked.full_asked_at else "alerts_max"].value
    full_most = country.rules.parameters["alerts_full_max"].value
    language = Language(asked.language)
    count = 0
    # One more than even the full data set may have, so that it is known whether there are more. Only those that the
    # request may have are looked into.
    total = await _count(tx, asked, full_most + 1)
    async for some in read_alerts(tx, asked.window, most):
        for deviation in some:
            await writer.write(_encode(alert_record(deviation, country, language)) + b"\n")
            count += 1
            if count % RECORDS_A_PIECE == 0:
                await writer.end_piece()
    await writer.end_piece()
    return Made(
        row_count=count, events_read=count, is_truncated=total > count, is_over_limit=total > full_most
    )


async def _count(tx: Transaction, asked: FoundRequest, most: int) -> int:
    values = {"starts_at": asked.window.starts_at, "ends_at": asked.window.ends_at, "most": most}
    row = await (await tx.execute(_SQL["count_alerts"], values)).fetchone()
    assert row is not None, "an aggregate has one row"
    return int(row[0])


def alert_record(deviation: Deviation, country: Country, language: Language) -> AlertRecord:
    """An alert as the interface tells it. What Sinetti does not know is `None`."""
    code = country.rules.codes.get(deviation.operation_code)
    text = None if code is None else code.texts.get(language)
    return AlertRecord(
        alert_date_time=deviation.recorded_at,
        unique_alert_id=deviation.alert_id or "",
        error_code=shown_hub_code(deviation.hub_code),
        transaction_id=str(deviation.transaction_id),
        error_message=None if code is None else code.meaning,
        attempted_operation=deviation.operation,
        organisation_id=deviation.organisation_id,
        client_id=deviation.client_id,
        user_agent=deviation.user_agent,
        api_version=deviation.api_version,
        manual_entry=None if deviation.entry_mode is None else deviation.entry_mode == EntryMode.MANUAL,
        operation_code=deviation.operation_code,
        event_message=None if text is None else text.message,
        is_intermarket=False,
        number_of_dispense_attempts=deviation.supplies,
        number_of_decommission_attempts=deviation.decommissionings,
        product_code_scheme=deviation.scheme,
        product_code=deviation.product_code,
        product_name=deviation.product_name,
        serial_number=deviation.serial_number,
        provided_batch_number=deviation.batch,
        provided_expiry_date=deviation.expiry,
        stored_batch_number=deviation.stored_batch,
        stored_expiry_date=deviation.stored_expiry,
        source_market=country.market,
        source_location_id=None if deviation.location_id is None else str(deviation.location_id),
        requested_pack_target_state=deviation.requested_state,
        current_pack_state=deviation.pack_state,
        pack_last_update_location_id=(
            None if deviation.changed_location_id is None else str(deviation.changed_location_id)
        ),
        pack_last_update_timestamp=deviation.changed_at,
        pack_last_update_market=last_update_market(deviation, country),
        stored_nhrn=deviation.nhrn,
        source_business_process=None,
        alert_recency_value=deviation.event_number,
    )
