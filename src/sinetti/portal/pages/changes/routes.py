"""The change of IT system (portal guide): what is done, what is waited for, and the lock of the old system."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from starlette.responses import Response

from sinetti.identity import registry
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.lists import ListPage, list_values, read_list_query
from sinetti.portal.location_form import application_rules
from sinetti.portal.pages.changes import store
from sinetti.portal.pages.changes.model import Change, OldEquipment
from sinetti.portal.pages.changes.progress import (
    Progress,
    StepOfChange,
    Waiting,
    is_under_way,
    steps_of,
    waiting_for,
)
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.store import owners
from sinetti.portal.store.locations import hold_location
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill
from sinetti.rules.applications.vocabulary import ChangeStep, WaitsFor

LOOK_SECONDS = 3
"""How often an open page asks whether something has happened."""
_FAR = date(9999, 12, 31)


class ListedChange(msgspec.Struct, frozen=True, kw_only=True):
    """A row of the list."""

    change: Change
    waiting: Waiting


_ORDERS: Mapping[str, Callable[[ListedChange], Any]] = {
    "since": lambda row: row.waiting.since,
    "name": lambda row: row.change.location_name.casefold(),
    "organisation": lambda row: row.change.organisation_name.casefold(),
    "planned": lambda row: row.change.asks.planned_on or _FAR,
    "waits_for": lambda row: (list(ChangeStep).index(row.waiting.step), row.waiting.since),
}


async def show_list(visit: Visit) -> Response:
    """The changes under way within reach, the one that waits longest first.

    What each waits for is seen from its facts, so it is found here and not in the database: there are tens of them.
    """
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(_ORDERS),
        filters={"waits_for": [one.value for one in WaitsFor if one is not WaitsFor.NOBODY]},
    )
    values = list_values(query, visit.language.value)
    changes = await store.changes_under_way(
        visit.tx, visit.reach, pattern=values["pattern"], forgiving=values["forgiving"]
    )
    listed = [
        ListedChange(change=change, waiting=waiting)
        for change in changes
        if (waiting := waiting_for(change, _steps(change))) is not None
    ]
    wanted = query.filters["waits_for"]
    listed = [row for row in listed if not wanted or row.waiting.waits_for == wanted]
    listed.sort(
        key=lambda row: (_ORDERS[query.sort](row), row.change.application_id), reverse=query.descending
    )
    page = ListPage[ListedChange](rows=(), total=len(listed), query=query)
    query = msgspec.structs.replace(query, page=min(query.page, page.pages))
    shown = listed[query.offset : query.offset + query.page_rows]
    return visit.render(
        "list.html",
        list=msgspec.structs.replace(page, rows=shown, query=query),
        waits_for_choices=[
            ("", visit.words["anybody"]),
            *((one, visit.words["waits_for"][one]) for one in WaitsFor if one is not WaitsFor.NOBODY),
        ],
        several=visit.person.organisation_id is None,
        now=visit.now,
        today=_today(visit),
    )


async def show(visit: Visit) -> Response:
    """The guided path of one location. An open page asks again by itself, and is told only when something happened."""
    change = await store.change_of_location(visit.tx, visit.number("location_id"))
    if change is None:
        location = await registry.location(visit.tx, visit.number("location_id"))
        return visit.render("none.html", location=location)
    steps = _steps(change)
    seen = _fingerprint(change, steps)
    if visit.request.headers.get("hx-request") and visit.request.query_params.get("seen") == seen:
        return Response(status_code=204)
    waiting = waiting_for(change, steps)
    return visit.render(
        "one.html",
        change=change,
        steps=steps,
        seen=seen,
        live=waiting is not None,
        look_seconds=LOOK_SECONDS,
        waiting=waiting,
        under_way=is_under_way(steps),
        software=_software(change),
        today=_today(visit),
        links=await _may_hand_over(visit, change, steps),
        Progress=Progress,
    )


async def mark_handed_over(visit: Visit) -> Response:
    """Somebody says that the secret was handed over by another way than the link."""
    change = await store.change_of_location(visit.tx, visit.number("location_id"))
    path = visit.url("change", location_id=visit.number("location_id"))
    if change is None or change.new is None or visit.form.get("equipment_id") != str(change.new.equipment_id):
        return visit.redirect(path, done="stands_otherwise")
    if await store.mark_handed_over(visit.tx, change.new.equipment_id, visit.person.name, visit.now):
        await _record(
            visit, change, "secret_handed_over", "client_equipment", change.new.equipment_id, change.new.name
        )
    return visit.redirect(path, done="handed_over")


async def ask_lock(visit: Visit) -> Response:
    """Ask for the reason, which is filled in, and say what has not been seen yet."""
    change = await _to_lock(visit)
    if change is None:
        return visit.redirect(
            visit.url("change", location_id=visit.number("location_id")), done="stands_otherwise"
        )
    return _lock_form(visit, change, _usual_reason(visit, change), {})


async def lock(visit: Visit) -> Response:
    """Lock what is replaced; its next request is refused, within a second."""
    # Two who lock at once: the second finds it locked, and the first one's reason stands.
    await hold_location(visit.tx, visit.number("location_id"))
    change = await _to_lock(visit)
    path = visit.url("change", location_id=visit.number("location_id"))
    if change is None:
        return visit.redirect(path, done="stands_otherwise")
    reason = " ".join(visit.form.get("reason", "").split())
    if not 0 < len(reason) <= registry.LOCK_REASON_CHARACTERS_MAX or not reason.isprintable():
        fault = fill(visit.words["fault"]["reason"], most=registry.LOCK_REASON_CHARACTERS_MAX)
        return _lock_form(visit, change, visit.form.get("reason", ""), {"reason": fault})
    for old in _still_open(change):
        await registry.lock_equipment(visit.tx, old.equipment_id, reason=reason, now=visit.now)
        await _record(
            visit, change, "equipment_locked", "client_equipment", old.equipment_id, old.name, reason=reason
        )
    return visit.redirect(path, done="old_locked")


async def _to_lock(visit: Visit) -> Change | None:
    """The change whose old system may be locked: one that was approved, and has something open."""
    change = await store.change_of_location(visit.tx, visit.number("location_id"))
    if change is None or not _still_open(change):
        return None
    approved = any(
        step.step is ChangeStep.APPROVAL and step.progress is Progress.DONE for step in _steps(change)
    )
    return change if approved else None


def _lock_form(visit: Visit, change: Change, reason: str, errors: Mapping[str, str]) -> Response:
    return visit.render(
        "lock.html",
        status=422 if errors else 200,
        errors=errors,
        change=change,
        old=_still_open(change),
        works=change.new is not None and change.new.first_worked_at is not None,
        reason=reason,
    )


def _usual_reason(visit: Visit, change: Change) -> str:
    day = visit.now.astimezone(visit.portal.settings.zone).date()
    return fill(visit.words["usual_reason"], system=change.asks.system_name or "", day=day.isoformat())


def _still_open(change: Change) -> list[OldEquipment]:
    return [one for one in change.old if one.stopped_at is None]


def _steps(change: Change) -> list[StepOfChange]:
    return steps_of(change, application_rules().waits_for)


async def _may_hand_over(visit: Visit, change: Change, steps: Sequence[StepOfChange]) -> bool:
    """Whether to offer to mark the secret as handed over."""
    return (
        change.new is not None
        and visit.may("mark_handed_over", visit.concern)
        and any(step.step is ChangeStep.HAND_OVER and step.progress is Progress.NOW for step in steps)
    )


def _software(change: Change) -> str:
    if change.new is None:
        return ""
    return ", ".join(part for part in (change.new.user_agent, change.new.api_version) if part)


def _fingerprint(change: Change, steps: Sequence[StepOfChange]) -> str:
    """Changes with everything that the page shows of how far the change has come, and with the minute of a use."""
    used = change.new.last_used_at if change.new is not None else None
    told = repr((steps, change.state, used, change.new and (change.new.link_made_at, change.new.locked_at)))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _today(visit: Visit) -> date:
    moment: datetime = visit.now.astimezone(visit.portal.settings.zone)
    return moment.date()


async def _record(
    visit: Visit,
    change: Change,
    action: str,
    object_kind: str,
    object_id: int,
    object_name: str,
    *,
    reason: str | None = None,
) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind=object_kind,
        object_id=object_id,
        object_name=object_name,
        concern=Concern(organisation_id=change.organisation_id, location_id=change.location_id),
        reason=reason,
        ground=f"application {change.application_id}",
    )


_ONE = "/locations/{location_id:int}/change"

PAGE = Page(
    name="changes",
    menu=MenuEntry(route="changes", group=MenuGroup.PARTICIPANTS, order=50),
    routes=(
        Route(name="changes", path="/changes", action="see_changes", handler=show_list),
        Route(name="change", path=_ONE, action="see_changes", handler=show, concern=owners.of_location),
        Route(
            name="mark_handed_over",
            path=f"{_ONE}/handed-over",
            action="mark_handed_over",
            handler=mark_handed_over,
            method="POST",
            concern=owners.of_location,
        ),
        Route(
            name="ask_lock_replaced",
            path=f"{_ONE}/lock",
            action="lock_replaced",
            handler=ask_lock,
            concern=owners.of_location,
        ),
        Route(
            name="lock_replaced",
            path=f"{_ONE}/lock",
            action="lock_replaced",
            handler=lock,
            method="POST",
            concern=owners.of_location,
        ),
    ),
)
