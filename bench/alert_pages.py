"""Benchmark 8: how long the pages about alerts take with 100 000 open ones, by every order and filter."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

import psycopg

from bench import system
from bench.ground import Options
from bench.portal import COUNTRY, QUICK_REQUESTS, Browser, Timed, session
from bench.report import Finding, milliseconds, whole
from sinetti.alerts.boards import Dimension
from sinetti.alerts.company_sums import CompanySums
from sinetti.alerts.day_sums import count_days
from sinetti.alerts.gaps import Gap
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.portal.pages.product_alerts import gaps_store, store
from sinetti.rules.alerts.vocabulary import AlertKind, AlertStatus
from sinetti.rules.vocabulary import Cause

ALERTS, OPEN = 300_000, 100_000
AIM_MS = 300.0
REQUESTS = 25
ALERTS_OPENED = 25
ZONE = ZoneInfo("Europe/Helsinki")
FILE = Path(__file__).with_name("alert_pages.sql")
COMPANY_FILE = Path(__file__).with_name("alert_pages_company.sql")
CHANGED = 20
"""Alerts that change between two looks where that is measured: more than a second of a thousand alerts a minute."""
NOTE = (
    f"{whole(ALERTS)} alerts of three months, {whole(OPEN)} of them open, {{late}} deadlines missed; 800 products, "
    "6 400 batches, 5 000 locations, 20 000 client equipment. One request after the other, over one connection of "
    "the same machine; the time is the client's, and has all of the server's in it. Counting the days of all three "
    "months for the boards, as the worker does at its first start and each night, takes {counting} s. For the company "
    "of all alerts, every alert then belongs to one company; counting all its batches anew takes {company} s. "
    f"While alerts change, {CHANGED} of them do before each look."
)
Query = Mapping[str, object]


def pages(server: EmbeddedPostgres, options: Options) -> Finding:
    """(8) The list in every order and by every filter, the boards, one alert: for operator, company and pharmacy."""
    url = system.make_database(server, "alert_pages")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(COUNTRY.read_text(encoding="utf-8"))
        connection.execute(FILE.read_text(encoding="utf-8"))
        connection.execute("VACUUM ANALYZE")
        known = _known(connection)
    counting = asyncio.run(_count(url))
    tokens = {who: asyncio.run(session(url, number)) for who, number in known["people"].items()}
    requests = QUICK_REQUESTS if options.rounds == 1 else REQUESTS
    times: dict[str, list[tuple[str, Timed]]] = {}
    with system.serve(url, command=[system.program("sinetti"), "serve", "portal"]) as service:
        options.quiet.wait()
        for who, token in tokens.items():
            browser = Browser(service, token)
            for what, path in _paths(who, known):
                times.setdefault(f"{what} ({who})", []).append((path, browser.time(path, requests)))
        company_counting = _give_all_to_company(url)
        browser = Browser(service, tokens["company"])
        for what, path in _company_paths(known):
            timed = browser.time(path, requests)
            times.setdefault(f"{what} (company of all alerts)", []).append((path, timed))
        with psycopg.connect(url, autocommit=True) as connection:
            for path in ("/product-alerts", "/product-alerts/near-misses", "/product-alerts/upload-gaps"):
                timed = browser.time(path, requests, before=lambda: _change_some(connection))
                times.setdefault("while alerts change (company of all alerts)", []).append((path, timed))
    system.drop_database(server, "alert_pages")
    slowest = max((timed.p95, path) for some in times.values() for path, timed in some)
    return Finding(
        number=8,
        title=f"The pages about alerts with {whole(OPEN)} open ones",
        aim=f"p95 below {AIM_MS:.0f} ms for the list by any order or filter, the boards and an alert",
        got=f"slowest p95 {slowest[0]:.0f} ms",
        met=slowest[0] < AIM_MS,
        columns=("page", "looks", "p50 ms of the middle one", "slowest look", "its p50 ms", "its p95 ms"),
        rows=[_row(what, some) for what, some in times.items()],
        notes=[
            NOTE.format(
                late=whole(known["late"]), counting=f"{counting:.1f}", company=f"{company_counting:.1f}"
            )
        ],
        values={
            "slowest": slowest,
            "all": {path: timed.p95 for some in times.values() for path, timed in some},
        },
    )


def _row(what: str, some: Sequence[tuple[str, Timed]]) -> tuple[str, ...]:
    path, worst = max(some, key=lambda one: one[1].p95)
    middle = sorted(timed.p50 for _, timed in some)[len(some) // 2]
    return (
        what,
        str(len(some)),
        milliseconds(middle),
        f"`{path}`",
        milliseconds(worst.p50),
        milliseconds(worst.p95),
    )


def _paths(who: str, known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What is asked for, with its address."""
    for query in _list_queries(who, known):
        yield "list", f"/alerts?{urlencode(query, quote_via=quote)}"
    if who == "operator":
        for days in (7, 28, 90):
            for by in Dimension:
                yield "boards", f"/boards?days={days}&by={by}"
    for alert_id in known["alert_ids"][who]:
        yield "one alert", f"/alerts/{alert_id}"


def _company_paths(known: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What a company is shown of its products: each page in each order and by each filter, and its list of alerts."""
    product: str
    batch: str
    product, batch = known["batches"][0]
    pages: Mapping[str, tuple[str, Sequence[str], Sequence[Query]]] = {
        "by batch": ("/product-alerts", list(store.ORDERS), [{"what": what} for what in store.WHAT]),
        "near misses": ("/product-alerts/near-misses", list(store.NEAR_MISS_ORDERS), [{"status": store.ANY}]),
        "upload gaps": (
            "/product-alerts/upload-gaps",
            list(gaps_store.ORDERS),
            [{"status": gaps_store.ANY}, *({"gap": gap.value} for gap in Gap)],
        ),
    }
    for what, (path, orders, filters) in pages.items():
        narrowed = [{}, *filters, *({"q": search} for search in ("Valmiste 7", product, batch, "nothing"))]
        for sort in [sign + column for column in orders for sign in ("", "-")]:
            for query in narrowed:
                yield what, f"{path}?{urlencode({**query, 'sort': sort}, quote_via=quote)}"
        yield what, f"{path}?page=10000"
    yield "upload gap of a batch", f"/product-alerts/upload-gaps/batch?product_code={product}&batch={batch}"
    for days in (7, 28, 90):
        yield "overview", f"/product-alerts/overview?days={days}"
    for query in _list_queries("company", known):
        yield "list", f"/alerts?{urlencode(query, quote_via=quote)}"


def _give_all_to_company(url: str) -> float:
    """Make all alerts those of one company and count them; how many seconds counting took."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(COMPANY_FILE.read_text(encoding="utf-8"))
        connection.execute("VACUUM ANALYZE")
    asyncio.run(_count(url))
    return asyncio.run(_count_company(url))


async def _count_company(url: str) -> float:
    async with await Database.open(url, pool_max=1) as database:
        counting = CompanySums(database, system_clock)
        began = asyncio.get_running_loop().time()
        while await counting.count_once():
            pass
        return asyncio.get_running_loop().time() - began


def _change_some(connection: psycopg.Connection) -> None:
    """Some open alerts anywhere get another class, as if somebody worked on them."""
    connection.execute(
        "UPDATE alert_file SET classification = CASE classification WHEN 'suspicion' THEN 'potential_suspicion'"
        " ELSE 'suspicion' END WHERE (product_id, event_number) IN (SELECT product_id, event_number FROM alert_file"
        " TABLESAMPLE SYSTEM (1) WHERE status <> 'closed' ORDER BY random() LIMIT %s)",
        (CHANGED,),
    )


def _list_queries(who: str, known: dict[str, Any]) -> Iterator[Query]:
    orders = [sign + column for column in ("recorded_at", "product", "status") for sign in ("", "-")]
    for status in ("", "any", "closed"):
        for sort in orders:
            yield {"status": status, "sort": sort}
            yield {"status": status, "sort": sort, "page": 400}
    filters: list[Query] = [
        *({"status": status.value} for status in AlertStatus),
        *({"kind": kind.value} for kind in AlertKind),
        *({"cause": cause.value} for cause in Cause),
        {"overdue": "own"},
        {"overdue": "any"},
        {"overdue": "any", "cause": Cause.FALSIFICATION_PATTERN.value},
        {"from": known["day"], "until": known["day"]},
        *({"q": search} for search in known["searches"]),
        *({"product": product, "batch": batch} for product, batch in known["batches"]),
    ]
    if who != "company":
        filters += [
            *({"location": number} for number in known["locations"]),
            *({"equipment": number} for number in known["equipment"]),
            *({"software": name} for name in known["software"]),
        ]
    if who == "operator":
        filters += [
            *({"place": name} for name in ("apteekki", "äänekoski 7", "no such name")),
            *({"organisation": number} for number in known["organisations"]),
            *({"company": number} for number in known["companies"]),
        ]
    for one in filters:
        yield one
        yield {**one, "sort": "product"}
        yield {**one, "status": "any"}


def _known(connection: psycopg.Connection) -> dict[str, Any]:
    """Of everything that can be filtered by, what most alerts have and what few have."""

    def values(query: str) -> list[Any]:
        return [row[0] if len(row) == 1 else row for row in connection.execute(query).fetchall()]

    def most_and_fewest(columns: str) -> list[Any]:
        grouped = f"SELECT {columns} FROM alert_file WHERE user_agent IS NOT NULL GROUP BY {columns}"
        ends = [values(f"{grouped} ORDER BY count(*) {order} LIMIT 1") for order in ("DESC", "ASC")]
        return [one for some in ends for one in some]

    batches = most_and_fewest("product_code, batch")
    serial_number, alert_id = values("SELECT serial_number, alert_id FROM alert_file LIMIT 1")[0]
    organisation_id = most_and_fewest("organisation_id")[0]
    (company,) = values("SELECT user_id FROM person WHERE email = 'mah@example.fi'")
    pharmacy = connection.execute(
        "SELECT user_id FROM person WHERE organisation_id = %s LIMIT 1", (organisation_id,)
    ).fetchone()
    assert pharmacy is not None, "every organisation has people"
    some_open = f"status <> 'closed' ORDER BY md5(alert_id) LIMIT {ALERTS_OPENED}"
    return {
        "people": {"operator": 1, "company": company, "pharmacy": pharmacy[0]},
        "day": values("SELECT (now() - interval '40 days')::date::text")[0],
        "searches": [alert_id, alert_id.lower(), serial_number, *batches[0], *batches[1], "nothing"],
        "batches": batches,
        "locations": most_and_fewest("location_id"),
        "equipment": most_and_fewest("equipment_id"),
        "software": most_and_fewest("user_agent"),
        "organisations": most_and_fewest("organisation_id"),
        "companies": most_and_fewest("obp_organisation_id"),
        "late": values("SELECT count(*) FROM alert_deadline WHERE met_at IS NULL AND due_at < now()")[0],
        "alert_ids": {
            "operator": values(f"SELECT alert_id FROM alert_file WHERE {some_open}"),
            "company": values(
                "SELECT alert_id FROM alert_file WHERE obp_organisation_id = (SELECT organisation_id FROM person"
                f" WHERE user_id = {company}) AND {some_open}"
            ),
            "pharmacy": values(
                f"SELECT alert_id FROM alert_file WHERE organisation_id = {organisation_id} AND {some_open}"
            ),
        },
    }


async def _count(url: str) -> float:
    """Count the days for the boards, as the worker does; how many seconds it took."""
    began = asyncio.get_running_loop().time()
    async with await Database.open(url, pool_max=1) as database:
        await count_days(database, ZONE, system_clock())
    return asyncio.get_running_loop().time() - began
