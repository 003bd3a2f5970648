"""Searches of the list that people keep under a name: own ones, and those that colleagues share."""

from __future__ import annotations

import re
from collections.abc import Mapping

from starlette.responses import Response

from sinetti.alerts import saved_filters
from sinetti.alerts.saved_filters import FILTERS_MAX, NAME_CHARACTERS_MAX, FilterFault, SavedFilter
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.pages.alerts import filters
from sinetti.portal.visit import Visit
from sinetti.portal.words import fill


async def show(visit: Visit) -> Response:
    """The searches that the reader keeps, and the form to keep the present one."""
    return await _show(visit, {})


async def save(visit: Visit) -> Response:
    """Keep the search that the address says."""
    is_shared = bool(visit.form.get("shared"))
    done = await saved_filters.save_filter(
        visit.tx, visit.person.user_id, visit.form.get("name", ""), present(visit), is_shared=is_shared
    )
    if isinstance(done, FilterFault):
        return await _show(visit, {"name": _fault(visit, done)})
    if done.is_shared:
        await _record(visit, "alert_filter_shared", done, None, done.name)
    return visit.redirect(f"{visit.url('alerts')}?{done.query}", done="filter_saved")


async def change(visit: Visit) -> Response:
    """Call one otherwise, share it, or share it no more."""
    before = await _own(visit)
    if before is None:
        return await _show(visit, {"": visit.words["saved"]["fault"]["not_there"]})
    name, is_shared = visit.form.get("name", ""), bool(visit.form.get("shared"))
    done = await saved_filters.change_filter(
        visit.tx, visit.person.user_id, before.filter_id, name, is_shared=is_shared
    )
    if isinstance(done, FilterFault):
        return await _show(visit, {f"name-{before.filter_id}": _fault(visit, done)})
    if before.is_shared or is_shared:
        old, new = (before.name if before.is_shared else None), (name.strip() if is_shared else None)
        if old != new:
            await _record(visit, "alert_filter_shared", before, old, new)
    return visit.redirect(visit.url("alert_filters"), done="filter_changed")


async def remove(visit: Visit) -> Response:
    """Keep one no more. Removed twice, in two tabs, it is gone all the same."""
    before = await _own(visit)
    if before is None:
        return await _show(visit, {"": visit.words["saved"]["fault"]["not_there"]})
    await saved_filters.remove_filter(visit.tx, visit.person.user_id, before.filter_id)
    if before.is_shared:
        await _record(visit, "alert_filter_shared", before, before.name, None)
    return visit.redirect(visit.url("alert_filters"), done="filter_removed")


def present(visit: Visit) -> str:
    """The search that the address says, as it is kept: without the page."""
    return filters.read_query(visit, "").href().partition("?")[2]


async def _show(visit: Visit, errors: Mapping[str, str]) -> Response:
    kept = await saved_filters.filters_of(visit.tx, visit.person.user_id)
    query = filters.read_query(visit, "")
    return visit.render(
        "filters.html",
        status=422 if errors else 200,
        errors=errors,
        form=visit.form,
        own=[one for one in kept if one.is_own],
        shared=[one for one in kept if not one.is_own],
        present=query.href().partition("?")[2] if query.narrowed else "",
        most=FILTERS_MAX,
        name_characters_max=NAME_CHARACTERS_MAX,
    )


def _fault(visit: Visit, fault: FilterFault) -> str:
    words = visit.words["saved"]["fault"][fault.value]
    return fill(words, most=FILTERS_MAX if fault is FilterFault.TOO_MANY else NAME_CHARACTERS_MAX)


async def _own(visit: Visit) -> SavedFilter | None:
    given = visit.form.get("filter_id", "")
    number = int(given) if re.fullmatch("[0-9]{1,9}", given) else 0
    kept = await saved_filters.filters_of(visit.tx, visit.person.user_id)
    return next((one for one in kept if one.is_own and one.filter_id == number), None)


async def _record(visit: Visit, action: str, kept: SavedFilter, old: str | None, new: str | None) -> None:
    """Only what is shared is others' matter, too."""
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action=action,
        object_kind="alert_filter",
        object_id=kept.filter_id,
        object_name=new or old or kept.name,
        concern=Concern(organisation_id=visit.person.organisation_id),
        old={"shared_filter": old},
        new={"shared_filter": new},
    )
