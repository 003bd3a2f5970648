"""The exceptions audit trail: a row for each deviation, its facts as keys and values in one column."""

from __future__ import annotations

import re
from typing import Final

from sinetti.kit.db import Transaction
from sinetti.nmvs.packs import Country
from sinetti.reports.content import Cell, CsvReport, shown
from sinetti.reports.deviations import Deviation, read_deviations
from sinetti.reports.model import FoundRequest, Made
from sinetti.reports.types import EVENT_DETAILS, EXCEPTIONS_AUDIT_TRAIL
from sinetti.rules.vocabulary import Language, PackState

_ALERT_LEVEL: Final = 5
_BAD_DATA_STATUS: Final = 422


async def make(tx: Transaction, country: Country, asked: FoundRequest, report: CsvReport) -> Made:
    """Write the rows of the span."""
    (table,) = EXCEPTIONS_AUDIT_TRAIL.tables
    await report.begin_table(table, named=False)
    language = Language(asked.language)
    async for some in read_deviations(tx, asked.window):
        await report.add([_row(deviation, country, language) for deviation in some])
    return Made(row_count=report.row_count, events_read=report.row_count)


def _row(deviation: Deviation, country: Country, language: Language) -> list[Cell]:
    code = country.rules.codes.get(deviation.operation_code)
    text = None if code is None else code.texts.get(language)
    details = event_details(deviation, country)
    return [
        deviation.recorded_at,
        "Bulk" if deviation.bulk_id else "Single",
        None if code is None else code.meaning,
        None,
        str(deviation.transaction_id),
        deviation.operation_code,
        None if text is None else text.message,
        " ".join(f"{key}: {_value(shown(details[key]))};" for key in EVENT_DETAILS),
        f"L{deviation.level}",
        "Alert" if deviation.level == _ALERT_LEVEL else "Error",
    ]


_SPECIAL: Final = re.compile(r";|%(?=25|3B)")


def _value(text: str) -> str:
    """A value between its key and the semicolon that ends it.

    Serial numbers may hold semicolons, which would end it too early: they are written as `%3B`, and a per cent sign as
    `%25`, but only where it could be mistaken for the beginning of one of these.
    """
    return _SPECIAL.sub(lambda match: "%3B" if match[0] == ";" else "%25", text)


def event_details(deviation: Deviation, country: Country) -> dict[str, Cell]:
    """The facts by key. What Sinetti does not know is `None`."""
    code = country.rules.codes.get(deviation.operation_code)
    target = deviation.requested_state
    return {
        "ActualState": deviation.pack_state,
        "APIVersion": None,
        "AttemptedOperation": deviation.operation,
        "BatchExpiryDate": deviation.expiry,
        "BatchId": deviation.batch,
        "ClientEquipmentId": deviation.equipment_id,
        "ClientId": deviation.client_id,
        "ClientLocation": deviation.location_id,
        "ClientOrganisationId": deviation.organisation_id,
        "ConnectorLocationId": None,
        "DataEntryMode": deviation.entry_mode,
        "EmvsErrorCode": shown_hub_code(deviation.hub_code),
        "EUPublicPackState": None,
        "InitialState": deviation.state_before,
        "InitiatingMessageType": None,
        "IpAddress": deviation.source_address,
        "IsBadData": None if code is None else code.http_status == _BAD_DATA_STATUS,
        "IsBulk": deviation.bulk_id is not None,
        "IsIntermarketResponse": False,
        "Location": deviation.location_name,
        "Market": country.market,
        "NumberOfDispenseAttempts": deviation.supplies,
        "PackLastUpdateLocation": deviation.changed_location_id,
        "PackLastUpdateMarket": last_update_market(deviation, country),
        "PackLastUpdateTimestamp": deviation.changed_at,
        "ProductCode": deviation.product_code,
        "ProductCodeScheme": deviation.scheme,
        "ProductName": deviation.product_name,
        "RequestedAPIVersion": deviation.api_version,
        "RequestedState": deviation.requested_state,
        "SerialNumber": deviation.serial_number,
        "StoredBatchExpiryDate": deviation.stored_expiry,
        "StoredBatchId": deviation.stored_batch,
        "StoredNHRN": deviation.nhrn,
        "TargetState": target if country.rules.operation_for(target or "") else None,
        "User": None,
        "UserAgent": deviation.user_agent,
    }


def shown_hub_code(hub_code: str | None) -> str | None:
    """An EU Hub code as people write it, such as `#A7`."""
    return None if hub_code is None else f"#{hub_code}"


def last_update_market(deviation: Deviation, country: Country) -> str | None:
    """Where the pack was last changed. Another market that decommissioned it did not say which it is."""
    if deviation.changed_at is None or deviation.pack_state == PackState.INACTIVE:
        return None
    return country.market
