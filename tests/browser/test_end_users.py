"""What end users do with an alert's pack in a browser: ask for an investigation with the scanner, and print the label."""

from __future__ import annotations

import re

from playwright.sync_api import expect
from tests.browser.test_portal_pages import Portal, let_go, portal, watched  # noqa: F401 - a fixture
from tests.http.portal.alerts import PRODUCT_CODES

from sinetti.gs1.encode import bracketed

MILLIMETRE = 72 / 25.4


def test_a_scan_fills_the_request_and_sending_it_leads_to_the_photos(portal: Portal):  # noqa: F811
    visit = watched(portal, "location_user")
    page = visit.page
    alert = portal.world.places["own"].alert_id
    page.goto(f"{portal.address}/alerts/{alert}?lang=en")
    page.get_by_role("button", name="Ask for an investigation").click()
    code = page.get_by_label("Product code (PC / GTIN)")
    code.fill("")
    code.focus()
    # A scanner types what the code holds, and Enter.
    page.keyboard.type(bracketed(PRODUCT_CODES["own"], "AbCdEfGh", "B1", "301231"))
    page.keyboard.press("Enter")
    expect(page.get_by_text("The fields are filled in from the code.")).to_be_visible()
    for label, value in (
        ("Batch (Lot)", "B1"),
        ("Serial number (SN)", "AbCdEfGh"),
        ("Expiry date", "301231"),
    ):
        expect(page.get_by_label(label)).to_have_value(value)
    expect(code).to_have_value(PRODUCT_CODES["own"])
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_text("The request is sent. Add photos of the pack")).to_be_visible()
    assert page.url.endswith(f"/alerts/{alert}#photos")
    expect(page.get_by_text("Request for investigation (NMVO-0048 6.1)")).to_be_visible()
    let_go(visit)
    assert visit.errors == []
    assert visit.elsewhere == []


def test_the_label_prints_alone_on_its_own_paper(portal: Portal):  # noqa: F811
    visit = watched(portal, "location_user")
    page = visit.page
    entry = "/set-aside/{}/{}".format(*portal.world.places["own"].set_aside)
    for size, millimetres in (("sheet", (210, 297)), ("small", (100, 62))):
        page.goto(f"{portal.address}{entry}/label?size={size}&lang=en")
        page.emulate_media(media="print")
        expect(page.locator(".portal-label")).to_be_visible()
        for hidden in (".portal-header", ".portal-menu", ".portal-footer", "h1"):
            expect(page.locator(hidden)).to_be_hidden()
        pdf = page.pdf(prefer_css_page_size=True)
        assert len(re.findall(rb"/Type ?/Page\b", pdf)) == 1, "on one page"
        box = re.search(rb"/MediaBox ?\[0 0 ([\d.]+) ([\d.]+)\]", pdf)
        assert box is not None
        assert tuple(round(float(side) / MILLIMETRE) for side in box.groups()) == millimetres
        page.emulate_media(media="screen")
    let_go(visit)
    assert visit.errors == []
