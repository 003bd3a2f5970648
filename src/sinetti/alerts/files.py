"""Alerts under management in PostgreSQL: reads and locks them, writes each change with its history. Judges nothing."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

import msgspec
from psycopg.rows import TupleRow

from sinetti.alerts.model import (
    AlertFile,
    CaseKey,
    ClassificationChange,
    Doer,
    FileKey,
    InvestigationChange,
    StatusChange,
    key_of_reference,
)
from sinetti.alerts.notices.asking import ask_for_hand_over
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.vocabulary import (
    AlertKind,
    AlertStatus,
    Classification,
    ClosingReason,
    Deadline,
    Effect,
    InvestigationStatus,
    Notice,
    Party,
    Side,
)
from sinetti.rules.types import Rules
from sinetti.rules.vocabulary import Cause

_SQL = load_queries("sinetti.alerts.store", "files.sql")
_INTAKE = load_queries("sinetti.alerts.store", "intake.sql")

ALERTS_OF_CASE_MAX = 1000


# ---------------------------------------------------------------- reading


async def read_files(tx: Transaction, keys: Sequence[FileKey]) -> list[AlertFile]:
    """The alerts as they stand, in the order of their key; those that are not there are left out."""
    cursor = await tx.execute(_SQL["read_files"], _keys(keys), prepare=True)
    return [_file(row) for row in await cursor.fetchall()]


async def lock_files(tx: Transaction, keys: Sequence[FileKey]) -> list[AlertFile]:
    """The same, locked until the transaction ends. Read only after the lock is had, so that nothing of it is old."""
    await tx.execute(_SQL["lock_files"], _keys(keys), prepare=True)
    return await read_files(tx, keys)


async def find_file(tx: Transaction, alert_id: str, *, lock: bool = False) -> AlertFile | None:
    """The alert with this id, or the refusal with this reference that somebody had investigated."""
    key = key_of_reference(alert_id)
    if key is None:
        row = await (await tx.execute(_SQL["key_of_alert"], {"alert_id": alert_id})).fetchone()
        if row is None:
            return None
        key = FileKey(row[0], row[1])
    keys = [key]
    found = await (lock_files(tx, keys) if lock else read_files(tx, keys))
    return found[0] if found else None


async def files_of_case(tx: Transaction, case: CaseKey) -> list[AlertFile]:
    """The alerts of a case, at most `ALERTS_OF_CASE_MAX`."""
    values = {"case_product_id": case.product_id, "case_id": case.case_id, "at_most": ALERTS_OF_CASE_MAX}
    cursor = await tx.execute(_SQL["files_of_case"], values)
    return await read_files(tx, [FileKey(row[0], row[1]) for row in await cursor.fetchall()])


async def files_of_pack(
    tx: Transaction, product_id: int, serial_key: str | None, serial_number: str
) -> list[AlertFile]:
    """All alerts about a pack."""
    values = {"product_id": product_id, "serial_key": serial_key, "serial_number": serial_number}
    cursor = await tx.execute(_SQL["files_of_pack"], values)
    return await read_files(tx, [FileKey(row[0], row[1]) for row in await cursor.fetchall()])


def _keys(keys: Sequence[FileKey]) -> dict[str, object]:
    return {
        "product_ids": [key.product_id for key in keys],
        "event_numbers": [key.event_number for key in keys],
    }


def _file(row: TupleRow) -> AlertFile:
    answered = [investigation.split(":") for investigation in row[26]]
    return AlertFile(
        key=FileKey(row[0], row[1]),
        case=CaseKey(row[2], row[3]),
        alert_id=row[4],
        recorded_at=row[5],
        kind=AlertKind(row[6]),
        operation=row[7],
        operation_code=row[8],
        product_code=row[9],
        serial_number=row[10],
        batch=row[11],
        expiry=row[12],
        entry_mode=row[13],
        location_id=row[14],
        organisation_id=row[15],
        obp_organisation_id=row[16],
        earlier_location_id=row[17],
        state_before=row[18],
        status=AlertStatus(row[19]),
        classification=Classification(row[20]),
        closing_reason=None if row[21] is None else ClosingReason(row[21]),
        closing_comment=row[22],
        closed_by_rule=row[23],
        cause=None if row[24] is None else Cause(row[24]),
        changes=row[25],
        investigations=MappingProxyType(
            {Side(side): InvestigationStatus(status) for side, status in answered}
        ),
        close_without_answer_at=row[27],
    )


# ---------------------------------------------------------------- changing


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds each change: who makes it, when, by which rules."""

    rules: Rules
    doer: Doer
    now: datetime


async def set_status(tx: Transaction, change: Change, file: AlertFile, status: StatusChange) -> None:
    """Give a locked alert another status. Its case closes with its last open alert, and opens with the first."""
    is_closing = status.to is AlertStatus.CLOSED
    values = {
        **_of(file.key),
        "to": status.to,
        "now": change.now,
        "reason": status.reason,
        "closing_comment": status.comment if is_closing else None,
        "rule_id": change.doer.rule_id if is_closing else None,
    }
    await tx.execute(_SQL["set_status"], values)
    await add_history(
        tx,
        change,
        file,
        "status",
        before=file.status,
        after=status.to,
        comment=status.comment,
        reason=status.reason,
    )
    await _touch(tx, change, file.case)
    if is_closing:
        await _meet(tx, change, file, list(Side))
        await _lock_case(tx, file.case)
        await tx.execute(_SQL["close_case_if_done"], _of_case(file.case) | {"now": change.now})
        await add_notices(tx, change, file, Notice.ALERT_CLOSED)
    elif file.status is AlertStatus.CLOSED:
        await _open_again(tx, change, file)
        await add_notices(tx, change, file, Notice.ALERT_REOPENED)
    if status.to is AlertStatus.ESCALATED:
        await add_notices(tx, change, file, Notice.ALERT_ESCALATED)


async def _open_again(tx: Transaction, change: Change, file: AlertFile) -> None:
    """Open the case too; where one of the same kin was opened meanwhile, the alert goes there."""
    _, kin_key, is_open, _ = await _lock_case(tx, file.case)
    if is_open:
        return
    cursor = await tx.execute(_SQL["reopen_case"], _of_case(file.case))
    if cursor.rowcount == 0:
        kin = {"product_id": file.case.product_id, "kin_key": kin_key}
        row = await (await tx.execute(_SQL["open_case_of_kin"], kin)).fetchone()
        assert row is not None, "reopen_case found it"
        await move_to_case(tx, change, file, CaseKey(row[0], row[1]))


async def move_to_case(tx: Transaction, change: Change, file: AlertFile, case: CaseKey) -> None:
    """Put a locked alert into another case; one that is left empty is closed."""
    values = _of(file.key) | {"case_product_id": case.product_id, "case_id": case.case_id}
    await tx.execute(_INTAKE["move_to_case"], values)
    await tx.execute(_INTAKE["remove_if_empty"], _of_case(file.case) | {"now": change.now})
    moved = msgspec.structs.replace(file, case=case)
    await add_history(tx, change, moved, "case", before=str(file.case.case_id), after=str(case.case_id))


async def set_investigation(
    tx: Transaction, change: Change, file: AlertFile, investigation: InvestigationChange
) -> None:
    """Write down what a side says of the cause of a locked alert."""
    values = _of(file.key) | {"side": investigation.side, "to": investigation.to, "now": change.now}
    before = file.investigations.get(investigation.side, InvestigationStatus.NONE)
    is_nothing = investigation.to is InvestigationStatus.NONE
    await tx.execute(_SQL["take_back_investigation" if is_nothing else "set_investigation"], values)
    await add_history(
        tx, change, file, "investigation",
        side=investigation.side, before=before, after=investigation.to, comment=investigation.comment,
    )  # fmt: skip
    if investigation.to not in {InvestigationStatus.NONE, InvestigationStatus.PENDING}:
        both = {Side.MAH, Side.OBP}
        await _meet(tx, change, file, both if investigation.side in both else [investigation.side])
        await add_notices(tx, change, file, Notice.INVESTIGATION_ANSWERED)
    await _touch(tx, change, file.case)
    if investigation.status is not None:
        await set_status(tx, change, file, investigation.status)


async def set_classification(
    tx: Transaction, change: Change, file: AlertFile, classification: ClassificationChange
) -> None:
    """Give a locked alert another class, with what that brings about."""
    await tx.execute(_SQL["set_classification"], _of(file.key) | {"to": classification.to})
    await add_history(
        tx, change, file, "classification",
        before=file.classification, after=classification.to, comment=classification.comment,
    )  # fmt: skip
    await _touch(tx, change, file.case)
    if (
        classification.to is Classification.SUSPICION
        and file.classification is Classification.POTENTIAL_SUSPICION
    ):
        await add_notices(tx, change, file, Notice.SUSPICION_CLASSIFIED)
    for effect in classification.effects:
        await _bring_about(tx, change, file, effect, classification)
    if classification.status is not None:
        await set_status(tx, change, file, classification.status)


async def _bring_about(
    tx: Transaction, change: Change, file: AlertFile, effect: Effect, classification: ClassificationChange
) -> None:
    match effect:
        case Effect.OPEN_DEFECT_CLASS_1:
            await tx.execute(_SQL["open_defect"], _of(file.key) | {"now": change.now})
            await add_history(tx, change, file, "defect", after="opened")
        case Effect.END_DEFECT:
            await tx.execute(_SQL["end_defect"], _of(file.key) | {"now": change.now})
            await add_history(tx, change, file, "defect", before="opened", after="ended")
        case Effect.TELL_AUTHORITY:
            if classification.to is Classification.CONFIRMED_FALSIFICATION:
                await add_notices(tx, change, file, Notice.FALSIFICATION_CONFIRMED)
        case Effect.TELL_OF_CORRECTION:
            await add_notices(tx, change, file, Notice.CLASSIFICATION_CORRECTED)
        case Effect.ESCALATE:
            """The change of status beside it does that."""


# ---------------------------------------------------------------- history, notices, deadlines


async def add_history(
    tx: Transaction,
    change: Change,
    file: AlertFile,
    what: str,
    *,
    after: str,
    before: str | None = None,
    side: Side | None = None,
    comment: str | None = None,
    reason: ClosingReason | None = None,
) -> None:
    """Add an entry to the history of an alert."""
    doer = change.doer
    await tx.execute(
        _SQL["add_history"],
        {
            **_of(file.key),
            "case_product_id": file.case.product_id,
            "case_id": file.case.case_id,
            "now": change.now,
            "change": what,
            "side": side,
            "before": before,
            "after": after,
            "closing_reason": reason,
            "comment": comment,
            "party": doer.party,
            "user_id": doer.user_id,
            "equipment_id": doer.equipment_id,
            "user_name": doer.user_name,
            "organisation_id": doer.organisation_id,
            "rule_id": doer.rule_id,
            "rules_version": change.rules.version,
            "transaction_id": doer.transaction_id,
        },
    )


async def add_notices(
    tx: Transaction,
    change: Change,
    file: AlertFile,
    notice: Notice,
    *,
    only: frozenset[Party] | None = None,
) -> None:
    """Queue what the parties must hear, but for the one that did it; of those that `only` names, where it is there. OBP
    and MAH are one organisation here.
    """
    for recipient in recipients(change.rules, file, notice):
        if recipient.party is not change.doer.party and (only is None or recipient.party in only):
            await _add_notice(tx, change, file, notice, recipient)
    await ask_for_hand_over(tx)


async def add_notices_to_users(tx: Transaction, change: Change, file: AlertFile, notice: Notice) -> None:
    """The same for the location and organisation of the alert alone: the others hear of it by another alert."""
    for recipient in recipients(change.rules, file, notice):
        if recipient.location_id is not None or recipient.party is Party.END_USER_ORGANISATION:
            await _add_notice(tx, change, file, notice, recipient)


async def _add_notice(
    tx: Transaction, change: Change, file: AlertFile, notice: Notice, recipient: Recipient
) -> None:
    values = _of(file.key) | {"notice": notice, "now": change.now} | msgspec.to_builtins(recipient)
    await tx.execute(_INTAKE["add_notice"], values)


class Recipient(msgspec.Struct, frozen=True, kw_only=True):
    """Who hears."""

    party: Party
    organisation_id: int | None = None
    location_id: int | None = None


def recipients(rules: Rules, file: AlertFile, notice: Notice) -> Iterable[Recipient]:
    """Who hears of something about an alert, by the table."""
    who = rules.alerts.notices[notice]
    if Party.END_USER_LOCATION in who and file.location_id is not None:
        yield Recipient(
            party=Party.END_USER_LOCATION, organisation_id=file.organisation_id, location_id=file.location_id
        )
    if Party.END_USER_ORGANISATION in who and file.organisation_id is not None:
        yield Recipient(party=Party.END_USER_ORGANISATION, organisation_id=file.organisation_id)
    if who & {Party.MAH, Party.OBP} and file.obp_organisation_id is not None:
        yield Recipient(party=Party.OBP, organisation_id=file.obp_organisation_id)
    for party in (Party.OPERATOR, Party.OTHER_OPERATOR, Party.AUTHORITY):
        if party in who:
            yield Recipient(party=party)


async def expect_answer(
    tx: Transaction, change: Change, key: FileKey, side: Side, deadlines: Sequence[Deadline], since: datetime
) -> None:
    """Note when a side's answer is due. One that is waited for already stays as it is."""
    for deadline in deadlines:
        hours = change.rules.alerts.deadlines[deadline]
        values = _of(key) | {"deadline": deadline, "side": side, "due_at": since + timedelta(hours=hours)}
        await tx.execute(_INTAKE["add_deadline"], values)


async def tell_of_deadline(
    tx: Transaction, change: Change, file: AlertFile, deadline: Deadline, side: Side
) -> None:
    """Queue the reminder for a side whose answer is due, or tell all of them that it is overdue; once."""
    values = _of(file.key) | {"deadline": deadline, "side": side, "now": change.now}
    await tx.execute(_INTAKE["note_told"], values)
    if deadline is Deadline.CLOSE_WITHOUT_ANSWER:
        return
    notice = Notice.ANSWER_OVERDUE if deadline is Deadline.EXPECTED_ANSWER else Notice.ANSWER_REMINDER
    await add_notices(tx, change, file, notice, only=frozenset({_OF_SIDE[side], Party.OPERATOR}))


async def add_notices_to_side(
    tx: Transaction, change: Change, file: AlertFile, notice: Notice, side: Side
) -> None:
    """The same for the party alone that speaks for a side."""
    await add_notices(tx, change, file, notice, only=frozenset({_OF_SIDE[side]}))


_OF_SIDE: Final = {
    Side.END_USER: Party.END_USER_LOCATION,
    Side.MAH: Party.OBP,
    Side.OBP: Party.OBP,
    Side.NMVO: Party.OPERATOR,
}


async def _meet(tx: Transaction, change: Change, file: AlertFile, sides: Iterable[Side]) -> None:
    await tx.execute(_SQL["meet_deadlines"], _of(file.key) | {"sides": list(sides), "now": change.now})


async def answered(tx: Transaction, change: Change, file: AlertFile, side: Side) -> None:
    """A side has answered: nothing is due of it any more."""
    await _meet(tx, change, file, [side])


async def _touch(tx: Transaction, change: Change, case: CaseKey) -> None:
    if change.doer.party is not Party.SYSTEM:
        await tx.execute(_SQL["touch_case"], _of_case(case) | {"now": change.now})


async def touch_case(tx: Transaction, change: Change, case: CaseKey) -> None:
    """A person has done something in the case: its alerts stay together from here on."""
    await _touch(tx, change, case)


async def _lock_case(tx: Transaction, case: CaseKey) -> TupleRow:
    row = await (await tx.execute(_SQL["lock_case"], _of_case(case))).fetchone()
    assert row is not None, "an alert always has a case"
    return row


async def case_is_touched(tx: Transaction, case: CaseKey) -> bool:
    """Whether a person has done something in the case. Locks it."""
    return bool((await _lock_case(tx, case))[3])


def _of(key: FileKey) -> dict[str, object]:
    return {"product_id": key.product_id, "event_number": key.event_number}


def _of_case(case: CaseKey) -> dict[str, object]:
    return {"product_id": case.product_id, "case_id": case.case_id}
