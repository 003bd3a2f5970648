"""Whom of the reader's organisation an alert is assigned to. Other organisations of the alert never learn it."""

from __future__ import annotations

from starlette.responses import Response

from sinetti.alerts import cases
from sinetti.alerts.assignments import (
    NOBODY,
    Assignee,
    AssignmentChange,
    assign,
    assigned_to,
    assignees_of,
    chosen_assignee,
)
from sinetti.alerts.files import Change
from sinetti.alerts.model import AlertFile
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.pages.alerts.showing import change_of, show_alert
from sinetti.portal.visit import Visit
from sinetti.rules.alerts.vocabulary import Refusal


async def assign_one(visit: Visit) -> Response:
    """Assign the alert to a team or a person of the reader's organisation, or to nobody."""
    change = change_of(visit)
    alert_id: str = visit.request.path_params["alert_id"]
    file = await cases.own_file(visit.tx, change.doer, alert_id, lock=True)
    code, seen = visit.form.get("assignee", ""), visit.form.get("assigned_before")
    to = chosen_assignee(await assignees_of(visit.tx, change.doer), code)
    if to is None and code != NOBODY:
        return await show_alert(visit, change, file, {"assignee": visit.words["fault"]["choose"]})
    now = (await assigned_to(visit.tx, change.doer, [file.key])).get(file.key)
    done: AssignmentChange | Refusal = Refusal.CHANGED_MEANWHILE
    if seen is None or seen == code_of(now):
        done = await assign(visit.tx, change, file, to)
    if isinstance(done, Refusal):
        why = visit.rules.alerts.words[visit.language]("refusal", done)
        return await show_alert(visit, change, file, {"assignee": why})
    await record_assignment(visit, change, file, done)
    return visit.redirect(f"{visit.url('alert', alert_id=alert_id)}#content", done="assigned")


def code_of(assignee: Assignee | None) -> str:
    """How forms name whom an alert is assigned to."""
    return NOBODY if assignee is None else assignee.code


async def record_assignment(
    visit: Visit, change: Change, file: AlertFile, assignment: AssignmentChange
) -> None:
    """In the audit of the organisation that shares out its work: old and new."""
    before, to = assignment.before, assignment.to
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="alert_assigned",
        object_kind="alert",
        object_id=file.reference,
        object_name=file.reference,
        concern=Concern(organisation_id=change.doer.organisation_id),
        old={"assigned_to": None if before is None else before.name},
        new={"assigned_to": None if to is None else to.name},
    )
