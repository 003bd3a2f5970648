"""The operator works on an alert in a browser, from its first look to the closed case; the pictures of its guide."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page
from tests.browser.test_operator import signed_in
from tests.browser.test_portal import Served, _run, picture, portal, visit_portal  # noqa: F401
from tests.http.portal.alerts import BATCH, PRODUCT_CODES, STORED_SERIAL, analyse, ask_pack, raise_alerts
from tests.http.portal.world import World

from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.rules.vocabulary import Operation


@pytest.fixture(scope="module")
def alert(portal: Served) -> str:  # noqa: F811
    """An alert of the own pharmacy, and one of the other in the same case; both batches were uploaded."""

    async def raised() -> None:
        async with await Database.open(portal.database_url, pool_max=1) as database:
            world = World(database, system_clock, portal.world.places, portal.world.people)
            await raise_alerts(world)
            wrong = STORED_SERIAL.swapcase()
            await ask_pack(world, "other", Operation.VERIFY, wrong, product_code=PRODUCT_CODES["own"])
            async with database.transaction() as tx:
                await tx.execute(
                    "INSERT INTO upload (product_id, batch_id, content_sha256, pack_count, organisation_id,"
                    " transaction_id, recorded_at) SELECT product_id, batch_id, sha256('x'), 1, 1,"
                    " gen_random_uuid(), uploaded_at FROM batch"
                )
                await tx.execute(
                    "INSERT INTO location_details (location_id, contact_name, contact_phone, contact_email, languages,"
                    " state_at) VALUES (%s, 'Aino Avain', '09 123 456', 'aino@example.fi', '{fi,sv}', now())"
                    " ON CONFLICT (location_id) DO UPDATE SET contact_name = excluded.contact_name,"
                    " contact_phone = excluded.contact_phone, contact_email = excluded.contact_email",
                    (world.places["own"].location.location_id,),
                )
            await analyse(world)

    _run(raised())
    return portal.world.places["own"].alert_id


def submit(page: Page, form: str) -> None:
    """Send the form whose address ends like this."""
    with page.expect_navigation():
        page.click(f"main form[action$='{form}'] button[type=submit]")


def show(page: Page, part: str) -> None:
    """Bring a part of the page to the top of the window, without the bar of the address."""
    page.locator(f"#{part}").evaluate("one => window.scrollTo(0, one.offsetTop - 20)")


def test_the_operator_works_from_the_alert_to_the_closed_case(portal, visit_portal, alert):  # noqa: F811
    with signed_in(portal, visit_portal, "operator_support", "en") as opened:
        page = opened.go(f"/alerts/{alert}")
        page.set_viewport_size({"width": 1100, "height": 760})
        picture(page, "en", "portal-alert")
        page.click("main a:has-text('Count the packs')")
        show(page, "batches")
        assert f"Batch {BATCH}, as it was sent" in page.inner_text("main")
        picture(page, "en", "portal-alert-batch")
        show(page, "contacts")
        assert page.get_attribute("a[href^='tel:']", "href") == "tel:09123456"
        picture(page, "en", "portal-alert-contact")

        page.click("main a[href$='/trail']")
        page.fill("#reference", "the pharmacy asked by telephone")
        submit(page, "/trail")
        assert "Metson apteekki" in page.inner_text("table")
        show(page, "trail")
        picture(page, "en", "portal-alert-trail")

        page.click("main a[href$='/trail-requests']")
        page.select_option("#country", "SE")
        page.fill("#question", "Was this pack supplied in Sweden, where and when?")
        submit(page, "/trail-requests")
        page.locator("main section h2").evaluate("one => window.scrollTo(0, one.offsetTop - 20)")
        picture(page, "en", "portal-alert-abroad")
        page.click("main section summary:has-text('Note what happened')")
        page.check("input[value=send]")
        submit(page, "/steps")
        page.check("input[value=answer]")
        page.fill("main section textarea", "Nothing was done to it in Sweden.")
        submit(page, "/steps")
        assert "answered" in page.inner_text("main section h2")

        page.click("main a.govuk-back-link")
        page.fill("#body", "Your scanner swaps upper and lower case: look whether Caps Lock is on.")
        page.check("input[name=readers][value=all]")
        submit(page, "/messages")
        assert page.inner_text("h1") == "Send the message to 2 locations?"
        picture(page, "en", "portal-alert-to-all")
        submit(page, "/messages")

        page.click("main summary:has-text('Close the alert')")
        page.check("input[name=reason][value=reading_corrected]")
        page.locator("form:has(input[value=closed]) input[name=comment]").fill("Caps Lock was on.")
        with page.expect_navigation():
            page.click("form:has(input[value=closed]) button")
        history = page.inner_text("main").partition("What was done")[2]
        for told in ("the audit trail was read", "Sweden: answered", "status: closed"):
            assert told in history, told
