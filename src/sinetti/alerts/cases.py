"""What people do with alerts and cases: open, answer, move, classify, close, talk, set packs aside.

Each use case is one procedure in the caller's transaction: find and lock, judge by the tables, write with history. A
change that is not made comes back as a `Refusal`, which has a sentence for the person. What is not the doer's matter is
as if it were not there.
"""

from __future__ import annotations

from collections.abc import Mapping

from sinetti.alerts import files
from sinetti.alerts.contacts import alerts_elsewhere
from sinetti.alerts.decide import (
    decide_classification,
    decide_investigation,
    decide_set_aside_end,
    decide_status,
    is_of,
    side_of,
)
from sinetti.alerts.files import Change
from sinetti.alerts.intake import open_files
from sinetti.alerts.model import (
    COMMENT_CHARACTERS_MAX,
    MESSAGE_CHARACTERS_MAX,
    AlertFile,
    CaseKey,
    Doer,
    FileKey,
    StatusChange,
)
from sinetti.alerts.register import alerts_of_pack_at
from sinetti.alerts.store.rows import event_of_transaction
from sinetti.alerts.view import MessageSeen
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
    Notice,
    Party,
    Refusal,
    SetAsideEnd,
    Side,
)

_SQL = load_queries("sinetti.alerts.store", "cases.sql")
_END_USERS = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})
_ASKED = (Deadline.REMINDER_FIRST, Deadline.REMINDER_SECOND, Deadline.CLOSE_WITHOUT_ANSWER)


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
    await files.expect_answer(tx, change, done.key, asked, _ASKED, change.now)
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
    if event is None or not known or not _is_own_event(event, change.doer):
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


def _is_own_event(event: Mapping[str, object], doer: Doer) -> bool:
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


# ---------------------------------------------------------------- talking


async def send_message(
    tx: Transaction, change: Change, alert_id: str, body: str, *, to_all: bool = False
) -> int | Refusal:
    """Say something to the parties of the alert's case.

    It stays between the alert's location, the MAH or OBP and the operator; `to_all` sends it to every location of the
    case, which only those who are no end users can. An end user who was asked has answered with it, and whoever asks
    an end user is reminded of it when nothing comes.
    """
    file = await own_file(tx, change.doer, alert_id, lock=True)
    if change.doer.party is Party.AUTHORITY or (to_all and change.doer.party in _END_USERS):
        return Refusal.NOT_FOR_THIS_PARTY
    if refusal := _refuses_body(body):
        return refusal
    number = await _say(tx, change, file, body, None if to_all else file.location_id, is_note=False)
    side = side_of(change.doer.party)
    if side is not None:
        await files.answered(tx, change, file, side)
    if change.doer.party not in _END_USERS and file.status is not AlertStatus.CLOSED:
        await files.expect_answer(tx, change, file.key, Side.END_USER, _ASKED, change.now)
    await files.add_notices(tx, change, file, Notice.MESSAGE_SENT)
    if to_all:
        for elsewhere in await alerts_elsewhere(tx, file):
            await files.add_notices_to_users(tx, change, elsewhere, Notice.MESSAGE_SENT)
    return number


async def add_note(tx: Transaction, change: Change, alert_id: str, body: str) -> int | Refusal:
    """Write down something that stays inside one's own organisation."""
    file = await own_file(tx, change.doer, alert_id)
    if change.doer.party is Party.AUTHORITY:
        return Refusal.NOT_FOR_THIS_PARTY
    if refusal := _refuses_body(body):
        return refusal
    return await _say(tx, change, file, body, file.location_id, is_note=True)


def _refuses_body(body: str) -> Refusal | None:
    if not body.strip():
        return Refusal.MESSAGE_EMPTY
    return Refusal.COMMENT_TOO_LONG if len(body) > MESSAGE_CHARACTERS_MAX else None


async def _say(
    tx: Transaction, change: Change, file: AlertFile, body: str, location_id: int | None, *, is_note: bool
) -> int:
    doer = change.doer
    cursor = await tx.execute(
        _SQL["add_message"],
        {
            "product_id": file.case.product_id,
            "case_id": file.case.case_id,
            "now": change.now,
            "party": doer.party,
            "event_number": file.key.event_number,
            "location_id": location_id,
            "obp_organisation_id": file.obp_organisation_id,
            "is_note": is_note,
            "body": body.strip(),
            "user_id": doer.user_id,
            "equipment_id": doer.equipment_id,
            "user_name": doer.user_name,
            "organisation_id": doer.organisation_id,
        },
    )
    row = await cursor.fetchone()
    assert row is not None, "an insert returns its row"
    await files.touch_case(tx, change, file.case)
    return int(row[0])


# ---------------------------------------------------------------- packs set aside


async def set_pack_aside(
    tx: Transaction, change: Change, alert_id: str, *, place: str | None = None
) -> int | Refusal:
    """Enter the alert's pack into its location's register; the number that it has there, for its label."""
    file = await own_file(tx, change.doer, alert_id)
    if change.doer.party not in _END_USERS or file.location_id is None:
        return Refusal.NOT_FOR_THIS_PARTY
    cursor = await tx.execute(
        _SQL["set_aside"],
        {
            "product_id": file.key.product_id,
            "event_number": file.key.event_number,
            "location_id": file.location_id,
            "organisation_id": file.organisation_id,
            "product_code": file.product_code,
            "serial_number": file.serial_number,
            "batch": file.batch,
            "expiry": file.expiry,
            "place": (place or "").strip()[:COMMENT_CHARACTERS_MAX] or None,
            "now": change.now,
            "user_id": change.doer.user_id,
            "equipment_id": change.doer.equipment_id,
            "user_name": change.doer.user_name,
        },
    )
    row = await cursor.fetchone()
    if row is None:
        return Refusal.ALREADY_SO
    await files.add_history(tx, change, file, "set_aside", after="set_aside", comment=place)
    return int(row[0])


async def end_set_aside(
    tx: Transaction,
    change: Change,
    product_id: int,
    set_aside_id: int,
    end: SetAsideEnd,
    *,
    comment: str | None = None,
    agreed_with_mah: bool = False,
) -> Refusal | None:
    """Take a pack out of the register, if what is known of its alerts lets it leave like this."""
    of_pack = {"product_id": product_id, "set_aside_id": set_aside_id}
    row = await (await tx.execute(_SQL["lock_set_aside"], of_pack)).fetchone()
    doer = change.doer
    if row is None or not _is_own_event({"location_id": row[1], "organisation_id": row[2]}, doer):
        raise Problem("unknown-pack-set-aside", 404, number=set_aside_id)
    if doer.party not in _END_USERS:
        return Refusal.NOT_FOR_THIS_PARTY
    if not row[5]:
        return Refusal.NOT_SET_ASIDE
    own = await alerts_of_pack_at(tx, product_id, row[4], row[1])
    refusal = decide_set_aside_end(change.rules.alerts, end, own, agreed_with_mah=agreed_with_mah)
    if refusal:
        return refusal
    said = (comment or "").strip()[:COMMENT_CHARACTERS_MAX] or None
    values = {
        "now": change.now,
        "end": end,
        "comment": said,
        "agreed": agreed_with_mah,
        "user_id": doer.user_id,
        "equipment_id": doer.equipment_id,
        "user_name": doer.user_name,
    }
    await tx.execute(_SQL["end_set_aside"], of_pack | values)
    for alert in own:
        if alert.key.event_number == row[3]:
            await files.add_history(
                tx, change, alert, "set_aside", before="set_aside", after=end, comment=said
            )
    return None


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


async def messages_of_case(tx: Transaction, case: CaseKey) -> list[MessageSeen]:
    """Everything said in a case, notes of all organisations among it: only `view_for` may show it."""
    values = {"product_id": case.product_id, "case_id": case.case_id}
    return [
        MessageSeen(
            number=row[0],
            sent_at=row[1],
            party=Party(row[2]),
            location_id=row[4],
            obp_organisation_id=row[5],
            is_note=row[6],
            body=row[7],
            person=row[8],
            organisation_id=row[9],
        )
        for row in await (await tx.execute(_SQL["messages_of_case"], values)).fetchall()
    ]
