"""Alerts and people for tests of pure decisions: all in order, but for what a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sinetti.alerts.model import AlertFile, CaseKey, Doer, FileKey
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Classification, Party
from sinetti.rules.load import load_rules

RULES = load_rules("FI")
RAISED = datetime(2026, 11, 2, 9, tzinfo=UTC)
LOCATION_A, LOCATION_A2, LOCATION_B = 1, 2, 3
ORGANISATION_A, ORGANISATION_B, OBP, OTHER_OBP = 10, 11, 20, 21

DOERS = {
    "A": Doer(
        party=Party.END_USER_LOCATION, user_id=1, user_name="Aino", organisation_id=ORGANISATION_A,
        location_ids=(LOCATION_A,),
    ),
    "A main": Doer(party=Party.END_USER_ORGANISATION, user_id=2, user_name="Auli", organisation_id=ORGANISATION_A),
    "B": Doer(
        party=Party.END_USER_LOCATION, user_id=3, user_name="Bea", organisation_id=ORGANISATION_B,
        location_ids=(LOCATION_B,),
    ),
    "obp": Doer(party=Party.OBP, user_id=4, user_name="Olli", organisation_id=OBP),
    "mah": Doer(party=Party.MAH, user_id=5, user_name="Maija", organisation_id=OBP),
    "operator": Doer(party=Party.OPERATOR, user_id=6, user_name="Outi"),
    "other": Doer(party=Party.OTHER_OPERATOR, user_id=7, user_name="Sven"),
    "authority": Doer(party=Party.AUTHORITY, user_id=8, user_name="Fia"),
    "system": Doer(party=Party.SYSTEM, rule_id="R20"),
}  # fmt: skip


def an_alert(**changes: Any) -> AlertFile:
    return AlertFile(
        **{
            "key": FileKey(1, 100),
            "case": CaseKey(1, 7),
            "alert_id": "FI-222-222-222-222-222",
            "recorded_at": RAISED,
            "kind": AlertKind.UNKNOWN_SERIAL_NUMBER,
            "operation": "verify",
            "operation_code": "41020001",
            "product_code": "06412345678907",
            "serial_number": "SENT-SERIAL",
            "batch": "SENT-BATCH",
            "expiry": "301231",
            "entry_mode": "non-manual",
            "location_id": LOCATION_A,
            "organisation_id": ORGANISATION_A,
            "obp_organisation_id": OBP,
            "earlier_location_id": None,
            "state_before": None,
            "status": AlertStatus.ACTIVE,
            "classification": Classification.POTENTIAL_SUSPICION,
            "closing_reason": None,
            "closing_comment": None,
            "closed_by_rule": None,
            "cause": None,
            "changes": 0,
            **changes,
        }
    )
