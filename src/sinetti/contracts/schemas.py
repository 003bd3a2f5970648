"""JSON Schemas of the shapes, for people and tools: what a client should send, and what it may get.

The decoders are more forgiving than the schemas. A field that is missing reaches the rules as `None`, so that
they answer with the right operation code; the schema says that it must be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from sinetti.contracts.alerts import AlertRecord, AlertsRequest
from sinetti.contracts.bulk import BulkPack, BulkRequest, RecoveryPack, RecoveryRequest
from sinetti.contracts.case_work import (
    AssignmentOrder,
    ChainNoticeOrder,
    HeldBatchOrder,
    SalesHoldLiftOrder,
    SalesHoldOrder,
    TeamOrder,
)
from sinetti.contracts.cases import (
    ClassificationOrder,
    HandOverOrder,
    InvestigationOrder,
    ManyAlertsOrder,
    MessageOrder,
    RequestForInvestigation,
    SetAsideEndOrder,
    SetAsideOrder,
    StatusOrder,
    StepOrder,
    TrailOrder,
)
from sinetti.contracts.packs import StateChange
from sinetti.contracts.reports import ReportRequest
from sinetti.contracts.tokens import TokenRequest
from sinetti.contracts.uploads import (
    BatchCorrection,
    BatchHead,
    BatchRecall,
    BatchUpload,
    PackStateUpload,
    ProductUpload,
    ProductWithdrawal,
)

Schema = dict[str, Any]

REFERENCE = "#/components/schemas/{name}"

MUST_BE_SENT: Mapping[str, tuple[str, ...]] = {
    StateChange.__name__: ("state",),
    BulkRequest.__name__: ("numberOfPacks", "packs"),
    RecoveryRequest.__name__: ("numberOfPacks", "packs"),
    BulkPack.__name__: ("productCodeScheme", "productCode", "serialNumber"),
    RecoveryPack.__name__: ("transitionType", "productCodeScheme", "productCode", "serialNumber"),
    TokenRequest.__name__: ("grant_type",),
    ReportRequest.__name__: ("report Type Id",),
}
"""Fields that a decoder lets be missing and a client must send all the same."""

REQUESTS = frozenset(MUST_BE_SENT) | {
    shape.__name__
    for shape in (
        ProductUpload, BatchHead, BatchUpload, BatchCorrection, BatchRecall, ProductWithdrawal, PackStateUpload,
        AlertsRequest, StatusOrder, InvestigationOrder, HandOverOrder, ClassificationOrder, MessageOrder, StepOrder,
        SetAsideOrder, SetAsideEndOrder, RequestForInvestigation, TrailOrder, ManyAlertsOrder,
        AssignmentOrder, TeamOrder, SalesHoldOrder, SalesHoldLiftOrder, HeldBatchOrder, ChainNoticeOrder
    )
}  # fmt: skip
"""Shapes that clients send. A field that may be missing may be `null` too; answers never hold one, but for these:"""

WITH_NULL = frozenset({AlertRecord.__name__})
"""Records whose fields are always all there, because operators' tools expect them; what is not known is `null`."""


def shape_schemas(shapes: Iterable[type]) -> dict[str, Schema]:
    """Schemas of these shapes and all that they hold, by name."""
    _, schemas = msgspec.json.schema_components(list(shapes), ref_template=REFERENCE)
    for name, schema in schemas.items():
        schema.pop("title", None)
        if name in MUST_BE_SENT:
            schema["required"] = list(MUST_BE_SENT[name])
        schema["properties"] = {
            field: _nullable(part)
            if (name in REQUESTS and field not in schema["required"])
            or (name in WITH_NULL and {"type": "null"} in part.get("anyOf", ()))
            else _never_null(part)
            for field, part in schema["properties"].items()
        }
    return dict(schemas)


def reference(shape: type) -> Schema:
    """Schema that points to the shape's own."""
    return {"$ref": REFERENCE.format(name=shape.__name__)}


def example_of(schema: Schema, schemas: Mapping[str, Schema]) -> object:
    """A value that fits: the schema's own example, else the first or least that it allows."""
    if "$ref" in schema:
        return example_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return example_of(schema["anyOf"][0], schemas)
    if schema["type"] == "array":
        return [example_of(schema["items"], schemas)]
    if schema["type"] == "object":
        required = schema.get("required", ())
        parts = schema.get("properties", {}).items()
        return {
            name: example_of(part, schemas) for name, part in parts if name in required or _is_telling(part)
        }
    return _plain_example(schema)


def _plain_example(schema: Schema) -> object:
    for keyword in ("examples", "enum"):
        if keyword in schema:
            return schema[keyword][0]
    if schema.get("format") == "date-time":
        return "2026-03-02T12:00:00Z"
    kind = schema["type"][0] if isinstance(schema["type"], list) else schema["type"]
    return schema.get("const", schema.get("minimum", {"integer": 1, "boolean": True}.get(kind, "…")))


def _is_telling(schema: Schema) -> bool:
    return "examples" in schema


def _nullable(schema: Schema) -> Schema:
    """The same schema with `null` as a type, and as a value where values are listed."""
    plain = _never_null(schema)
    listed = {"enum": [*plain["enum"], None]} if "enum" in plain else {}
    return plain | {"type": [plain["type"], "null"]} | listed


def _never_null(schema: Schema) -> Schema:
    """The same schema without the alternative `null` and the default that goes with it."""
    if "anyOf" not in schema:
        return {key: value for key, value in schema.items() if key != "default"}
    alternatives = [part for part in schema["anyOf"] if part != {"type": "null"}]
    around = {key: value for key, value in schema.items() if key not in ("anyOf", "default")}
    return alternatives[0] | around if len(alternatives) == 1 else {"anyOf": alternatives} | around
