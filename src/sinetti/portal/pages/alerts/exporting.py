"""The list of alerts as a file, as it is searched and filtered, with what the reader may see of each.

A short list comes at once. A long one is made in the background, for the reader alone (docs/adr/0027).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final, Literal

import msgspec
from starlette.responses import Response

from sinetti.alerts import exporting
from sinetti.alerts.cases import doer_of, party_of
from sinetti.alerts.listing import count_alerts
from sinetti.alerts.model import Doer
from sinetti.alerts.searching import Search
from sinetti.identity.people import people
from sinetti.identity.people.model import Person, SignedIn
from sinetti.kit.exports import (
    CSV,
    XLSX,
    csv_of_chunks,
    new_file,
    sent_file,
    write_csv,
    write_xlsx,
    xlsx_of_chunks,
)
from sinetti.kit.problems import Problem
from sinetti.nmvs.packs import Country
from sinetti.portal import audit, form_keys
from sinetti.portal.access import Concern
from sinetti.portal.pages.alerts import filters
from sinetti.portal.visit import Visit
from sinetti.reports import personal
from sinetti.reports.model import Made
from sinetti.reports.personal import GivenUpError, Maker, Making, Wanted
from sinetti.reports.store import personal as store
from sinetti.reports.store.personal import FoundPersonal
from sinetti.rules.vocabulary import Language

KIND: Final = "alerts_file"
"""Of what a person waits for."""
AT_ONCE_MAX: Final = 2_000
"""Alerts of a file that comes while the reader waits: half a second."""
COUNTED_MAX: Final = 1_000_000
LOOK_SECONDS: Final = 3
_ALERTS_A_SECOND: Final = {"csv": 4_000.0, "xlsx": 2_000.0}
_SORTS: Final = {"recorded_at": "recordedAt", "product": "productCode"}
"""Orders of the list that a file has, too; in any other it begins with the newest."""
_MEDIA_TYPES: Final = {"csv": CSV, "xlsx": XLSX}
Form = Literal["csv", "xlsx"]


class Ordered(msgspec.Struct, frozen=True, kw_only=True):
    """A file that somebody waits for, as its row keeps it."""

    form: Form
    search: Search
    address: str
    """Of the list."""
    reach: dict[str, Any]
    """What decided about what the reader sees: who has got another role or other locations since gets no file."""


async def export_csv(visit: Visit) -> Response:
    """For a program, or a spreadsheet."""
    return await _export(visit, "csv")


async def export_xlsx(visit: Visit) -> Response:
    """For a spreadsheet."""
    return await _export(visit, "xlsx")


async def _export(visit: Visit, form: Form) -> Response:
    """The file of a short list; of a long one the page that offers to make it."""
    search, address = await _search(visit)
    count = await _count(visit, search, AT_ONCE_MAX + 1)
    if count > AT_ONCE_MAX:
        return await _offer(visit, form, search, address)
    heads = exporting.heads(visit.rules.alerts, doer_of(visit.person), visit.language)
    rows = _rows(visit, search)
    await _record(visit, form, address, count)
    if form == "csv":
        return await csv_of_chunks(exporting.NAME, heads, rows)
    return await xlsx_of_chunks(exporting.NAME, heads, rows, visit.portal.settings.zone)


async def _offer(visit: Visit, form: Form, search: Search, address: str, *, status: int = 200) -> Response:
    count = await _count(visit, search, COUNTED_MAX)
    return visit.render(
        "file_ask.html", status=status, form=form, count=count, query=address.partition("?")[2]
    )


async def order(visit: Visit) -> Response:
    """Have the file of a long list made."""
    form: Form = "csv" if visit.form.get("form") == "csv" else "xlsx"
    if visit.form.get("form") not in _MEDIA_TYPES:
        return await _offer(visit, form, *await _search(visit), status=422)
    led_to = await form_keys.use(visit)
    if led_to is not None:
        return visit.redirect(led_to)
    search, address = await _search(visit)
    ordered = Ordered(form=form, search=search, address=address, reach=_reach(visit.person))
    wanted = Wanted(
        kind=KIND,
        name=form,
        parameters=msgspec.to_builtins(ordered),
        user_id=visit.person.user_id,
        language=visit.language,
        source_address=visit.actor.source_address,
        steps=await _count(visit, search, COUNTED_MAX),
        steps_a_second=_ALERTS_A_SECOND[form],
    )
    number = await personal.ask(visit.tx, visit.rules, wanted, visit.now)
    path = visit.url("alerts_file", opaque_file=number)
    await form_keys.keep_result(visit, path)
    return visit.redirect(path)


async def show_file(visit: Visit) -> Response:
    """How far the making has come; then where the file is."""
    found, ordered = await _found(visit)
    if found.finished_at is not None and "hx-request" in visit.request.headers:
        return Response(headers={"HX-Refresh": "true"})
    return visit.render("file.html", found=found, ordered=ordered, look_seconds=LOOK_SECONDS)


async def fetch_file(visit: Visit) -> Response:
    """The file that was made. That it was taken out, and with which filters, is recorded."""
    found, ordered = await _found(visit)
    if found.finished_at is None:
        raise Problem("page-missing", 404)
    await _record(visit, ordered.form, ordered.address, found.row_count or 0)
    file = new_file()
    async for piece in personal.content(visit.tx, found, ordered.form):
        file.write(piece)
    return sent_file(file, f"{exporting.NAME}.{ordered.form}", _MEDIA_TYPES[ordered.form])


async def remove_file(visit: Visit) -> Response:
    """Whoever had it made wants it no more."""
    found, _ = await _found(visit)
    await store.expire(visit.tx, found.request_id, visit.person.user_id, visit.now)
    return visit.redirect(visit.url("alerts"), done="file_removed")


async def own_files(visit: Visit) -> list[tuple[FoundPersonal, Ordered]]:
    """The files that the reader had made or waits for."""
    found = await store.list_of(visit.tx, visit.person.user_id, KIND, visit.now)
    return [(one, msgspec.convert(one.parameters, Ordered)) for one in found]


# ---------------------------------------------------------------- making


def maker_of(country: Country) -> Maker:
    """What makes such a file; for the worker."""

    async def make(making: Making) -> Made:
        ordered = msgspec.convert(making.asked.parameters, Ordered)
        who = await people.person(making.tx, making.asked.user_id)
        if who.locked_at is not None or _reach(who) != ordered.reach:
            raise GivenUpError("whoever asked sees other alerts now")
        doer = Doer(
            party=party_of(who.role),
            user_id=who.user_id,
            user_name=who.name,
            organisation_id=who.organisation_id,
            location_ids=who.location_ids,
        )
        rules, language = country.rules.alerts, Language(making.asked.language)
        whole = await count_alerts(making.tx, rules, doer, ordered.search, making.now, at_most=COUNTED_MAX)
        count = 0

        async def rows() -> AsyncIterator[list[list[object]]]:
            nonlocal count
            async for chunk in exporting.rows(
                making.tx, rules, country.market, doer, ordered.search, making.now, language
            ):
                count += len(chunk)
                yield chunk
                await making.come(count, whole)

        heads = exporting.heads(rules, doer, language)
        with new_file() as file:
            if ordered.form == "csv":
                await write_csv(file, heads, rows())
            else:
                await write_xlsx(file, heads, rows(), country.zone)
            await making.writer(ordered.form).write_file(file)
        return Made(row_count=count, events_read=count)

    return make


def _reach(who: SignedIn | Person) -> dict[str, Any]:
    return {
        "role": who.role.value,
        "organisation_id": who.organisation_id,
        "location_ids": sorted(who.location_ids),
    }


# ---------------------------------------------------------------- what is wanted


async def _search(visit: Visit) -> tuple[Search, str]:
    """What the filters find, in the order of the list, and the list's address."""
    query = filters.read_query(visit, "")
    search = await filters.search_of(visit, query)
    sort = _SORTS.get(query.sort)
    if sort is not None:
        search = msgspec.structs.replace(search, sort=f"-{sort}" if query.descending else sort)
    return search, f"{visit.url('alerts')}{query.href()}"


async def _count(visit: Visit, search: Search, at_most: int) -> int:
    doer = doer_of(visit.person)
    return await count_alerts(visit.tx, visit.rules.alerts, doer, search, visit.now, at_most=at_most)


def _rows(visit: Visit, search: Search) -> AsyncIterator[list[list[object]]]:
    return exporting.rows(
        visit.tx,
        visit.rules.alerts,
        visit.portal.settings.market,
        doer_of(visit.person),
        search,
        visit.now,
        visit.language,
    )


async def _found(visit: Visit) -> tuple[FoundPersonal, Ordered]:
    """A file of the reader, as long as the reader sees what is in it."""
    number = visit.request.path_params["opaque_file"]
    found = await personal.find(visit.tx, number, visit.person.user_id, KIND, visit.now)
    ordered = msgspec.convert(found.parameters, Ordered)
    if ordered.reach != _reach(visit.person):
        raise Problem("page-missing", 404)
    return found, ordered


async def _record(visit: Visit, form: Form, address: str, count: int) -> None:
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="alerts_exported",
        object_kind="alert",
        object_id=form,
        object_name=f"{exporting.NAME}.{form}",
        concern=Concern(organisation_id=visit.person.organisation_id),
        new={"address": address, "count": count},
    )
