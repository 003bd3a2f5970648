"""The authority's inspector in a browser: reads a case with its photographs, changes nothing, and makes reports."""

# ruff: noqa: F811 - fixtures of other files

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from tests.browser.test_operator import execute, signed_in
from tests.browser.test_operator_alerts import alert, submit  # noqa: F401
from tests.browser.test_portal import Served, _run, picture, portal, visit_portal  # noqa: F401
from tests.browser.visits import LANGUAGES, NARROW, faults, hard_to_see, sideways
from tests.http.portal.test_authority_reports import COUNTRY

from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.portal.pages.authority_reports import routes
from sinetti.portal.pages.authority_reports.catalogue import Reads
from sinetti.portal.results import result_makers
from sinetti.reports.personal import personal_tasks

PURPOSE = "input[name=purpose][value=a]"
LATER = "2026-12-31"


def audited(served: Served, action: str) -> list[tuple[str, str | None]]:
    """Who did it, on which ground."""

    async def found() -> list[tuple[str, str | None]]:
        async with (
            await Database.open(served.database_url, pool_max=1) as database,
            database.transaction() as tx,
        ):
            cursor = await tx.execute(
                "SELECT user_role, ground FROM audit_entry WHERE action = %s ORDER BY audit_number", (action,)
            )
            return [(row[0], row[1]) for row in await cursor.fetchall()]

    entries: list[tuple[str, str | None]] = _run(found())
    return entries


def framed(page: Page, part: str, name: str, height: int = 760) -> None:
    """A picture that begins with this part of the page."""
    page.set_viewport_size({"width": 1100, "height": height})
    page.locator(part).first.evaluate("one => window.scrollTo(0, one.offsetTop - 20)")
    picture(page, "en", name)


def make_what_waits(served: Served) -> None:
    """What the worker does."""

    async def made() -> None:
        async with await Database.open(served.database_url, pool_max=3) as database:
            (task,) = personal_tasks(database, result_makers(COUNTRY), system_clock)
            async with database.transaction() as tx:
                cursor = await tx.execute("SELECT request_id FROM report_request WHERE finished_at IS NULL")
                waiting = [row[0] for row in await cursor.fetchall()]
            for request_id in waiting:
                await task.run(request_id=str(request_id))

    _run(made())


def ask_for(page: Page, report: str) -> None:
    page.check(f"input[name=report][value={report}]")
    page.check(PURPOSE)
    page.fill("#last", LATER)
    submit(page, "/authority-reports")


def test_the_inspector_reads_a_case_with_its_photographs_and_changes_nothing(portal, visit_portal, alert):
    with signed_in(portal, visit_portal, "authority_inspector", "en") as opened:
        page = opened.go(f"/alerts/{alert}")
        page.set_viewport_size({"width": 1100, "height": 760})
        told = page.inner_text("main")
        for words in ("Metson apteekki, keskusta", "Revontul 10 mg", "Possible suspicion", "What was done"):
            assert words.casefold() in told.casefold(), words
        forms = page.locator("main form").evaluate_all("all => all.map((one) => one.action)")
        assert forms == [], "nothing can be changed"
        small = page.locator(".portal-photo img").first
        small.scroll_into_view_if_needed()
        page.wait_for_function("one => one.complete && one.naturalWidth > 0", arg=small.element_handle())
        framed(page, "main h2:has-text('Investigation')", "portal-authority-case", 560)
        with page.expect_download() as fetched:
            page.click("main a[href$='/original']")
        assert fetched.value.path().read_bytes()[:2] == b"\xff\xd8", "the photograph as it came"

        page.click("main a[href$='/trail']")
        page.check(PURPOSE)
        submit(page, "/trail")
        assert "Metson apteekki" in page.inner_text("table")
    for action in ("case_read", "original_photo_fetched", "trail_read"):
        role, ground = audited(portal, action)[-1]
        assert role == "authority_inspector", action
        assert ground is not None, action
        assert ground.startswith("Art. 39(a)"), action


def test_a_report_is_asked_for_shown_and_taken_out(portal, visit_portal, alert):
    with signed_in(portal, visit_portal, "authority_inspector", "en") as opened:
        page = opened.go("/authority-reports")
        framed(page, "main h1", "portal-authority-form", 900)
        ask_for(page, "alerts")
        assert "Unknown serial number" in page.inner_text("table")
        framed(page, "main h1", "portal-authority-report")
        with page.expect_download() as fetched:
            page.click("main a[download]:has-text('PDF')")
        assert fetched.value.path().read_bytes()[:5] == b"%PDF-"
        page.click("main a.govuk-back-link")
        assert "Ready" in page.inner_text("main table")
    assert audited(portal, "authority_report_made")[-1] == ("authority_inspector", "Art. 39(a)")
    assert audited(portal, "authority_report_fetched")[-1] == ("authority_inspector", "Art. 39(a)")


@pytest.mark.parametrize("scripts", [True, False], ids=["with JavaScript", "without"])
def test_the_page_of_a_large_report_becomes_the_report_by_itself(
    portal, visit_portal, alert, monkeypatch, scripts
):
    monkeypatch.setitem(routes.AT_ONCE, Reads.ALERTS, 0)
    with signed_in(portal, visit_portal, "authority_inspector", "en", java_script_enabled=scripts) as opened:
        page = opened.go("/authority-reports")
        ask_for(page, "alerts")
        assert "0 % done" in page.inner_text("main")
        execute(portal, "UPDATE report_request SET progress_percent = 45 WHERE finished_at IS NULL")
        page.wait_for_selector("progress[value='45']", timeout=15_000)
        if scripts:
            framed(page, "main h1", "portal-authority-waiting", 400)
        make_what_waits(portal)
        page.wait_for_selector("main table", timeout=15_000)
        assert "Unknown serial number" in page.inner_text("table")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_waiting_page_serves_everybody(portal, visit_portal, alert, monkeypatch, language):
    monkeypatch.setitem(routes.AT_ONCE, Reads.ALERTS, 0)
    with signed_in(portal, visit_portal, "authority_inspector", language) as opened:
        page = opened.go("/authority-reports")
        ask_for(page, "alerts")
        assert faults(page, repeated_parts=True) == []
        assert hard_to_see(page) == []
        page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
        assert sideways(page) == []
        name = re.sub(r"\d+", "N", page.inner_text("label[for=done]"))
        assert name, "the bar has a name"
        make_what_waits(portal)
