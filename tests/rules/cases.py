"""Requests and facts for tests of single rules: all in order, but for what a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sinetti.gs1.charset import character_classes
from sinetti.gs1.identifiers import expires_at
from sinetti.identity.model import Caller
from sinetti.nmvs.conditions import Situation
from sinetti.nmvs.model import BatchRecord, PackFacts, PackRecord, PackRequest, ProductRecord
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import ClientRole, Language, Operation, OrganisationKind, PackState

RULES = load_rules()
ZONE = ZoneInfo("Europe/Helsinki")
NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
GTIN = "09520000000011"
PPN = "111234567842"
SERIAL = "ABCDEFGHIJ0123456789"
BATCH = BatchRecord(
    batch_id=1,
    batch="B1",
    expiry="281231",
    recalled=False,
    recall_reason=None,
    serial_length_min=20,
    serial_length_max=20,
    serial_format=character_classes(SERIAL),
)
PRODUCT = ProductRecord(product_id=1, name="X", nhrn=None, withdrawn=False, withdrawal_reason=None)


def a_caller(**changes: Any) -> Caller:
    return Caller(
        **{
            "equipment_id": 1,
            "location_id": 1,
            "organisation_id": 1,
            "organisation_kind": OrganisationKind.PHARMACY,
            "client_role": ClientRole.FULL_ACCESS,
            **changes,
        }
    )


def a_request(**changes: Any) -> PackRequest:
    return PackRequest(
        **{
            "caller": a_caller(),
            "operation": Operation.VERIFY,
            "requested_state": None,
            "scheme": "gs1",
            "product_code": GTIN,
            "serial_number": SERIAL,
            "batch": "B1",
            "expiry": "281231",
            "entry_mode": "non-manual",
            "language": Language.FI,
            "transaction_id": "00000000-0000-7000-8000-000000000000",
            "received_at": NOW,
            **changes,
        }
    )


def a_batch(**changes: Any) -> BatchRecord:
    return BatchRecord(
        **{**{name: getattr(BATCH, name) for name in BatchRecord.__struct_fields__}, **changes}
    )


def a_pack(**changes: Any) -> PackRecord:
    state = changes.get("state", PackState.ACTIVE)
    return PackRecord(
        **{
            "state": state,
            "location_id": None if state is PackState.ACTIVE else 1,
            "decommissioned_at": None if state is PackState.ACTIVE else NOW,
            "repeat_count": 0,
            "batch": BATCH,
            **changes,
        }
    )


def the_facts(**changes: Any) -> PackFacts:
    return PackFacts(
        **{"product": PRODUCT, "asked_batch": BATCH, "pack": a_pack(), "non_fmd": False, **changes}
    )


def a_situation(request: PackRequest | None = None, now: datetime = NOW, **changes: Any) -> Situation:
    pack = a_pack(**changes)
    return Situation(
        request=request or a_request(),
        pack=pack,
        now=now,
        expires_at=expires_at(pack.batch.expiry, ZONE),
        parameters=RULES.parameters,
    )
