"""What a company does about the alerts of its own products: batch by batch, and where print and upload may differ."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from sinetti.alerts.near_misses import NEAR_MISS_DAYS, in_words, telling_of
from sinetti.alerts.root_cause.words import cause_name
from sinetti.portal.differences import compared_values
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.product_alerts import gap_pages, store
from sinetti.portal.pages.product_alerts.company import company_of
from sinetti.portal.pages.product_alerts.overview import show_overview
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.rules.vocabulary import ParameterName


async def show_batches(visit: Visit) -> Response:
    """Open alerts by product and batch, what waits for the company, and by when."""
    company = await company_of(visit)
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"what": store.WHAT},
    )
    words = visit.words
    return visit.render(
        "batches.html",
        is_counted=company.is_counted,
        counted=await store.count_alerts(visit.tx, company.organisation_id),
        list=await store.list_batches(visit.tx, query, company.organisation_id, visit.language.value),
        cause_name=lambda cause: cause_name(cause, visit.language),
        what_choices=[("", words["everything"]), *((what, words["whats"][what]) for what in store.WHAT)],
    )


async def show_near_misses(visit: Visit) -> Response:
    """How what was sent differs from what was uploaded, by batch and kind of difference."""
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.NEAR_MISS_ORDERS),
        filters={"status": (store.ANY,)},
        descending=True,
    )
    company = await company_of(visit)
    since = visit.now - timedelta(days=NEAR_MISS_DAYS)
    enough = visit.rules.parameters[ParameterName.SAME_DIFFERENCE_LOCATIONS].value
    words = visit.words
    found, examples = await store.list_near_misses(
        visit.tx, query, company.organisation_id, since, visit.language.value
    )
    return visit.render(
        "near_misses.html",
        is_counted=company.is_counted,
        list=found,
        days=NEAR_MISS_DAYS,
        tells=lambda row: telling_of(row, enough).value,
        says=lambda row: in_words(row, visit.language),
        examples=lambda row: [
            (*compared_values(one.difference)[1:], one) for one in examples[row.near_miss_id]
        ],
        status_choices=[("", words["open_ones"]), (store.ANY, words["closed_too"])],
    )


PAGE = Page(
    name="product_alerts",
    menu=MenuEntry(route="product_alerts", group=MenuGroup.INVESTIGATION, order=20),
    routes=(
        Route(
            name="product_alerts", path="/product-alerts", action="see_product_alerts", handler=show_batches
        ),
        Route(
            name="near_misses",
            path="/product-alerts/near-misses",
            action="see_product_alerts",
            handler=show_near_misses,
        ),
        Route(
            name="upload_gaps",
            path="/product-alerts/upload-gaps",
            action="see_product_alerts",
            handler=gap_pages.show_gaps,
        ),
        Route(
            name="alerts_overview",
            path="/product-alerts/overview",
            action="see_product_alerts",
            handler=show_overview,
        ),
        # A batch is named in the query, as where batches are looked up: it may hold any sign.
        Route(
            name="upload_gap",
            path="/product-alerts/upload-gaps/batch",
            action="see_product_alerts",
            handler=gap_pages.show_gap,
        ),
        Route(
            name="serial_numbers_of_gap",
            path="/product-alerts/upload-gaps/serial-numbers.csv",
            action="see_product_alerts",
            handler=gap_pages.give_serial_numbers,
            is_page=False,
        ),
    ),
)
