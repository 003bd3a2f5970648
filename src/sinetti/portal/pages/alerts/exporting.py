"""The list of alerts as a file, as it is searched and filtered, with what the reader may see of each."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import msgspec
from starlette.responses import Response

from sinetti.alerts import exporting
from sinetti.alerts.cases import doer_of
from sinetti.kit.exports import csv_of_chunks, xlsx_of_chunks
from sinetti.portal import audit
from sinetti.portal.access import Concern
from sinetti.portal.pages.alerts import filters
from sinetti.portal.visit import Visit

_SORTS: Final = {"recorded_at": "recordedAt", "product": "productCode"}
"""Orders of the list that a file has, too; in any other it begins with the newest."""


async def export_csv(visit: Visit) -> Response:
    """For a program, or a spreadsheet."""
    return await csv_of_chunks(exporting.NAME, _heads(visit), _rows(visit, "csv"))


async def export_xlsx(visit: Visit) -> Response:
    """For a spreadsheet."""
    return await xlsx_of_chunks(
        exporting.NAME, _heads(visit), _rows(visit, "xlsx"), visit.portal.settings.zone
    )


def _heads(visit: Visit) -> list[str]:
    return exporting.heads(visit.rules.alerts, doer_of(visit.person), visit.language)


async def _rows(visit: Visit, form: str) -> AsyncIterator[list[list[object]]]:
    """All that the filters find. That it was taken out, and with which filters, is recorded."""
    query = filters.read_query(visit, "")
    search = await filters.search_of(visit, query)
    sort = _SORTS.get(query.sort)
    if sort is not None:
        search = msgspec.structs.replace(search, sort=f"-{sort}" if query.descending else sort)
    doer = doer_of(visit.person)
    count = 0
    async for chunk in exporting.rows(
        visit.tx,
        visit.rules.alerts,
        visit.portal.settings.market,
        doer,
        search,
        visit.now,
        visit.language,
    ):
        count += len(chunk)
        yield chunk
    await audit.record(
        visit.tx,
        visit.actor,
        visit.now,
        action="alerts_exported",
        object_kind="alert",
        object_id=form,
        object_name=f"{exporting.NAME}.{form}",
        concern=Concern(organisation_id=doer.organisation_id),
        new={"address": f"{visit.url('alerts')}{query.href()}", "count": count},
    )
