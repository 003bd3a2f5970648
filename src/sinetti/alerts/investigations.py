"""Requests for investigation (NMVO-0048 §6.1): finds what an end user means, and asks the side that answers first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from psycopg.rows import class_row

from sinetti.alerts import cases, files, talking
from sinetti.alerts.decide import decide_status, is_of
from sinetti.alerts.files import Change, find_file
from sinetti.alerts.model import AlertFile, Doer, FileKey, StatusChange, key_of_reference, reference_of
from sinetti.alerts.reading import own_locations
from sinetti.kit.db import Transaction, load_queries
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus, Deadline, Refusal, Side

_SQL = load_queries("sinetti.alerts.store", "investigations.sql")

ATTEMPTS_MAX: Final = 10
REFUSALS_DAYS: Final = 60
"""How long ago a refusal may be that is offered without its pack being named."""
_NOT_BEGUN = frozenset({AlertStatus.NEW, AlertStatus.ACTIVE})


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of an own location that was refused, as it was sent: an alert or not."""

    product_id: int
    event_number: int
    alert_id: str | None
    recorded_at: datetime
    location_id: int
    location_name: str
    operation_code: str
    scheme: str
    product_code: str
    serial_number: str
    batch: str | None
    expiry: str | None
    transaction_id: str | None = None
    """`None` for what is under management already."""

    @property
    def reference(self) -> str:
        """The alert id, or the reference of a refusal."""
        return reference_of(FileKey(self.product_id, self.event_number), self.alert_id)


async def recent_refusals(tx: Transaction, rules: AlertRules, doer: Doer, now: datetime) -> list[Attempt]:
    """Refusals without an alert of the doer's locations, for which nobody has asked yet; the newest first."""
    return await _refusals(tx, rules, doer, now, None)


async def find_attempt(
    tx: Transaction, rules: AlertRules, doer: Doer, reference: str, now: datetime
) -> Attempt | None:
    """The doer's own attempt of this reference; `None` where there is none, or it is another's."""
    file = await find_file(tx, reference)
    if file is not None:
        return await _attempt_of(tx, file) if is_of(file, doer) else None
    key = key_of_reference(reference)
    if key is None:
        return None
    found = await _refusals(tx, rules, doer, now, key.event_number)
    return next((one for one in found if one.product_id == key.product_id), None)


async def attempts_with_pack(
    tx: Transaction,
    rules: AlertRules,
    doer: Doer,
    now: datetime,
    *,
    scheme: str,
    product_code: str,
    serial_number: str,
) -> list[Attempt]:
    """What the doer may mean who asks about a pack: its refused operations or, where there is none, the open alerts
    of the last weeks with the same product. Where a scanner changed the data, what was sent is not on the pack.
    """
    key = serial_key(serial_number)
    values = await _values(tx, rules, doer, now) | {"scheme": scheme, "product_code": product_code}
    if key is not None:
        found = await _read(tx, "attempts_with_pack", values | {"serial_key": key.hex()})
        if found:
            return found
    return await _read(tx, "alerts_with_product", values)


async def request_investigation(
    tx: Transaction, change: Change, attempt: Attempt, body: str
) -> AlertFile | Refusal:
    """Ask for the investigation of an own attempt. One without an alert gets its case by it.

    The request goes to the parties as a message, and the side that the table names for its kind is expected to answer.
    """
    if attempt.transaction_id is not None and attempt.alert_id is None:
        await cases.ask_for_investigation(
            tx,
            change,
            scheme=attempt.scheme,
            product_code=attempt.product_code,
            serial_number=attempt.serial_number,
            transaction_id=attempt.transaction_id,
        )
    file = await cases.own_file(tx, change.doer, attempt.reference, lock=True)
    if file.status is AlertStatus.CLOSED:
        return Refusal.IS_CLOSED
    if file.status in _NOT_BEGUN:
        decided = decide_status(
            change.rules.alerts, file, change.doer, AlertStatus.UNDER_INVESTIGATION, change.now
        )
        if isinstance(decided, StatusChange):
            await files.set_status(tx, change, file, decided)
    said = await talking.send_message(tx, change, attempt.reference, body)
    if isinstance(said, Refusal):
        return said
    asked = first_contact(change.rules.alerts, file.kind, has_obp=file.obp_organisation_id is not None)
    await files.expect_answer(tx, change, file.key, asked, [Deadline.EXPECTED_ANSWER], change.now)
    return await cases.own_file(tx, change.doer, attempt.reference)


def first_contact(rules: AlertRules, kind: AlertKind, *, has_obp: bool) -> Side:
    """Whom an end user asks first. The OBP answers for its MAHs; for a product that nobody has, the NMVO does."""
    side = rules.first_contacts[kind]
    if side is Side.NMVO or not has_obp:
        return Side.NMVO
    return Side.OBP


async def _attempt_of(tx: Transaction, file: AlertFile) -> Attempt:
    row = await (await tx.execute(_SQL["place_and_scheme"], msgspec.to_builtins(file.key))).fetchone()
    assert row is not None, "the caller has it from there"
    return Attempt(
        product_id=file.key.product_id,
        event_number=file.key.event_number,
        alert_id=file.alert_id,
        recorded_at=file.recorded_at,
        location_id=file.location_id or 0,
        location_name=row[1] or "",
        operation_code=file.operation_code,
        scheme=row[0],
        product_code=file.product_code,
        serial_number=file.serial_number,
        batch=file.batch,
        expiry=file.expiry,
    )


async def _refusals(
    tx: Transaction, rules: AlertRules, doer: Doer, now: datetime, event_number: int | None
) -> list[Attempt]:
    values = await _values(tx, rules, doer, now) | {"event_number": event_number}
    return await _read(tx, "own_refusals", values)


async def _values(tx: Transaction, rules: AlertRules, doer: Doer, now: datetime) -> dict[str, Any]:
    return {
        "location_ids": sorted(await own_locations(tx, doer)),
        "codes": list(rules.kinds),
        "since": now - timedelta(days=REFUSALS_DAYS),
        "at_most": ATTEMPTS_MAX,
    }


async def _read(tx: Transaction, query: str, values: Mapping[str, Any]) -> list[Attempt]:
    cursor = await tx.cursor(row_factory=class_row(Attempt)).execute(_SQL[query], values)
    found: Sequence[Attempt] = await cursor.fetchall()
    return list(found)
