"""What a company does about the alerts of its own products: batch by batch, and where print and upload may differ."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from sinetti.alerts import cases
from sinetti.alerts.decide import side_of
from sinetti.alerts.root_cause.words import cause_name
from sinetti.portal.differences import compared_values
from sinetti.portal.lists import read_list_query
from sinetti.portal.pages.product_alerts import gap_pages, store
from sinetti.portal.pages.product_alerts.near_misses import in_words, telling_of
from sinetti.portal.pages.product_alerts.store import Company
from sinetti.portal.routing import MenuEntry, MenuGroup, Page, Route
from sinetti.portal.visit import Visit
from sinetti.rules.vocabulary import ParameterName

NEAR_MISS_DAYS = 90
"""Near misses are looked for among the alerts of so many days: a batch is on sale for months."""


def company_of(visit: Visit) -> Company:
    """The company of whoever looks."""
    side, organisation_id = side_of(cases.doer_of(visit.person).party), visit.reach.organisation_id
    assert side is not None, "only companies see their products' alerts so"
    assert organisation_id is not None, "the permission table reaches the own organisation"
    return Company(organisation_id=organisation_id, side=side, now=visit.now)


async def show_batches(visit: Visit) -> Response:
    """Open alerts by product and batch, what waits for the company, and by when."""
    company = company_of(visit)
    query = read_list_query(
        visit.request.url.path,
        visit.request.query_params,
        columns=list(store.ORDERS),
        filters={"what": store.WHAT},
    )
    words = visit.words
    return visit.render(
        "batches.html",
        counted=await store.count_alerts(visit.tx, company),
        list=await store.list_batches(visit.tx, query, company, visit.language.value),
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
    since = visit.now - timedelta(days=NEAR_MISS_DAYS)
    found, examples = await store.list_near_misses(
        visit.tx, query, company_of(visit), since, visit.language.value
    )
    enough = visit.rules.parameters[ParameterName.SAME_DIFFERENCE_LOCATIONS].value
    words = visit.words
    return visit.render(
        "near_misses.html",
        list=found,
        days=NEAR_MISS_DAYS,
        tells=lambda row: telling_of(row, enough).value,
        says=lambda row: in_words(row, visit.language),
        examples=lambda row: [
            (*compared_values(one.difference)[1:], one) for one in examples if one.group == row.group
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
