"""Alerts as a client's program works on them: what it asks for, and what it says and does.

Shapes are those of `contracts.cases`. A field that the caller may not see is `msgspec.UNSET`.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import msgspec

from sinetti.contracts.case_work import AssignmentOrder
from sinetti.contracts.cases import (
    ClassificationOrder,
    HandOverOrder,
    InvestigationOrder,
    MessageOrder,
    RequestForInvestigation,
    SetAsideEndOrder,
    SetAsideOrder,
    StatusOrder,
    StepOrder,
    TrailOrder,
    TrailRequestOrder,
    TrailRequestStepOrder,
)
from sinetti.sdk.exchange import Call

AlertOrder = (
    StatusOrder
    | InvestigationOrder
    | HandOverOrder
    | ClassificationOrder
    | AssignmentOrder
    | MessageOrder
    | StepOrder
    | SetAsideOrder
    | SetAsideEndOrder
    | RequestForInvestigation
    | TrailOrder
    | TrailRequestOrder
    | TrailRequestStepOrder
)
"""All that can be said and done about an alert."""

ORDER_PATHS: Mapping[type, str] = {
    StatusOrder: "status",
    InvestigationOrder: "investigation",
    HandOverOrder: "hand-over",
    ClassificationOrder: "classification",
    AssignmentOrder: "assignment",
    MessageOrder: "messages",
    StepOrder: "steps",
    SetAsideOrder: "set-aside",
    SetAsideEndOrder: "set-aside/end",
    RequestForInvestigation: "request-for-investigation",
    TrailOrder: "trail",
    TrailRequestOrder: "trail-requests",
    TrailRequestStepOrder: "trail-requests/steps",
}


def list_call(after: str | None, limit: int, filters: Mapping[str, str]) -> Call:
    """A page of the caller's alerts."""
    query = {**filters, "limit": str(limit)} | ({} if after is None else {"after": after})
    return Call(method="GET", url=f"/ams/alerts?{urlencode(query)}", repeatable=True)


def read_call(alert_id: str) -> Call:
    """One alert, with all that the caller may see of it."""
    return Call(method="GET", url=_of(alert_id), repeatable=True)


def order_call(alert_id: str, order: AlertOrder, idempotency_key: str) -> Call:
    """Say or do something about an alert. Repeatable: the key is known when it comes again."""
    return Call(
        method="POST",
        url=f"{_of(alert_id)}/{ORDER_PATHS[type(order)]}",
        headers={"Content-Type": "application/json", "Idempotency-Key": idempotency_key},
        content=msgspec.json.encode(order),
        repeatable=True,
    )


def photo_call(alert_id: str, content: bytes, media_type: str) -> Call:
    """Add a photo. Repeatable: the same file again changes nothing."""
    return Call(
        method="POST",
        url=f"{_of(alert_id)}/photos",
        headers={"Content-Type": media_type},
        content=content,
        repeatable=True,
    )


def messages_call(after: str, limit: int) -> Call:
    """What webhooks tell, after a message."""
    query = urlencode({"after": after, "limit": str(limit)})
    return Call(method="GET", url=f"/ams/messages?{query}", repeatable=True)


def _of(alert_id: str) -> str:
    return f"/ams/alerts/{quote(alert_id, safe='')}"
