"""The operator's pages in a browser, in three languages: no barrier, wide and narrow, by day and by night."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Page
from tests.browser.test_portal import Served, _run, picture, portal, visit_portal  # noqa: F401
from tests.browser.visits import LANGUAGES, Visit, Visitor, check
from tests.http.portal.world import SESSION_COOKIE

from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database


@contextmanager
def signed_in(
    served: Served, visitor: Visitor, person: str, language: str, **options: Any
) -> Iterator[Visit]:
    """A browser of its own with a session of that person; `options` are those of a browser context."""

    async def begun() -> str:
        async with await Database.open(served.database_url, pool_max=1) as database:
            world = type(served.world)(database, system_clock, served.world.places, served.world.people)
            return await world.sign_in(person)

    with visitor(locale=language, **options) as opened:
        cookies = {SESSION_COOKIE: _run(begun()), "sinetti_language": language}
        opened.page.context.add_cookies(
            [{"name": name, "value": value, "url": served.address} for name, value in cookies.items()]
        )
        yield opened


def execute(served: Served, statement: str, *values: object) -> None:
    """Change the portal's database."""

    async def done() -> None:
        async with (
            await Database.open(served.database_url, pool_max=1) as database,
            database.transaction() as tx,
        ):
            await tx.execute(statement, values)

    _run(done())


def submit(page: Page) -> None:
    """Send the page's form."""
    with page.expect_navigation():
        page.click("main form[method=post] button[type=submit]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_organisation_is_added_changed_locked_and_unlocked(portal, visit_portal, language):  # noqa: F811
    with signed_in(portal, visit_portal, "operator_administrator", language) as opened:
        page = opened.go("/organisations")
        check(page)
        picture(page, language, "portal-organisations")
        page.click("main a.govuk-button")
        check(page)
        page.fill("#name", f"Selain {language}")
        page.check("input[value=hospital_pharmacy]")
        page.fill("#business_id", f"1234567-{LANGUAGES.index(language)}")
        page.fill("#contact_email", "selain@example.fi")
        submit(page)
        assert page.inner_text("h1") == f"Selain {language}"
        check(page)
        address = page.url
        page.click("main ul a[href$='/change']")
        assert page.input_value("#contact_email") == "selain@example.fi"
        assert page.is_checked("input[value=hospital_pharmacy]")
        check(page)
        page.fill("#contact_phone", "09 123")
        submit(page)
        page.goto(address)
        page.click("main ul a[href$='/lock']")
        check(page)
        page.fill("#reason", "Sopimus on päättynyt")
        submit(page)
        assert "Sopimus on päättynyt" in page.inner_text("main")
        check(page)
        page.click("main ul a[href$='/unlock']")
        page.fill("#reason", "Uusi sopimus")
        submit(page)
        assert page.locator("main .govuk-tag--red").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_users_of_a_locked_location_read_why(portal, visit_portal, language):  # noqa: F811
    location_id = portal.world.places["other"].location.location_id
    with signed_in(portal, visit_portal, "operator_support", language) as opened:
        page = opened.go(f"/locations/{location_id}")
        page.click("main a[href$='/lock']")
        page.fill("#reason", "Salasana on vuotanut: ota yhteyttä tukeen")
        submit(page)
        check(page)
    with signed_in(portal, visit_portal, "other_location_user", language) as opened:
        for path in ("/", f"/locations/{location_id}"):
            page = opened.go(path)
            assert "Salasana on vuotanut" in page.locator("section[aria-label]").first.inner_text()
            check(page)
        picture(page, language, "portal-locked")
    execute(portal, "UPDATE location SET locked_at = NULL, lock_reason = NULL")


@pytest.mark.parametrize("language", LANGUAGES)
def test_equipment_across_the_country_and_its_software(portal, visit_portal, language):  # noqa: F811
    execute(
        portal,
        "INSERT INTO client_equipment_details (equipment_id, last_used_at, user_agent, api_version)"
        " SELECT equipment_id, now(), 'Maxx/' || equipment_id, '2.0' FROM client_equipment"
        " ON CONFLICT (equipment_id) DO UPDATE SET last_used_at = now(), user_agent = excluded.user_agent",
    )
    with signed_in(portal, visit_portal, "operator_support", language) as opened:
        page = opened.go("/equipment")
        check(page)
        picture(page, language, "portal-all-equipment")
        page.fill("#q", "Maxx/1")
        page.press("#q", "Enter")
        page.wait_for_url("**q=Maxx**")
        page.wait_for_function("document.querySelectorAll('#list tbody tr').length === 1")
        opened.go("/equipment?q=nobody-has-this")
        check(page)
        with page.expect_download() as download:
            opened.go("/equipment")
            page.click("a[href^='/equipment/client-equipment.xlsx']")
        assert download.value.suggested_filename == "client-equipment.xlsx"
        opened.go("/equipment/software")
        check(page)
        picture(page, language, "portal-software")
        page.click("#list tbody a")
        assert page.locator("#list tbody tr").count() >= 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_announcement_is_read_by_all_until_it_is_put_aside(portal, visit_portal, language):  # noqa: F811
    execute(portal, "UPDATE announcement SET withdrawn_at = now() WHERE withdrawn_at IS NULL")
    with signed_in(portal, visit_portal, "operator_support", language) as opened:
        page = opened.go("/announcements")
        check(page)
        page.click("main a.govuk-button")
        check(page)
        page.check("input[value=info]")
        for code in LANGUAGES:
            page.fill(f"#text_{code}", f"Huoltokatko {code}: lauantaina kello 22")
        page.check("input[value=everybody]")
        page.fill("#ends_at", "2099-12-31T18:00")
        submit(page)
        check(page)
        picture(page, language, "portal-announcements")
    with visit_portal(locale=language) as opened:
        page = opened.go("/sign-in", language)
        assert f"Huoltokatko {language}" in page.locator("section[aria-label]").first.inner_text()
        check(page)
    with signed_in(portal, visit_portal, "location_user", language) as opened:
        page = opened.go("/locations")
        check(page)
        with page.expect_navigation():
            page.click("section[aria-label] button")
        assert page.url == portal.address + "/locations"
        assert page.locator(".portal-announcement").count() == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_legitimacy_check_is_recorded(portal, visit_portal, language):  # noqa: F811
    with signed_in(portal, visit_portal, "operator_support", language) as opened:
        page = opened.go("/legitimacy")
        check(page)
        picture(page, language, "portal-legitimacy")
        page.click("#list tbody a")
        check(page)
        page.fill("#method", "Lupa katsottiin Fimean rekisteristä")
        page.fill("#document_reference", "DN 12/2026")
        submit(page)
        check(page)
        assert "DN 12/2026" in page.inner_text("main table")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trail_of_a_pack_is_read_on_a_ground(portal, visit_portal, language):  # noqa: F811
    execute(portal, PACK_WITH_A_TRAIL)
    with signed_in(portal, visit_portal, "operator_support", language) as opened:
        page = opened.go("/pack-trail")
        check(page)
        page.check("input[value=alert]")
        page.fill("#alert_id", "FI-7KD-2MP-X9A-4TQ-H8C")
        picture(page, language, "portal-pack-trail")
        submit(page)
        assert "SN12345" in page.inner_text("main")
        assert "SN12345" not in page.url
        check(page)
        opened.go("/batches?product_code=6412345678907")
        check(page)
    with signed_in(portal, visit_portal, "authority_inspector", language) as opened:
        page = opened.go("/pack-trail")
        check(page)
        opened.go("/audit")
        assert "FI-7KD-2MP-X9A-4TQ-H8C" in page.inner_text("main")


PACK_WITH_A_TRAIL = """
WITH known AS (
    INSERT INTO product (scheme, product_code, organisation_id, name, uploaded_at)
    SELECT 'gs1', '06412345678907', min(organisation_id), 'Testilääke 10 mg', now() FROM organisation
    ON CONFLICT DO NOTHING RETURNING product_id
), batched AS (
    INSERT INTO batch (product_id, batch, expiry, uploaded_at, pack_count, serial_length_min, serial_length_max, serial_format)
    SELECT product_id, 'LOT-42/A', '291200', now(), 1, 7, 7, 3 FROM known RETURNING product_id, batch_id
), event AS (
    INSERT INTO pack_event (product_id, recorded_at, serial_key, transaction_id, operation, operation_code, level,
                            state_before, state_after, scheme, product_code, serial_number, batch, expiry, entry_mode,
                            alert_id, rules_version, location_id, organisation_id)
    SELECT product_id, now(), '7de08285-475a-4f56-0000-000000000000', gen_random_uuid(), 'supply', '51220200', 5,
           'Supplied', 'Supplied', 'gs1', '06412345678907', 'SN12345', 'LOT-42/A', '291200', 'non-manual',
           'FI-7KD-2MP-X9A-4TQ-H8C', 'x', location_id, organisation_id
      FROM batched, (SELECT * FROM location ORDER BY location_id LIMIT 1) AS place
    RETURNING product_id, event_number, recorded_at, alert_id
)
INSERT INTO alert (alert_id, product_id, event_number, recorded_at)
SELECT alert_id, product_id, event_number, recorded_at FROM event
"""
