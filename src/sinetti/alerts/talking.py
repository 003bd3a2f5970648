"""What the parties of a case say to each other, and what each notes for itself alone.

Use cases as in `cases`: found, locked and judged in the caller's transaction, with a `Refusal` where it is not done.
"""

from __future__ import annotations

from typing import Final

from sinetti.alerts import files
from sinetti.alerts.cases import ASKED, own_file
from sinetti.alerts.contacts import alerts_elsewhere
from sinetti.alerts.decide import side_of
from sinetti.alerts.files import Change
from sinetti.alerts.model import MESSAGE_CHARACTERS_MAX, AlertFile, CaseKey
from sinetti.alerts.view import MessageSeen
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.vocabulary import AlertStatus, Notice, Party, Refusal, Side

_SQL = load_queries("sinetti.alerts.store", "cases.sql")
_END_USERS: Final = frozenset({Party.END_USER_LOCATION, Party.END_USER_ORGANISATION})


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
        await files.expect_answer(tx, change, file.key, Side.END_USER, ASKED, change.now)
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
            location_name=row[10],
        )
        for row in await (await tx.execute(_SQL["messages_of_case"], values)).fetchall()
    ]
