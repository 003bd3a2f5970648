"""Tells of times: of answers that are due soon, asked for again or overdue, and of late requests to other countries.

Each is told once. What is told to whom is `notices.csv`, and how long before `deadline_warnings.csv`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sinetti.alerts import files
from sinetti.alerts.files import Change
from sinetti.alerts.model import SYSTEM, AlertFile, FileKey
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import Deadline, Notice, Side
from sinetti.rules.types import Rules

TOLD_AT_ONCE: Final = 200

_SQL = load_queries("sinetti.alerts.store", "deadlines.sql")


async def tell_of_deadlines(
    tx: Transaction, rules: Rules, now: datetime, *, at_once: int = TOLD_AT_ONCE
) -> int:
    """Tell those concerned that an answer is asked for again, or overdue; how many deadlines there were."""
    cursor = await tx.execute(_SQL["due_deadlines"], {"now": now, "at_once": at_once})
    due = await cursor.fetchall()
    known = await _files(tx, due)
    change = Change(rules=rules, doer=SYSTEM, now=now)
    for product_id, event_number, deadline, side in due:
        file = known[FileKey(product_id, event_number)]
        await files.tell_of_deadline(tx, change, file, Deadline(deadline), Side(side))
    return len(due)


async def warn_of_deadlines(
    tx: Transaction, rules: Rules, now: datetime, *, at_once: int = TOLD_AT_ONCE
) -> int:
    """Remind each side of answers that it owes before they are due; how many deadlines there were."""
    before = warned_before(rules.alerts)
    if not before:
        return 0
    values = {
        "now": now,
        "latest": now + max(before.values()),
        "deadlines": list(before),
        "before": list(before.values()),
        "at_once": at_once,
    }
    coming = await (await tx.execute(_SQL["coming_deadlines"], values)).fetchall()
    known = await _files(tx, coming)
    change = Change(rules=rules, doer=SYSTEM, now=now)
    for product_id, event_number, deadline, side in coming:
        of_deadline = {
            "product_id": product_id,
            "event_number": event_number,
            "deadline": deadline,
            "side": side,
            "now": now,
        }
        await tx.execute(_SQL["note_warned"], of_deadline)
        file = known[FileKey(product_id, event_number)]
        await files.add_notices_to_side(tx, change, file, Notice.ANSWER_DUE_SOON, Side(side))
    return len(coming)


def warned_before(rules: AlertRules) -> dict[Deadline, timedelta]:
    """How long before each deadline a side is reminded. One that is no longer than that has no reminder. Pure."""
    return {
        deadline: timedelta(hours=hours)
        for deadline, hours in rules.warnings.items()
        if hours < rules.deadlines[deadline]
    }


async def tell_of_late_requests(
    tx: Transaction, rules: Rules, now: datetime, *, at_once: int = TOLD_AT_ONCE
) -> int:
    """Tell the operator of requests to other countries that were not answered in time; how many there were."""
    cursor = await tx.execute(_SQL["late_requests"], {"now": now, "at_once": at_once})
    late = await cursor.fetchall()
    known = await _files(tx, late)
    change = Change(rules=rules, doer=SYSTEM, now=now)
    for product_id, event_number in late:
        await files.add_notices(
            tx, change, known[FileKey(product_id, event_number)], Notice.TRAIL_REQUEST_LATE
        )
    return len(late)


async def _files(tx: Transaction, rows: Sequence[Any]) -> dict[FileKey, AlertFile]:
    """The alerts that rows begin with the key of."""
    keys = sorted({(row[0], row[1]) for row in rows})
    return {file.key: file for file in await files.read_files(tx, [FileKey(*key) for key in keys])}
