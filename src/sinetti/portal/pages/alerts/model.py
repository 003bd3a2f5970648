"""What the list of alerts shows."""

from __future__ import annotations

from datetime import datetime

import msgspec

from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Classification
from sinetti.rules.vocabulary import Cause


class ListedAlert(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list. Only what every party sees of an alert, but for the location, which the store leaves out."""

    event_number: int
    product_id: int
    alert_id: str
    recorded_at: datetime
    kind: AlertKind
    product_code: str
    product_name: str | None
    location_name: str | None
    status: AlertStatus
    classification: Classification
    cause: Cause | None
    due_at: datetime | None
    """When this side's answer is due; `None` where nothing is."""
