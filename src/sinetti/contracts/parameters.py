"""Parameters and headers that requests carry, and headers that answers carry. Their texts are in `texts/`."""

from __future__ import annotations

from typing import Any, Literal

from msgspec import Struct

from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Classification
from sinetti.rules.sales_holds.vocabulary import HoldState
from sinetti.rules.vocabulary import Cause, EntryMode, Scheme


class Parameter(Struct, frozen=True, kw_only=True):
    """One parameter of a request."""

    name: str
    where: Literal["path", "query", "header"]
    schema: dict[str, Any]
    required: bool = False
    example: str | None = None


_MOMENT = {"type": "string", "format": "date-time"}


def _whole_number(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _one_of(*words: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(words)}


def _by_name(*parameters: Parameter) -> dict[str, Parameter]:
    return {parameter.name: parameter for parameter in parameters}


PARAMETERS = _by_name(
    Parameter(
        name="scheme",
        where="path",
        required=True,
        schema={"type": "string", "enum": [scheme.value for scheme in Scheme]},
        example=Scheme.GS1.value,
    ),
    Parameter(
        name="productCode",
        where="path",
        required=True,
        schema={"type": "string", "minLength": 1},
        example="06412345678907",
    ),
    Parameter(
        name="serialNumber",
        where="path",
        required=True,
        schema={"type": "string", "minLength": 1},
        example="7K2/9aQ-0001",
    ),
    Parameter(name="batch", where="query", schema={"type": "string"}, example="LOT-42/A"),
    Parameter(name="expiry", where="query", schema={"type": "string"}, example="291200"),
    Parameter(
        name="emvs-data-entry-mode",
        where="header",
        required=True,
        schema={"type": "string", "enum": [mode.value for mode in EntryMode]},
        example=EntryMode.NON_MANUAL.value,
    ),
    Parameter(name="Accept-Language", where="header", schema={"type": "string"}, example="fi"),
    Parameter(name="emvs-api-version", where="header", schema={"type": "string"}, example="3.1"),
    Parameter(
        name="Idempotency-Key",
        where="header",
        schema={"type": "string", "pattern": "^[!-~]([ -~]{0,253}[!-~])?$"},
        example="6f0c2f5e-6c0e-4d5a-9a53-0d7a3e1f9c11",
    ),
    Parameter(
        name="requestId",
        where="path",
        required=True,
        schema={"type": "string", "format": "uuid"},
        example="0199c0de-0000-7000-8000-000000000001",
    ),
    Parameter(
        name="requestID",
        where="path",
        required=True,
        schema={"type": "string", "format": "uuid"},
        example="0199c0de-0000-7000-8000-000000000001",
    ),
    Parameter(name="page", where="query", schema=_whole_number(999_999_999), example="1"),
    Parameter(name="pageSize", where="query", schema=_whole_number(10_000), example="1000"),
    Parameter(
        name="reportTypeId",
        where="path",
        required=True,
        schema={"type": "string", "minLength": 1},
        example="ExceptionsAuditTrailReport",
    ),
    Parameter(
        name="reportId",
        where="path",
        required=True,
        schema={"type": "string", "format": "uuid"},
        example="0199c0de-0000-7000-8000-000000000001",
    ),
    Parameter(name="fromDate", where="query", schema=_MOMENT, example="2026-03-02T00:00:00Z"),
    Parameter(name="toDate", where="query", schema=_MOMENT, example="2026-03-02T23:59:59Z"),
    Parameter(name="reportType", where="query", schema={"type": "string"}, example="DailySnapshot"),
    Parameter(name="requestedBy", where="query", schema={"type": "string"}, example="NMVS automation"),
    Parameter(name="title", where="query", schema={"type": "string"}, example="Exceptions of yesterday"),
    Parameter(
        name="alertId",
        where="path",
        required=True,
        schema={"type": "string", "minLength": 1},
        example="FI-7KD-2MP-X9A-4TQ-H8C",
    ),
    Parameter(
        name="photoId",
        where="path",
        required=True,
        schema={"type": "string", "format": "uuid"},
        example="0199c0de-0000-7000-8000-000000000001",
    ),
    Parameter(
        name="status",
        where="query",
        schema=_one_of("open", "any", *(status.value for status in AlertStatus)),
        example="open",
    ),
    Parameter(name="kind", where="query", schema=_one_of(*(kind.value for kind in AlertKind))),
    Parameter(name="classification", where="query", schema=_one_of(*(one.value for one in Classification))),
    Parameter(name="cause", where="query", schema=_one_of(*(cause.value for cause in Cause))),
    Parameter(name="assigned", where="query", schema=_one_of("nobody"), example="nobody"),
    Parameter(
        name="holdState",
        where="query",
        schema=_one_of(HoldState.ASKED, HoldState.LIFTED, "any"),
        example="asked",
    ),
    Parameter(
        name="heldState", where="query", schema=_one_of("under_way", "waiting", "any"), example="waiting"
    ),
    Parameter(name="registerState", where="query", schema=_one_of("apart", "gone", "any"), example="apart"),
    Parameter(name="alertState", where="query", schema=_one_of("open", "any"), example="open"),
    Parameter(name="holdId", where="path", required=True, schema=_whole_number(999_999_999), example="3"),
    Parameter(name="teamId", where="path", required=True, schema=_whole_number(999_999_999), example="3"),
    Parameter(name="overdue", where="query", schema=_one_of("own", "any"), example="own"),
    Parameter(name="code", where="query", schema={"type": "string"}),
    Parameter(name="product", where="query", schema={"type": "string"}, example="06412345678907"),
    Parameter(name="sentBatch", where="query", schema={"type": "string"}, example="LOT-42/A"),
    Parameter(name="location", where="query", schema=_whole_number(2**31 - 1), example="17"),
    Parameter(name="organisation", where="query", schema=_whole_number(2**31 - 1), example="5"),
    Parameter(name="equipment", where="query", schema=_whole_number(2**31 - 1), example="23"),
    Parameter(name="software", where="query", schema={"type": "string"}, example="PharmacySystem/1.0"),
    Parameter(name="company", where="query", schema=_whole_number(2**31 - 1), example="8"),
    Parameter(name="search", where="query", schema={"type": "string"}, example="LOT-42/A"),
    Parameter(name="recordedFrom", where="query", schema=_MOMENT, example="2026-03-02T00:00:00Z"),
    Parameter(name="recordedBefore", where="query", schema=_MOMENT, example="2026-03-03T00:00:00Z"),
    Parameter(
        name="sort",
        where="query",
        schema=_one_of("recordedAt", "-recordedAt", "productCode", "-productCode"),
        example="-recordedAt",
    ),
    Parameter(name="after", where="query", schema={"type": "string"}),
    Parameter(
        name="countPacks",
        where="query",
        schema={"type": "string", "enum": ["yes", "no"]},
        example="yes",
    ),
    Parameter(name="limit", where="query", schema=_whole_number(500), example="100"),
    Parameter(
        name="operationCode",
        where="path",
        required=True,
        schema={"type": "string", "pattern": "^[0-9]{8}$"},
    ),
    Parameter(
        name="problem", where="path", required=True, schema={"type": "string"}, example="malformed-json"
    ),
    Parameter(name="file", where="path", required=True, schema={"type": "string"}, example="pages.css"),
    Parameter(
        name="lang",
        where="query",
        schema={"type": "string"},
        example="sv",
    ),
)

ANSWER_HEADERS: dict[str, dict[str, Any]] = {
    "X-Transaction-Id": {"type": "string", "format": "uuid"},
    "Content-Language": {"type": "string"},
    "Location": {"type": "string", "format": "uri"},
    "Retry-After": {"type": "integer", "minimum": 0},
    "WWW-Authenticate": {"type": "string"},
    "Allow": {"type": "string"},
    "Content-Disposition": {"type": "string"},
}
