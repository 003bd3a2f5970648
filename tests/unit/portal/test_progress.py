"""How far a change of IT system has come: facts, and the step that is waited for, for whom, since when."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from sinetti.portal.pages.applications.model import Asks
from sinetti.portal.pages.changes.model import Change, NewEquipment, OldEquipment
from sinetti.portal.pages.changes.progress import Progress, is_under_way, steps_of, waiting_for
from sinetti.portal.pages.changes.reminders import LATE, OLD_OPEN, Patience, due_reminders
from sinetti.rules.applications.vocabulary import ApplicationState, ChangeStep
from sinetti.rules.load import load_rules

WAITS_FOR = load_rules().applications.waits_for
START = datetime(2026, 5, 4, 9, tzinfo=UTC)


def at(hours: float) -> datetime:
    return START + timedelta(hours=hours)


APPLIED = Change(
    application_id=1,
    state=ApplicationState.APPLIED,
    first_applied_at=at(0),
    state_at=at(0),
    organisation_id=1,
    organisation_name="Metson apteekki",
    location_id=1,
    location_name="Keskusta",
    asks=Asks(system_name="Maxx", planned_on=date(2026, 5, 10)),
    applied_by_name="Maija",
    applied_by_email="maija@example.fi",
    applied_by_language="fi",
    new=None,
    old=(OldEquipment(equipment_id=1, name="Vanha", client_id="a"),),
)
APPROVED: dict[str, Any] = {"state": ApplicationState.APPROVED, "state_at": at(1)}


def change(new: dict[str, Any] | None = None, old: dict[str, Any] | None = None, **facts: Any) -> Change:
    """The change with more facts."""
    if new is not None:
        facts["new"] = NewEquipment(
            **{"equipment_id": 2, "name": "Maxx", "made_at": at(2), "client_role": "full_access", **new}
        )
    if old is not None:
        facts["old"] = (msgspec.structs.replace(APPLIED.old[0], **old),)
    return msgspec.structs.replace(APPLIED, **facts)


CASES = {
    # what is known                                       step that is waited for, for whom, since
    "applied": (change(), ("approval", "operator", 0)),
    "returned": (
        change(state=ApplicationState.RETURNED, state_at=at(1)),
        ("application", "main_user", 1),
    ),
    "applied again": (change(state_at=at(5)), ("approval", "operator", 5)),
    "approved": (change(**APPROVED), ("equipment", "main_user", 1)),
    "made": (change(new={}, **APPROVED), ("hand_over", "main_user", 2)),
    "made without a role": (
        change(new={"client_role": None}, **APPROVED),
        ("equipment", "main_user", 1),
    ),
    "made before it was approved": (change(new={}), ("approval", "operator", 0)),
    "link made": (change(new={"link_made_at": at(3)}, **APPROVED), ("hand_over", "main_user", 2)),
    "link opened": (
        change(new={"link_made_at": at(3), "opened_at": at(4), "opened_by_name": "Ilkka"}, **APPROVED),
        ("first_success", "it_supplier", 4),
    ),
    "said to be handed over": (
        change(new={"handed_over_at": at(4), "handed_over_by_name": "Maija"}, **APPROVED),
        ("first_success", "it_supplier", 4),
    ),
    "has called": (
        change(new={"opened_at": at(4), "last_used_at": at(5)}, **APPROVED),
        ("first_success", "it_supplier", 4),
    ),
    "works": (
        change(new={"opened_at": at(4), "first_worked_at": at(6)}, **APPROVED),
        ("lock", "operator", 6),
    ),
    "works, and nobody said that it was handed over": (
        change(new={"first_worked_at": at(6)}, **APPROVED),
        ("lock", "operator", 6),
    ),
    "locked": (
        change(new={"first_worked_at": at(6)}, old={"locked_at": at(7)}, **APPROVED),
        ("refused", "nobody", 7),
    ),
    "locked, refused before that lock": (
        change(new={"first_worked_at": at(6)}, old={"locked_at": at(7), "refused_at": at(6.9)}, **APPROVED),
        ("refused", "nobody", 7),
    ),
    "locked before the new one works": (
        change(new={"opened_at": at(4)}, old={"locked_at": at(7)}, **APPROVED),
        ("first_success", "it_supplier", 4),
    ),
    "refused": (
        change(new={"first_worked_at": at(6)}, old={"locked_at": at(7), "refused_at": at(8)}, **APPROVED),
        None,
    ),
    "deleted": (change(new={"first_worked_at": at(6)}, old={"deleted_at": at(7)}, **APPROVED), None),
    "withdrawn": (change(state=ApplicationState.WITHDRAWN), None),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_waited_for(name):
    found, expected = CASES[name]
    waiting = waiting_for(found, steps_of(found, WAITS_FOR))
    if expected is None:
        assert waiting is None
        return
    step, who, since = expected
    assert waiting is not None
    assert (waiting.step, waiting.waits_for, waiting.since) == (step, who, at(since))


def test_every_step_is_shown_in_the_order_of_the_guide_and_one_at_most_is_now():
    for found, _ in CASES.values():
        steps = steps_of(found, WAITS_FOR)
        assert [step.step for step in steps] == list(ChangeStep)
        assert [step.progress for step in steps].count(Progress.NOW) <= 1


def test_a_change_goes_on_until_the_old_system_is_locked():
    ended = {name for name, (found, _) in CASES.items() if not is_under_way(steps_of(found, WAITS_FOR))}
    assert ended == {
        "locked",
        "locked, refused before that lock",
        "locked before the new one works",
        "refused",
        "deleted",
    }


def test_two_old_systems_are_both_waited_for():
    one, other = (OldEquipment(equipment_id=n, name="Vanha", client_id="a") for n in (1, 3))
    locked = msgspec.structs.replace(one, locked_at=at(7))
    half = change(new={"first_worked_at": at(6)}, **APPROVED)
    half = msgspec.structs.replace(half, old=(locked, other))
    waiting = waiting_for(half, steps_of(half, WAITS_FOR))
    assert waiting is not None
    assert waiting.step is ChangeStep.LOCK


PATIENCE = Patience(late_days=1, old_open_days=7)


@pytest.mark.parametrize(
    ("facts", "now", "today", "expected"),
    [
        ({}, at(0), date(2026, 5, 10), []),
        ({}, at(0), date(2026, 5, 11), [LATE]),
        ({"state": ApplicationState.APPLIED}, at(0), date(2026, 6, 1), []),
        ({"new": {"first_worked_at": at(0)}}, at(24 * 7 - 0.1), date(2026, 5, 20), []),
        ({"new": {"first_worked_at": at(0)}}, at(24 * 7), date(2026, 5, 20), [OLD_OPEN]),
    ],
)
def test_who_stands_still_is_reminded_from_the_day_on_that_the_table_says(facts, now, today, expected):
    assert list(due_reminders(change(**{**APPROVED, **facts}), PATIENCE, now, today)) == expected
