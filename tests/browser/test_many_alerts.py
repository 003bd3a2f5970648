"""One change of many alerts, and a long list as a file, in a browser; the pictures of their guide."""

# ruff: noqa: F811 - fixtures of other files

from __future__ import annotations

import pytest
from tests.browser.test_authority import framed, make_what_waits
from tests.browser.test_operator import signed_in
from tests.browser.test_portal import Served, _run, portal, visit_portal  # noqa: F401
from tests.browser.visits import faults, hard_to_see
from tests.http.portal.alerts import analyse, raise_alert, raise_alerts
from tests.http.portal.world import World

from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.portal.pages.alerts import exporting


@pytest.fixture(scope="module")
def several(portal: Served) -> None:
    """Alerts of the own pharmacy."""

    async def raised() -> None:
        async with await Database.open(portal.database_url, pool_max=1) as database:
            world = World(database, system_clock, portal.world.places, portal.world.people)
            await raise_alerts(world)
            for number in range(3):
                await raise_alert(world, "own", serial_number=f"UNKNOWN{number}")
            await analyse(world)

    _run(raised())


@pytest.mark.usefixtures("several")
def test_several_alerts_are_ticked_seen_beforehand_and_changed(portal, visit_portal):
    with signed_in(portal, visit_portal, "organisation_main_user", "en") as opened:
        page = opened.go("/alerts")
        for box in page.locator("input[name=alert]").all():
            box.check()
        framed(page, "main h1", "portal-many-list", 900)
        with page.expect_navigation():
            page.click("main button:has-text('Change the chosen alerts')")
        page.check("input[name=what][value=close]")
        page.select_option("select[name=close]", "reading_corrected")
        with page.expect_navigation():
            page.click("main form[action*='/alerts/many'] button[type=submit]")
        assert page.inner_text("main h1") == "This is what will happen"
        framed(page, "main h1", "portal-many-preview")
        with page.expect_navigation():
            page.click("main form[action*='/alerts/many'] button[type=submit]")
        assert page.inner_text("main h1") == "What became of the alerts"


@pytest.mark.usefixtures("several")
def test_a_long_list_is_fetched_when_it_is_ready(portal, visit_portal, monkeypatch):
    monkeypatch.setattr(exporting, "AT_ONCE_MAX", 1)
    with signed_in(portal, visit_portal, "operator_support", "fi") as opened:
        page = opened.go("/alerts?status=any")
        page.click("main a:text-is('CSV')")
        assert faults(page, repeated_parts=True) == []
        with page.expect_navigation():
            page.click("main form[action*='/alerts/files'] button")
        assert faults(page, repeated_parts=True) == []
        assert hard_to_see(page) == []
        make_what_waits(portal)
        with page.expect_download() as fetched:
            page.click("main a[download]", timeout=15_000)
        assert fetched.value.suggested_filename == "alerts.csv"
        assert "Metson apteekki" in fetched.value.path().read_text("utf-8")
