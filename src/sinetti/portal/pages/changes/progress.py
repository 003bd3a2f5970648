"""How far a change of IT system has come, seen from its facts. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from sinetti.portal.pages.changes.model import Change
from sinetti.rules.applications.vocabulary import ApplicationState, ChangeStep, WaitsFor


class Progress(StrEnum):
    """How a step stands."""

    DONE = "done"
    NOW = "now"
    LATER = "later"


class StepOfChange(msgspec.Struct, frozen=True, kw_only=True):
    """A step, and whom it waits for."""

    step: ChangeStep
    progress: Progress
    done_at: datetime | None
    """`None` also where a later step proves that it was done, and nobody knows when."""
    waits_for: WaitsFor


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What a change waits for now."""

    step: ChangeStep
    waits_for: WaitsFor
    since: datetime


def steps_of(change: Change, waits_for: Mapping[ChangeStep, WaitsFor]) -> list[StepOfChange]:
    """All steps in their order. The first that is not done is the one that is waited for; later ones may be done."""
    done_at = _moments(change)
    proved = _proved(change, done_at)
    steps = []
    waiting = change.state is not ApplicationState.WITHDRAWN
    for step in ChangeStep:
        if step in proved:
            progress = Progress.DONE
        else:
            progress = Progress.NOW if waiting else Progress.LATER
            waiting = False
        steps.append(
            StepOfChange(
                step=step,
                progress=progress,
                done_at=done_at.get(step) if progress is Progress.DONE else None,
                waits_for=waits_for[step],
            )
        )
    return steps


def waiting_for(change: Change, steps: Sequence[StepOfChange]) -> Waiting | None:
    """What is waited for and since when; `None` when all is done or the change was withdrawn."""
    for number, step in enumerate(steps):
        if step.progress is Progress.NOW:
            before = [one.done_at for one in steps[:number] if one.done_at is not None]
            if change.state is ApplicationState.RETURNED:
                before.append(change.state_at)
            return Waiting(
                step=step.step,
                waits_for=step.waits_for,
                since=max(before, default=change.first_applied_at),
            )
    return None


def is_under_way(steps: Sequence[StepOfChange]) -> bool:
    """Whether it goes on: a change ends when the old system is locked, whatever has been seen of the new one."""
    return any(step.step is ChangeStep.LOCK and step.progress is not Progress.DONE for step in steps)


def _moments(change: Change) -> dict[ChangeStep, datetime]:
    """When each step was done, as far as that is known."""
    found: dict[ChangeStep, datetime | None] = {}
    if change.state is not ApplicationState.RETURNED:
        found[ChangeStep.APPLICATION] = (
            change.state_at if change.state is ApplicationState.APPLIED else change.first_applied_at
        )
    if change.state is ApplicationState.APPROVED:
        found[ChangeStep.APPROVAL] = change.state_at
    new = change.new
    if new is not None:
        # Without a role it can do nothing: the guide has that looked at in its step 10.
        found[ChangeStep.EQUIPMENT] = new.made_at if new.client_role else None
        found[ChangeStep.HAND_OVER] = new.opened_at or new.handed_over_at
        found[ChangeStep.FIRST_SUCCESS] = new.first_worked_at
    stopped = [one.stopped_at for one in change.old if one.stopped_at is not None]
    if change.old and len(stopped) == len(change.old):
        found[ChangeStep.LOCK] = max(stopped)
        refused = [one.refused_since_at or one.deleted_at for one in change.old]
        seen = [moment for moment in refused if moment is not None]
        if seen:
            found[ChangeStep.REFUSED] = max(seen)
    return {step: moment for step, moment in found.items() if moment is not None}


def _proved(change: Change, done_at: Mapping[ChangeStep, datetime]) -> set[ChangeStep]:
    """Steps that are done, also because a later one could not be without them."""
    proved = set(done_at)
    if ChangeStep.FIRST_SUCCESS in proved:
        proved |= {ChangeStep.EQUIPMENT, ChangeStep.HAND_OVER}
    elif ChangeStep.HAND_OVER in proved and change.new is not None and change.new.client_role:
        proved.add(ChangeStep.EQUIPMENT)
    return proved
