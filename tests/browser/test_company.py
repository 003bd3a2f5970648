"""The company's work on alerts in a browser, from the overview to the notice; and the pictures of its guide."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest
from tests.browser.test_operator import execute, signed_in, submit
from tests.browser.test_portal import _run, picture, portal, visit_portal  # noqa: F401
from tests.browser.visits import check
from tests.http.portal.alerts import PRODUCT_CODES, analyse, ask_pack, raise_alerts

from sinetti.alerts.day_sums import count_days, count_hours
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.rules.vocabulary import Operation

OWN = PRODUCT_CODES["own"]


@pytest.fixture(scope="module")
def alerts(portal) -> str:  # noqa: F811
    """A print that differs, a batch that is not uploaded, and one alert under confirmation; its id."""

    async def raised() -> str:
        async with await Database.open(portal.database_url, pool_max=1) as database:
            world = type(portal.world)(database, system_clock, portal.world.places, portal.world.people)
            await raise_alerts(world)
            for whose in ("own", "other"):
                await ask_pack(world, whose, Operation.VERIFY, product_code=OWN, expiry="301130")
                for number in range(3):
                    serial_number = f"QW7{number}ZX4{whose}"
                    await ask_pack(
                        world, whose, Operation.VERIFY, serial_number, product_code=OWN, batch="B99"
                    )
            await analyse(world)
            await count_days(database, ZoneInfo("Europe/Helsinki"), system_clock())
            await count_hours(database, system_clock())
            return str(world.places["own"].alert_id)

    alert_id: str = _run(raised())
    execute(portal, "UPDATE organisation SET kind = 'wholesaler' WHERE name LIKE 'Ärlan%%'")
    execute(
        portal,
        "UPDATE alert_file SET classification = 'confirmed_falsification' WHERE alert_id = %s",
        alert_id,
    )
    return alert_id


def test_from_what_waits_to_the_hold_and_the_notice(portal, visit_portal, alerts):  # noqa: F811
    with signed_in(portal, visit_portal, "mah_obp_investigator", "en") as opened:
        page = opened.go("/product-alerts")
        picture(page, "en", "portal-product-alerts")
        page.click("main nav a >> nth=1")
        assert page.locator("mark").count() > 0
        picture(page, "en", "portal-near-misses")
        page.click("main nav a >> nth=2")
        page.click("main a[href*='batch=B99']")
        picture(page, "en", "portal-upload-gap")
        opened.go("/product-alerts/overview")
        page.click("main details summary >> nth=0")
        check(page)
        picture(page, "en", "portal-alerts-overview")
        page.go_back()
        page.click("main ol a[href*='sales-holds']")
        assert page.input_value("#batch") == "B99"
        page.fill("#reason", "The data of the batch is being corrected")
        submit(page)
        check(page)
        page.set_viewport_size({"width": 1100, "height": 900})
        picture(page, "en", "portal-sales-hold")
        opened.go(f"/alerts/{alerts}")
        page.click(f"main a[href='/alerts/{alerts}/notice']")
        check(page)
        picture(page, "en", "portal-chain-notice")
        submit(page)
        assert "The notice is sent." in page.inner_text("main")
        check(page)


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_a_batch_that_was_uploaded_with_a_wrong_expiry_is_corrected(portal, visit_portal, alerts, language):  # noqa: F811
    expiry = {"fi": "301130", "sv": "301129", "en": "301128"}[language]
    with signed_in(portal, visit_portal, "mah_obp_investigator", language) as opened:
        page = opened.go(f"/batches?product_code={OWN}&batch=B1")
        page.click("main a[href*='batches/correct']")
        check(page)
        page.fill("#new_expiry", expiry)
        page.fill("#reason", "Uploaded with another day than printed")
        submit(page)
        check(page)
        if language == "en":
            picture(page, "en", "portal-correct-batch")
        page.check("input[name=compared]")
        submit(page)
        check(page)
        assert expiry in page.inner_text("main")
