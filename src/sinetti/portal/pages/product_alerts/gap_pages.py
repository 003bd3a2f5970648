"""Upload gaps: the list, one batch with what to do about it, and its serial numbers as a file to compare with."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from sinetti.alerts import upload_gaps
from sinetti.alerts.gaps import GAP_DAYS, Gap, steps_for
from sinetti.alerts.upload_gaps import OneBatch
from sinetti.kit.exports import EXPORTED_ROWS_MAX, csv_file
from sinetti.portal.formats import formats
from sinetti.portal.lists import read_list_query, some_text
from sinetti.portal.pages.product_alerts import gaps_store
from sinetti.portal.pages.product_alerts.company import company_of
from sinetti.portal.visit import Visit

SHOWN_SERIALS_MAX = 20
COLUMNS = (
    "scheme",
    "productCode",
    "batch",
    "expiry",
    "serialNumber",
    "firstAlertAt",
    "alerts",
    "uploadedSince",
)


async def show_gaps(visit: Visit) -> Response:
    """Batches that are not uploaded, in part, late, or otherwise than printed."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(gaps_store.ORDERS),
        filters={"gap": [gap.value for gap in Gap], "status": (gaps_store.ANY,)},
        descending=True,
    )
    words = visit.words
    company = await company_of(visit)
    return visit.render(
        "gaps.html",
        is_counted=company.is_counted,
        list=await gaps_store.list_gaps(
            visit.tx,
            query,
            company.organisation_id,
            visit.now - timedelta(days=GAP_DAYS),
            visit.language.value,
        ),
        gap_choices=[("", words["every_gap"]), *((gap.value, words["gap"][gap]) for gap in Gap)],
        status_choices=[("", words["open_ones"]), (gaps_store.ANY, words["closed_too"])],
    )


async def show_gap(visit: Visit) -> Response:
    """One batch: what is missing, what exactly to do, and how far the alerts have come since."""
    wanted = await _asked(visit)
    found = await gaps_store.gaps_of_batch(visit.tx, wanted)
    shown = formats(visit.language, visit.portal.settings.zone)["expiry_as_sent"]
    order = list(Gap)
    found.sort(key=lambda one: order.index(one.gap))
    serials = await upload_gaps.serial_numbers(visit.tx, wanted, SHOWN_SERIALS_MAX)
    return visit.render(
        "gap.html",
        wanted=wanted,
        found=found,
        steps=steps_for([one.gap for one in found if one.open_alerts]) if found else [],
        stored=next((one for one in found if one.stored_expiry is not None), None),
        expiries=[shown(one) for one in sorted({sent for one in found for sent in one.sent_expiries or ()})],
        sent_of={one.gap.value: ", ".join(map(shown, one.sent_expiries or ())) for one in found},
        serials=serials,
        serial_count=serials[0].in_all if serials else 0,
        missing=serials[0].missing if serials else 0,
        suspected=await upload_gaps.suspected_packs(visit.tx, wanted),
        open_alerts=sum(one.open_alerts for one in found),
        in_analysis=sum(one.in_analysis for one in found),
        explained=sum(one.alerts for one in found if one.gap is Gap.LATE),
        analysed_at=max((one.analysed_at for one in found if one.analysed_at is not None), default=None),
    )


async def give_serial_numbers(visit: Visit) -> Response:
    """The serial numbers as they were sent, to be compared with the packaging records."""
    wanted = await _asked(visit)
    rows = await upload_gaps.serial_numbers(visit.tx, wanted, EXPORTED_ROWS_MAX)
    return await csv_file(
        "serial-numbers",
        COLUMNS,
        [
            (
                one.scheme,
                one.product_code,
                one.batch,
                one.expiry,
                one.serial_number,
                one.first_at,
                one.alerts,
                one.is_uploaded,
            )
            for one in rows
        ],
    )


async def _asked(visit: Visit) -> OneBatch:
    """The batch that the address names; only the company's own alerts are ever looked at."""
    given = visit.request.query_params
    return OneBatch(
        organisation_id=(await company_of(visit)).organisation_id,
        product_code=some_text(given.get("product_code", "")),
        batch=some_text(given.get("batch", "")),
    )
