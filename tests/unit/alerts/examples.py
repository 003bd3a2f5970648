"""Facts for tests of the analysis: an alert in which all is in order, but for what a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sinetti.alerts.root_cause.book import book_of
from sinetti.alerts.root_cause.judge import analyse
from sinetti.alerts.root_cause.model import (
    AlertKind,
    Analysis,
    Facts,
    Happened,
    Photographed,
    Place,
    Sent,
    StoredBatch,
    StoredPack,
)
from sinetti.gs1.charset import character_classes
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Operation, OrganisationKind, PackState

RULES = load_rules()
BOOK = book_of(RULES)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
GTIN = "06412345678907"
SERIAL = "aB3dE5fG7hK9mN1pQr"
BATCH = StoredBatch(
    batch_id=1,
    batch="LOT4711",
    expiry="281231",
    pack_count=10_000,
    serial_length_min=18,
    serial_length_max=18,
    serial_format=character_classes(SERIAL),
    uploads=(NOON - timedelta(days=90),),
)
KIND = {"P": "pharmacy", "W": "wholesaler", "H": "hospital_pharmacy", "M": "mah_obp"}


def place(name: str = "P1") -> Place:
    """A location by its name: `P1` is a pharmacy, `P1b` another location of its organisation, `W5` a wholesaler."""
    number = int(name[1:].rstrip("b"))
    kind = OrganisationKind(KIND[name[0]])
    at = None if name[0] == "M" else number * 10 + name.endswith("b")
    return Place(location_id=at, organisation_id=number, organisation_kind=kind, equipment_id=number * 100)


def batch(**changes: Any) -> StoredBatch:
    return StoredBatch(**{**{name: getattr(BATCH, name) for name in BATCH.__struct_fields__}, **changes})


def pack(serial: str = SERIAL, **changes: Any) -> StoredPack:
    return StoredPack(**{"serial_number": serial, "batch": BATCH, **changes})


def photographed(**changes: Any) -> Photographed:
    """A photograph of the stored pack, but for what a test says otherwise."""
    return Photographed(
        **{
            "product_code": GTIN,
            "serial_number": SERIAL,
            "batch": BATCH.batch,
            "expiry": BATCH.expiry,
            **changes,
        }
    )


def sent(**changes: Any) -> Sent:
    return Sent(
        **{
            "alert_id": "FI-AAA-AAA-AAA-AAA-AAA",
            "at": NOON,
            "kind": AlertKind.SERIAL_UNKNOWN,
            "operation": Operation.SUPPLY,
            "scheme": "gs1",
            "product_code": GTIN,
            "serial_number": SERIAL,
            "batch": BATCH.batch,
            "expiry": BATCH.expiry,
            "place": place(),
            "entry_mode": "non-manual",
            **changes,
        }
    )


def facts(**changes: Any) -> Facts:
    """Facts of an alert; words that `sent` knows go there."""
    of_sent = {name: changes.pop(name) for name in list(changes) if name in Sent.__struct_fields__}
    return Facts(
        **{
            "sent": sent(**of_sent),
            "now": NOON + timedelta(days=1),
            "asked_batch": BATCH,
            "product_packs": 50_000,
            **changes,
        }
    )


def happened(minutes: float, where: str, operation: str, **changes: Any) -> Happened:
    """An event some minutes after noon: `supply`, `reactivate` and so on with what usually comes of it."""
    states: dict[str, tuple[PackState | None, PackState | None]] = {
        "supply": (PackState.ACTIVE, PackState.SUPPLIED),
        "reactivate": (PackState.SUPPLIED, PackState.ACTIVE),
        "verify": (PackState.ACTIVE, PackState.ACTIVE),
        "repeat": (PackState.SUPPLIED, PackState.SUPPLIED),
    }
    before, after = states[operation]
    return Happened(
        **{
            "at": NOON + timedelta(minutes=minutes),
            "serial_number": SERIAL,
            "operation": "supply" if operation == "repeat" else operation,
            "place": place(where),
            "confirmed": True,
            "state_before": before,
            "state_after": after,
            "is_alert": operation == "repeat",
            **changes,
        }
    )


def judged(**changes: Any) -> Analysis:
    """What the analysis says of such facts."""
    return analyse(facts(**changes), BOOK)


def ranking(analysis: Analysis) -> list[tuple[str, str]]:
    """Rule and cause of each hypothesis, the likeliest first."""
    return [(one.rule, one.cause.value) for one in analysis.hypotheses]
