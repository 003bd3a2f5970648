"""The report types: their ids, parameters and columns, as operators' tools know them.

The names were seen in the public code of such a tool, where spaces stand as underscores. What Sinetti does not know of
a country is an empty column, never a guess; docs/howto/operator-interfaces.md tells what each of the others holds.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sinetti.reports.model import Column, ReportParameter, ReportType, Table, ValueKind

_MARKS: Final = {"#": ValueKind.NUMBER, "@": ValueKind.MOMENT, "/": ValueKind.DAY, "?": ValueKind.YES_NO}
_UNKNOWN: Final = "~"


def _columns(*names: str) -> tuple[Column, ...]:
    """Columns by name. A mark in front tells the kind: # number, @ moment, / day, ? yes or no; ~ is always empty."""

    def column(name: str) -> Column:
        is_known = not name.startswith(_UNKNOWN)
        name = name.removeprefix(_UNKNOWN)
        kind = _MARKS.get(name[0])
        return Column(name=name[1:] if kind else name, kind=kind or ValueKind.TEXT, is_known=is_known)

    return tuple(column(name) for name in names)


DAILY_SNAPSHOT: Final = ReportType(
    report_type="DailySnapshot",
    name="Daily Snapshot",
    description="Products, batches, organisations, locations and client software as they were early that day (UTC).",
    is_daily=True,
    tables=(
        Table(
            name="Products",
            columns=_columns(
                "Product Code Scheme", "Product Code", "Product State", "Product Name", "Product Common Name",
                "~#Product Version Number", "Pack Type", "Pack Size", "Form", "Strength", "National Code",
                "~Article 57 Code", "@Creation Date", "MAH Name", "~EMVS MAH Id", "#OBP Id", "OBP Name",
                "@Withdrawal Date", "Withdrawal Reason", "#Number Of Batches", "#Number Of Packs",
                "#Number Of Active Packs",
            ),
        ),
        Table(
            name="Batches",
            columns=_columns(
                "Product Code Scheme", "Product Code", "Batch Id", "Batch Expiry Date", "Batch State",
                "~Is Multimarket", "~#Product Version Number", "@Creation Date", "~Manufacturer Name", "@Recall Date",
                "Recall Reason", "~Markets", "#Min SN Length", "#Max SN Length", "SN Format", "#Number Of Packs",
                "#Batch Length", "Batch Format", "#Number Of Active Packs",
            ),
        ),
        Table(
            name="Organisations",
            columns=_columns(
                "#Organisation Id", "Organisation Type", "~Organisation Sub Type", "Organisation Name",
                "Organisation Status", "@Creation Date", "~@Registration Date", "~Rate Limiting Plan", "~@Expiry Date",
            ),
        ),
        Table(
            name="Locations",
            columns=_columns(
                "#Organisation Id", "Organisation Type", "~Organisation Sub Type", "Organisation Name", "#Location Id",
                "Location Name", "Legitimacy Information", "Address", "City", "Postal Code", "#Equipment Count",
                "Location Status", "@Creation Date",
            ),
        ),
        Table(
            name="API Versions",
            columns=_columns(
                "#Organisation Id", "Organisation Type", "Organisation Name", "Prime Contact", "Prime Contact Email",
                "#Location Id", "Client Id", "~API Version", "Requested API Version", "User Agent", "~IP Address",
                "@Last API Request",
            ),
        ),
    ),
)  # fmt: skip

ORGANISATIONS_SUMMARY: Final = ReportType(
    report_type="OrganisationsSummaryReport",
    name="Organisations Summary Report",
    description="Every organisation with its contact.",
    tables=(
        Table(
            name="Organisations Summary",
            columns=_columns(
                "#Organisation ID", "@Creation Date", "Organisation Type", "~Organisation Sub Type",
                "Organisation Name", "Status", "~Prime Contact First Name", "Prime Contact Last Name",
                "Prime Contact Email", "~Rate Limiting Policy", "~@Organisation Expiry Date",
                "#Number Of Active Locations", "~@Registration Last Invitation Date", "~@Registration Expiry Date",
                "~@Registration Date", "~?Has Extended Product Dataset",
                *(f"~Known Fact {part} {number}" for number in range(1, 6) for part in ("Question", "Answer")),
            ),
        ),
    ),
)  # fmt: skip

EVENT_DETAILS: Final = (
    "ActualState", "APIVersion", "AttemptedOperation", "BatchExpiryDate", "BatchId", "ClientEquipmentId", "ClientId",
    "ClientLocation", "ClientOrganisationId", "ConnectorLocationId", "DataEntryMode", "EmvsErrorCode",
    "EUPublicPackState", "InitialState", "InitiatingMessageType", "IpAddress", "IsBadData", "IsBulk",
    "IsIntermarketResponse", "Location", "Market", "NumberOfDispenseAttempts", "PackLastUpdateLocation",
    "PackLastUpdateMarket", "PackLastUpdateTimestamp", "ProductCode", "ProductCodeScheme", "ProductName",
    "RequestedAPIVersion", "RequestedState", "SerialNumber", "StoredBatchExpiryDate", "StoredBatchId", "StoredNHRN",
    "TargetState", "User", "UserAgent",
)  # fmt: skip
"""Keys in the column `Event Details`, each once in every row."""

EXCEPTIONS_AUDIT_TRAIL: Final = ReportType(
    report_type="ExceptionsAuditTrailReport",
    name="Exceptions Audit Trail Report",
    description="Every deviation: one row for each operation whose operation code has a level.",
    parameters=(
        ReportParameter(name="startDateTime", kind=ValueKind.MOMENT),
        ReportParameter(name="endDateTime", kind=ValueKind.MOMENT),
        ReportParameter(name="syntheticMonitoring", kind=ValueKind.YES_NO, is_required=False),
    ),
    tables=(
        Table(
            name="Exceptions Audit Trail",
            columns=_columns(
                "@Date and Time (UTC)", "Process", "Event Name", "~Event Description", "Transaction ID", "Event Code",
                "Event Message", "Event Details", "Category", "Severity",
            ),
        ),
    ),
)  # fmt: skip

_DAYS: Final = (
    ReportParameter(name="startDate", kind=ValueKind.DAY),
    ReportParameter(name="endDate", kind=ValueKind.DAY),
)

USER_ACTIVITY: Final = ReportType(
    report_type="UserActivityReport",
    name="User Activity Report",
    description="What people did in the portal, and on the operator's command line.",
    parameters=_DAYS,
    tables=(
        Table(
            name="User Activity",
            columns=_columns(
                "@Date and Time (UTC)", "#User Id", "User Name", "User Role", "#Organisation Id", "Organisation Name",
                "Activity", "Object", "Object Id", "Object Name", "IP Address", "Transaction ID",
            ),
        ),
    ),
)  # fmt: skip

TRANSACTIONS: Final = ReportType(
    report_type="TransactionsByTransactionTypeReport",
    name="Transactions by Transaction Type",
    description="How many operations there were each day (UTC), by operation and operation code.",
    parameters=_DAYS,
    tables=(
        Table(
            name="Transactions",
            columns=_columns(
                "/Date", "Market", "Transaction Type", "Operation Code", "?Is Bulk", "#Number Of Transactions"
            ),
        ),
    ),
)

REPORT_TYPES: Final = {
    one.report_type: one
    for one in (DAILY_SNAPSHOT, ORGANISATIONS_SUMMARY, EXCEPTIONS_AUDIT_TRAIL, USER_ACTIVITY, TRANSACTIONS)
}
"""All report types by id, in the order in which they are listed."""


def always_empty(report_type: ReportType) -> Iterable[tuple[str, str]]:
    """Table and column of everything that Sinetti knows nothing of."""
    for table in report_type.tables:
        for column in table.columns:
            if not column.is_known:
                yield table.name, column.name
