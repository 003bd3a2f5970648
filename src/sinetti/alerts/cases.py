"""What people do with alerts and cases: open, answer, move, classify, close. `talking` and `register` are beside it.

Each use case is one procedure in the caller's transaction: find and lock, judge by the tables, write with history. A
change that is not made comes back as a `Refusal`, which has a sentence for the person. What is not the doer's matter is
as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from sinetti.alerts import files
from sinetti.alerts.decide import (
    decide_classification,
    decide_investigation,
    decide_status,
    is_of,
    side_of,
)
from sinetti.alerts.files import Change
from sinetti.alerts.intake import open_files
from sinetti.alerts.model import (
    COMMENT_CHARACTERS_MAX,
    AlertFile,
    Doer,
    FileKey,
    StatusChange,
)
from sinetti.alerts.store.rows import event_of_transaction
from sinetti.identity.people.model import OF_MAH_OBP, PeopleRole, SignedIn
from sinetti.kit.db import Transaction, load_queries
from sinetti.kit.problems import Problem
from sinetti.nmvs.store.serial_key import serial_key
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Classification,
    ClosingReason,
    Deadline,
    InvestigationStatus,
    Party,
    Refusal,
    Side,
)

_SQL = load_queries("sinetti.alerts.store", "cases.sql")
ASKED: Final = (Deadline.REMINDER_FIRST, Deadline.REMINDER_SECOND, Deadline.CLOSE_WITHOUT_ANSWER)
"""What somebody who was asked a question is held to."""


def party_of(role: PeopleRole) -> Party:
    """For which party somebody acts. People of an OBP act as the OBP, which answers for its MAHs, too."""
    return {
        PeopleRole.LOCATION_USER: Party.END_USER_LOCATION,
        PeopleRole.ORGANISATION_MAIN_USER: Party.END_USER_ORGANISATION,
        PeopleRole.AUTHORITY_INSPECTOR: Party.AUTHORITY,
    }.get(role, Party.OBP if role in OF_MAH_OBP else Party.OPERATOR)


def doer_of(who: SignedIn) -> Doer:
    """Whoever is signed in, as a party."""
    return Doer(
        party=party_of(who.role),
        user_id=who.user_id,
        user_name=who.name,
        organisation_id=who.organisation_id,
        location_ids=who.location_ids,
    )


# ---------------------------------------------------------------- one alert


async def open_alert(tx: Transaction, change: Change, alert_id: str) -> AlertFile:
    """The alert for somebody who looks at it. The first one to open it, of those who handle it, makes it active."""
    file = await own_file(tx, change.doer, alert_id, lock=True)
    decided = decide_status(change.rules.alerts, file, change.doer, AlertStatus.ACTIVE, change.now)
    if file.status is not AlertStatus.NEW or isinstance(decided, Refusal):
        return file
    await files.set_status(tx, change, file, decided)
    return await _again(tx, file)


async def change_status(
    tx: Transaction,
    change: Change,
    alert_id: str,
    to: AlertStatus,
    *,
    reason: ClosingReason | None = None,
    comment: str | None = None,
    seen: int | None = None,
) -> AlertFile | Refusal:
    """Move an alert to another status: close and reopen it, escalate it, put it under investigation."""
    file = await own_file(tx, change.doer, alert_id, lock=True)
    if seen not in {None, file.changes}:
        return Refusal.CHANGED_MEANWHILE
    decided = decide_status(
        change.rules.alerts, file, change.doer, to, change.now, reason=reason, comment=comment
    )
    if isinstance(decided, Refusal):
        return decided
    await files.set_status(tx, change, file, decided)
    return await _again(tx, file)


async def investigate(
    tx: Transaction,
    change: Change,
    alert_id: str,
    side: Side,
    to: InvestigationStatus,
    *,
    comment: str | None = None,
) -> AlertFile | Refusal:
    """Say for one's side whether the cause was there. The first answer puts the alert under investigation."""
    file = await own_file(tx, change.doer, alert_id, lock=True)
    decided = decide_investigation(change.rules.alerts, file, change.doer, side, to, comment=comment)
    if isinstance(decided, Refusal):
        return decided
    await files.set_investigation(tx, change, file, decided)
    return await _again(tx, file)


async def hand_over(tx: Transaction, change: Change, alert_id: str) -> AlertFile | Refusal:
    """Say that it is not one's own error: the others are asked, and are told when they do not answer in time."""
    side = side_of(change.doer.party)
    if side is None:
        return Refusal.NOT_FOR_THIS_PARTY
    done = await investigate(tx, change, alert_id, side, InvestigationStatus.NO_CAUSE_ON_MY_SIDE)
    if isinstance(done, Refusal):
        return done
    asked = Side.OBP if side is Side.END_USER else Side.END_USER
    await files.expect_answer(tx, change, done.key, asked, ASKED, change.now)
    return await _again(tx, done)


async def classify(
    tx: Transaction, change: Change, alert_id: str, to: Classification, *, comment: str
) -> AlertFile | Refusal:
    """Classify an alert. A confirmed falsification opens the class 1 product defect process and tells the authority."""
    file = await own_file(tx, change.doer, alert_id, lock=True)
    decided = decide_classification(change.rules.alerts, file, change.doer, to, comment=comment)
    if isinstance(decided, Refusal):
        return decided
    await files.set_classification(tx, change, file, decided)
    return await _again(tx, file)


async def own_file(tx: Transaction, doer: Doer, alert_id: str, *, lock: bool = False) -> AlertFile:
    """The alert, where it is the doer's matter. Problem: `unknown-alert`."""
    file = await files.find_file(tx, alert_id, lock=lock)
    if file is None or not is_of(file, doer):
        raise Problem("unknown-alert", 404, alert_id=alert_id)
    return file


async def _again(tx: Transaction, file: AlertFile) -> AlertFile:
    (now,) = await files.read_files(tx, [file.key])
    return now


# ---------------------------------------------------------------- a refusal that somebody wants investigated


async def ask_for_investigation(
    tx: Transaction,
    change: Change,
    *,
    scheme: str,
    product_code: str,
    serial_number: str,
    transaction_id: str,
) -> AlertFile:
    """Open a case for one of the doer's own operations that was refused without an alert (NMVO-0048 §6.8, §6.9).

    What was asked before, or is an alert, is found again. The case is that of the pack, with its alerts.
    """
    key = serial_key(serial_number)
    event = await event_of_transaction(
        tx,
        scheme=scheme,
        product_code=product_code,
        serial_key=None if key is None else key.hex(),
        transaction_id=transaction_id,
    )
    known = event is not None and event["operation_code"] in change.rules.alerts.kinds
    if event is None or not known or not is_own_event(event, change.doer):
        raise Problem("unknown-alert", 404, alert_id=transaction_id)
    file_key = FileKey(event["product_id"], event["event_number"])
    await open_files(tx, change.rules, [event], change.now)
    (file,) = await files.lock_files(tx, [file_key])
    if file.status is AlertStatus.NEW:
        decided = decide_status(
            change.rules.alerts, file, change.doer, AlertStatus.UNDER_INVESTIGATION, change.now
        )
        if isinstance(decided, StatusChange):
            await files.set_status(tx, change, file, decided)
            await files.expect_answer(tx, change, file.key, Side.NMVO, [Deadline.EXPECTED_ANSWER], change.now)
    return await _again(tx, file)


def is_own_event(event: Mapping[str, object], doer: Doer) -> bool:
    """Whether an event, or whatever else has a location and an organisation, is the doer's matter."""
    if doer.party is Party.END_USER_LOCATION:
        return event["location_id"] in doer.location_ids
    if doer.party is Party.END_USER_ORGANISATION:
        return event["organisation_id"] == doer.organisation_id
    return doer.party is Party.OPERATOR


async def change_status_of(
    tx: Transaction,
    change: Change,
    key: FileKey,
    to: AlertStatus,
    *,
    reason: ClosingReason | None = None,
    comment: str | None = None,
) -> AlertFile | Refusal:
    """The same as `change_status`, for what has no alert id."""
    found = await files.lock_files(tx, [key])
    if not found or not is_of(found[0], change.doer):
        raise Problem("unknown-alert", 404, alert_id=str(key.event_number))
    decided = decide_status(
        change.rules.alerts, found[0], change.doer, to, change.now, reason=reason, comment=comment
    )
    if isinstance(decided, Refusal):
        return decided
    await files.set_status(tx, change, found[0], decided)
    return await _again(tx, found[0])


# ---------------------------------------------------------------- guidance


async def tick_step(
    tx: Transaction, change: Change, alert_id: str, step: str, *, done: bool
) -> Refusal | None:
    """Tick a step of the guidance off for one's side, or take the tick away."""
    file = await own_file(tx, change.doer, alert_id)
    side = side_of(change.doer.party)
    if side is None or not _has_step(change.rules.alerts, file, step):
        return Refusal.NOT_FOR_THIS_PARTY
    values = {
        "product_id": file.key.product_id,
        "event_number": file.key.event_number,
        "side": side,
        "step": step,
        "now": change.now,
        "user_id": change.doer.user_id,
        "equipment_id": change.doer.equipment_id,
    }
    await tx.execute(_SQL["tick_step" if done else "untick_step"], values)
    return None


def _has_step(rules: AlertRules, file: AlertFile, step: str) -> bool:
    return any(
        row.step == step for (kind, _), rows in rules.guidance.items() if kind is file.kind for row in rows
    )


async def steps_done(tx: Transaction, file: AlertFile, side: Side) -> frozenset[str]:
    """Steps that a side has ticked off."""
    values = {"product_id": file.key.product_id, "event_number": file.key.event_number, "side": side}
    return frozenset(row[0] for row in await (await tx.execute(_SQL["steps_done"], values)).fetchall())


# ---------------------------------------------------------------- the pack's trail


async def note_trail_read(tx: Transaction, change: Change, alert_id: str, ground: str) -> AlertFile | Refusal:
    """Record on which ground somebody reads the audit trail of the alert's pack, before it is shown.

    Delegated Regulation (EU) 2016/161 art. 38(2): the operator reads it only to investigate a flagged potential
    falsification, which the alert is, or with the owner's consent; art. 39: the authority in its supervision.
    """
    file = await own_file(tx, change.doer, alert_id)
    if change.doer.party not in {Party.OPERATOR, Party.AUTHORITY}:
        return Refusal.NOT_FOR_THIS_PARTY
    ground = ground.strip()
    if not ground:
        return Refusal.COMMENT_MISSING
    await files.add_history(
        tx, change, file, "trail_read", after="read", comment=ground[:COMMENT_CHARACTERS_MAX]
    )
    return file
