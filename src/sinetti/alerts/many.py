"""One change of many alerts: what it would do with each, and then doing it.

Whoever changes many has not read each, so what asks for a look of its own is refused here although the same person may
do it on the page of the alert: `Refusal.ONE_BY_ONE`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString

import msgspec

from sinetti.alerts import files
from sinetti.alerts.assignments import (
    NOBODY,
    Assignee,
    AssignmentChange,
    assigned_to,
    decide_assignment,
    set_assignment,
)
from sinetti.alerts.decide import decide_classification, decide_investigation, decide_status, is_of
from sinetti.alerts.files import Change
from sinetti.alerts.model import (
    AlertFile,
    ClassificationChange,
    Doer,
    FileKey,
    InvestigationChange,
    StatusChange,
)
from sinetti.alerts.root_cause.model import Bar
from sinetti.alerts.searching import Search, conditions
from sinetti.kit.db import Transaction, load_queries
from sinetti.rules.alerts.types import AlertRules
from sinetti.rules.alerts.vocabulary import (
    AlertStatus,
    Classification,
    ClosingReason,
    InvestigationStatus,
    Refusal,
    Side,
)

_SQL = load_queries("sinetti.alerts.store", "many.sql")

BULK_ALERTS_MAX: Final = 500
"""Of one change, which is one transaction: it holds the locks of all of them."""
LOOK_AT_EACH: Final = (Bar.HIGH_RISK, Bar.OTHER_LOCATION)
"""Guard rails of the analysis that no bulk change closes over: a pattern of falsification, or a pack that another
location had in hand (NMVO-0048 v5.0 §6.6 step 4)."""

Decided = StatusChange | InvestigationChange | ClassificationChange | AssignmentChange | Refusal
Judge = Callable[[AlertFile, Assignee | None], Decided]
"""Judges the change for one alert, which is assigned to somebody of the doer's organisation or to nobody."""


class Judged(msgspec.Struct, frozen=True, kw_only=True):
    """What a bulk change does with one alert."""

    file: AlertFile
    assigned: Assignee | None
    """Before the change."""
    decided: Decided

    @property
    def is_made(self) -> bool:
        """Whether the alert is changed."""
        return not isinstance(self.decided, Refusal)

    @property
    def version(self) -> str:
        """Differs once anything was done with the alert, or somebody else was given it."""
        return f"{self.file.changes}.{NOBODY if self.assigned is None else self.assigned.code}"


def status_for_many(
    change: Change, to: AlertStatus, *, reason: ClosingReason | None = None, comment: str | None = None
) -> Judge:
    """Judges a change of status for each of many alerts."""
    alerts = change.rules.alerts
    return lambda file, _: decide_status(
        alerts, file, change.doer, to, change.now, reason=reason, comment=comment
    )


def investigation_for_many(
    change: Change, side: Side, to: InvestigationStatus, *, comment: str | None = None
) -> Judge:
    """Judges an investigation status for each of many alerts."""
    return lambda file, _: decide_investigation(
        change.rules.alerts, file, change.doer, side, to, comment=comment
    )


def classification_for_many(change: Change, to: Classification, *, comment: str | None = None) -> Judge:
    """Judges a class for each of many alerts."""
    return lambda file, _: decide_classification(change.rules.alerts, file, change.doer, to, comment=comment)


def assignment_for_many(change: Change, to: Assignee | None) -> Judge:
    """Judges for each of many alerts whether it is assigned to this team or person."""
    return lambda file, before: decide_assignment(file, change.doer, before, to)


async def preview_many(
    tx: Transaction, change: Change, keys: Sequence[FileKey], judge: Judge
) -> list[Judged]:
    """What a bulk change would do with each alert; nothing is changed. Alerts of others are left out."""
    _check(keys)
    return await _judge(tx, change, await files.read_files(tx, keys), judge)


async def change_many(
    tx: Transaction,
    change: Change,
    keys: Sequence[FileKey],
    judge: Judge,
    *,
    seen: Mapping[FileKey, str] | None = None,
) -> list[Judged]:
    """Make a bulk change: each alert is judged anew under its lock, and those that refuse stay as they are.

    `seen` is the version of each alert that whoever asks has looked at: one that was changed since refuses.
    """
    _check(keys)
    judged = await _judge(tx, change, await files.lock_files(tx, keys), judge)
    if seen is not None:
        judged = [
            one
            if one.version == seen.get(one.file.key)
            else msgspec.structs.replace(one, decided=Refusal.CHANGED_MEANWHILE)
            for one in judged
        ]
    for one in judged:
        match one.decided:
            case StatusChange():
                await files.set_status(tx, change, one.file, one.decided)
            case InvestigationChange():
                await files.set_investigation(tx, change, one.file, one.decided)
            case ClassificationChange():
                await files.set_classification(tx, change, one.file, one.decided)
            case AssignmentChange():
                await set_assignment(tx, change, one.file, one.decided)
            case Refusal():
                """It stays as it is, and whoever asked is told why."""
    return judged


async def found_by(
    tx: Transaction, rules: AlertRules, doer: Doer, search: Search, now: datetime
) -> list[FileKey]:
    """All alerts of the doer that a search finds, the oldest first; one too many where there are more."""
    found, values = conditions(rules, doer, search, now)
    query: LiteralString = _SQL["found_keys"] + found + _SQL["order_of_found"]
    cursor = await tx.execute(query, values | {"at_most": BULK_ALERTS_MAX + 1})
    return [FileKey(row[0], row[1]) for row in await cursor.fetchall()]


def _check(keys: Sequence[FileKey]) -> None:
    """Left out unseen, an alert would be thought of as changed: whoever asks has to count before."""
    if len(keys) > BULK_ALERTS_MAX:
        raise ValueError(f"{len(keys)} alerts, of at most {BULK_ALERTS_MAX}")


async def _judge(tx: Transaction, change: Change, found: Sequence[AlertFile], judge: Judge) -> list[Judged]:
    own = [file for file in found if is_of(file, change.doer)]
    keys = [file.key for file in own]
    assigned = await assigned_to(tx, change.doer, keys)
    barred = await _barred(tx, keys)
    return [
        Judged(
            file=file,
            assigned=assigned.get(file.key),
            decided=_guarded(file, judge(file, assigned.get(file.key)), is_barred=file.key in barred),
        )
        for file in own
    ]


def _guarded(file: AlertFile, decided: Decided, *, is_barred: bool) -> Decided:
    """What is escalated, classified or barred by the analysis is closed on its own page; so is the confirmation of a
    falsification, which tells the authority.
    """
    match decided:
        case StatusChange(to=AlertStatus.CLOSED):
            is_classified = file.classification is not Classification.POTENTIAL_SUSPICION
            if is_classified or is_barred or file.status is AlertStatus.ESCALATED:
                return Refusal.ONE_BY_ONE
        case ClassificationChange():
            if Classification.CONFIRMED_FALSIFICATION in {decided.to, file.classification}:
                return Refusal.ONE_BY_ONE
    return decided


async def _barred(tx: Transaction, keys: Sequence[FileKey]) -> set[FileKey]:
    values = {
        "product_ids": [key.product_id for key in keys],
        "event_numbers": [key.event_number for key in keys],
        "bars": list(LOOK_AT_EACH),
    }
    cursor = await tx.execute(_SQL["barred"], values)
    return {FileKey(row[0], row[1]) for row in await cursor.fetchall()}
