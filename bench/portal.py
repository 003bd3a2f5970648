"""Benchmark 7: how long the portal takes for each of its pages in a large country."""

from __future__ import annotations

import asyncio
import http.client
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from html import unescape
from pathlib import Path
from statistics import median, quantiles

import psycopg

from bench import system
from bench.ground import Options
from bench.report import Finding, milliseconds, whole
from sinetti.identity.people.model import PeopleRole
from sinetti.identity.people.sessions import begin_session
from sinetti.kit.db import Database
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.portal.access import Extent, Stage, read_permissions
from sinetti.portal.pages import PAGES
from sinetti.portal.routing import Route
from sinetti.portal.words import page_folder

ORGANISATIONS, LOCATIONS, EQUIPMENT, PEOPLE, AUDIT_ENTRIES = 1_000, 5_000, 20_000, 3_000, 200_000
AIM_PAGE_MS, AIM_LIST_MS = 100.0, 150.0
REQUESTS, REQUESTS_OF_A_VARIANT = 50, 10
QUICK_REQUESTS = 5
WHO = PeopleRole.OPERATOR_ADMINISTRATOR
SESSION_COOKIE = "sinetti_session"
SEARCHES = ("apteekki", "äänekoski 7", "no such name")
COUNTRY = Path(__file__).with_name("portal.sql")
NOTE = (
    f"{whole(ORGANISATIONS)} organisations, {whole(LOCATIONS)} locations, {whole(EQUIPMENT)} client equipment, "
    f"{whole(PEOPLE)} people, {whole(AUDIT_ENTRIES)} entries of the audit. One request after the other, over one "
    "connection of the same machine; the trivial page is `/health/ready`, {trivial} ms. Each list is also asked for in "
    "every order that it offers, at its last page, and with searches that find much, little and nothing."
)
OBJECTS = {"organisation_id", "location_id", "equipment_id", "user_id"}
"""What the country has; a page of something else is not measured here."""
_PARAMETERS = re.compile(r"\{(\w+)")
_SORTS = re.compile(r'<option value="(-?\w+)"[^>]*>', re.DOTALL)
_SORT_FIELD = re.compile(r'<select[^>]* name="sort">(.*?)</select>', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Timed:
    """Times of one page, in milliseconds."""

    p50: float
    p95: float


def pages(server: EmbeddedPostgres, options: Options) -> Finding:
    """(7) Each page as the operator's administrator sees it, and each list by every order and some searches."""
    url = system.make_database(server, "portal")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(COUNTRY.read_text(encoding="utf-8"))
        connection.execute("VACUUM ANALYZE")
    token = asyncio.run(session(url, 1))
    program = [system.program("sinetti"), "serve", "portal"]
    with system.serve(url, command=program) as service:
        options.quiet.wait()
        browser = Browser(service, token)
        browser.time("/health/ready", REQUESTS)
        trivial = browser.time("/health/ready", REQUESTS)
        rows, worst = _measured(browser, trivial, QUICK_REQUESTS if options.rounds == 1 else REQUESTS)
    system.drop_database(server, "portal")
    return Finding(
        number=7,
        title=f"The portal's pages with {whole(LOCATIONS)} locations and {whole(EQUIPMENT)} client equipment",
        aim=f"p95 below {AIM_PAGE_MS:.0f} ms for a page, {AIM_LIST_MS:.0f} ms for a list in any order",
        got=f"slowest page {worst['page']:.0f} ms, slowest list {worst['list']:.0f} ms",
        met=worst["page"] < AIM_PAGE_MS and worst["list"] < AIM_LIST_MS,
        columns=("page", "p50 ms", "p95 ms", "p50 / trivial", "slowest order or search", "its p95 ms"),
        rows=rows,
        notes=[NOTE.format(trivial=milliseconds(trivial.p50))],
        values={"worst": worst, "trivial_p50": trivial.p50},
    )


def _measured(
    browser: Browser, trivial: Timed, requests: int
) -> tuple[list[tuple[str, ...]], dict[str, float]]:
    rows: list[tuple[str, ...]] = []
    worst = {"page": 0.0, "list": 0.0}
    for route in _routes():
        path = re.sub(r"\{\w+(:int)?\}", "1", route.path)
        timed = browser.time(path, requests)
        slowest: tuple[str, float] = ("", 0.0)
        for variant in _variants(browser.get(path)):
            p95 = browser.time(f"{path}?{variant}", min(requests, REQUESTS_OF_A_VARIANT)).p95
            slowest = max(slowest, (variant, p95), key=lambda one: one[1])
        kind = "list" if slowest[0] else "page"
        worst[kind] = max(worst[kind], timed.p95, slowest[1])
        rows.append(
            (
                route.path,
                milliseconds(timed.p50),
                milliseconds(timed.p95),
                f"{timed.p50 / trivial.p50:.1f}",
                f"`{slowest[0]}`" if slowest[0] else "",
                milliseconds(slowest[1]) if slowest[0] else "",
            )
        )
    return rows, worst


def _routes() -> Iterator[Route]:
    """Pages that the administrator may see, and that need no link sent to somebody."""
    permissions = read_permissions(
        (page.name, page_folder(page.name).joinpath("permissions.csv")) for page in PAGES
    )
    for page in PAGES:
        for route in page.routes:
            rule = permissions[route.action]
            seen = rule.stage is Stage.FULL and rule.extents[WHO] is not Extent.NONE
            objects = set(_PARAMETERS.findall(route.path))
            if seen and route.method == "GET" and route.is_page and objects <= OBJECTS:
                yield route


def _variants(page: str) -> list[str]:
    """Orders of a list, its last page, and searches; nothing for a page that is no list."""
    field = _SORT_FIELD.search(page)
    if field is None:
        return []
    orders = [f"sort={sort}" for sort in _SORTS.findall(field[1])]
    return [*orders, "page=10000", *(f"q={search.replace(' ', '+')}" for search in SEARCHES)]


class Browser:
    """One connection that is kept, with the cookie of somebody signed in."""

    def __init__(self, service: system.Service, token: str) -> None:
        self._connection = http.client.HTTPConnection(service.host, service.port, timeout=60)
        self._headers: Mapping[str, str] = {
            "Cookie": f"{SESSION_COOKIE}={token}",
            "Accept-Language": "fi",
            "User-Agent": system.USER_AGENT,
        }

    def get(self, path: str) -> str:
        """The page. What is not there in this country, such as a form for something else's state, leads elsewhere."""
        self._connection.request("GET", path.replace("ä", "%C3%A4"), headers=dict(self._headers))
        answer = self._connection.getresponse()
        body = answer.read().decode("utf-8")
        if answer.status not in {200, 303}:
            raise RuntimeError(f"{path} answers {answer.status}: {unescape(body)[:2000]}")
        return body

    def time(self, path: str, requests: int, before: Callable[[], None] | None = None) -> Timed:
        """Ask for it so many times; the first time is not counted, as plans are made then. `before` is not timed."""
        self.get(path)
        times = []
        for _ in range(requests):
            if before is not None:
                before()
            began = time.perf_counter()
            self.get(path)
            times.append(1000 * (time.perf_counter() - began))
        return Timed(p50=median(times), p95=quantiles(times, n=20, method="inclusive")[-1])


async def session(url: str, user_id: int) -> str:
    """Token of somebody signed in; the administrator is person 1."""
    async with await Database.open(url, pool_max=1) as database, database.transaction() as tx:
        return await begin_session(
            tx, user_id, datetime.now(UTC), second_factor_done=True, must_set_second_factor=False
        )
