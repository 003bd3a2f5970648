"""The portal in a browser: from an invitation to the list of locations, in three languages and by keyboard alone."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route
from tests.browser.pictures import ON_REQUEST, take
from tests.browser.visits import LANGUAGES, Visitor, check, sideways
from tests.conftest import TEMPLATE, fresh_database
from tests.http.portal.world import World, furnish
from tests.http.running import a_portal_server, a_server

from sinetti.identity.people import people, totp
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.kit.postgres import EmbeddedPostgres

PASSWORD = "neljä harmaata siiliä"
DONE = {"fi": "Salasanasi on asetettu", "sv": "Ditt lösenord är sparat", "en": "Your password is set"}
LOCATIONS = {"fi": "Toimipisteet", "sv": "Verksamhetsställen", "en": "Locations"}


@dataclass
class Served:
    """A portal with its people."""

    address: str
    database_url: str
    world: World

    def invite(self, person: str) -> str:
        """Path of a new link."""

        async def invited() -> str:
            async with (
                await Database.open(self.database_url, pool_max=1) as database,
                database.transaction() as tx,
            ):
                return await people.invite(tx, self.world.people[person], system_clock())

        return f"/invitation/{_run(invited())}"


def _run(work):
    """Playwright keeps a loop of its own in this thread, so the work gets another one."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def portal(browser: Browser, server: EmbeddedPostgres, tmp_path_factory) -> Iterator[Served]:
    home: Path = tmp_path_factory.mktemp("portal")
    for database_url in fresh_database(server, TEMPLATE):

        async def furnished(url: str = database_url) -> World:
            async with await Database.open(url, pool_max=1) as database:
                return await furnish(database, system_clock)

        with a_portal_server(database_url, home) as address:
            yield Served(address, database_url, _run(furnished()))


@pytest.fixture(scope="module")
def visit_portal(browser: Browser, portal: Served, sheet) -> Visitor:
    return Visitor(browser, portal.address, sheet)


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def set_password(page: Page) -> None:
    page.fill("#password", PASSWORD)
    press_enter(page)


def picture(page: Page, language: str, name: str) -> None:
    """For the guides, on request."""
    if ON_REQUEST and language == "en":
        take(page, name)


def test_a_banner_that_comes_late_takes_nobody_out_of_the_field_they_type_in(portal, visit_portal):
    """On an old PC the script that moves the focus to the banner comes when the person, or the scanner, types already."""
    with visit_portal() as opened:
        page = opened.go(portal.invite("mah_obp_investigator"), "en")
        held: list[Route] = []

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/govuk-frontend*.js*", hold)
        set_password(page)
        page.focus("#email")
        while not held:
            page.wait_for_timeout(20)
        held[0].continue_()
        page.wait_for_selector("[data-govuk-notification-banner-init]")
        assert page.evaluate("document.activeElement.id") == "email"
        page.unroute("**/govuk-frontend*.js*")


@pytest.mark.parametrize("language", LANGUAGES)
def test_from_the_invitation_to_the_locations_and_out_again(portal, visit_portal, language):
    with visit_portal(locale=language) as opened:
        page = opened.go(portal.invite("organisation_main_user"), language)
        check(page)
        set_password(page)
        assert DONE[language] in page.inner_text("main")
        page.fill("#email", "own-organisation_main_user@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        assert page.url == portal.address + "/"
        check(page)
        for path in ("/locations", "/audit", "/profile/second-factor"):
            opened.go(path)
            assert page.locator("html").get_attribute("lang") == language
            check(page)
        opened.go("/locations")
        assert page.inner_text("h1") == LOCATIONS[language]
        with page.expect_navigation():
            page.click("form[action='/sign-out'] button")
        assert page.url == portal.address + "/sign-in"
        check(page)
        page.go_back()
        page.wait_for_url(re.compile("/sign-in"))
        assert page.locator("#email").count() == 1, "what was seen before cannot be seen again"


def test_the_operator_sets_up_an_app_and_signs_in_with_it(portal, visit_portal):
    with visit_portal(locale="en") as opened:
        page = opened.go(portal.invite("operator_administrator"), "en")
        set_password(page)
        page.fill("#email", "own-operator_administrator@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        assert page.url == portal.address + "/profile/second-factor"
        check(page)
        assert page.evaluate("document.querySelector('main img').naturalWidth") > 0, "the QR code is drawn"
        secret = re.sub(r"\s", "", page.inner_text("main code"))
        page.fill("#code", totp.code_at(secret, datetime.now(UTC)))
        press_enter(page)
        codes = page.locator("main li code").all_inner_texts()
        assert len(codes) == totp.RECOVERY_CODES
        check(page)
        with page.expect_navigation():
            page.click("form[action='/sign-out'] button")
        page.fill("#email", "own-operator_administrator@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        assert page.url == portal.address + "/sign-in/second-factor"
        check(page)
        page.fill("#code", codes[0])
        press_enter(page)
        assert page.url == portal.address + "/"


@pytest.mark.parametrize("language", LANGUAGES)
def test_new_client_equipment_by_the_steps_of_the_guide(portal, visit_portal, language):
    """Portal guide, steps 3 to 10: Locations, pencil, Add Client Equipment, name, role, Create, save, Close."""
    with visit_portal(locale=language) as opened:
        page = opened.go(portal.invite("organisation_main_user"), language)
        set_password(page)
        page.fill("#email", "own-organisation_main_user@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        page.click("nav.portal-menu a[href='/locations']")
        picture(page, language, "portal-locations")
        page.click("td.portal-actions a")
        check(page)
        page.click("main a.govuk-button")
        check(page)
        picture(page, language, "portal-new-equipment")
        page.fill("#name", f"Maxx {language}")
        # Without a role the form comes back: the trap that the guide warns of in step 7. The answer 422 is intended.
        assert page.locator("input[name=role]:checked").count() == 0
        page.check("input[value=full_access]")
        with page.expect_navigation():
            page.click("main form button")
        check(page)
        picture(page, language, "portal-secret")
        secret, client_id = page.inner_text("#client-secret"), page.inner_text("#client-id")
        with page.expect_download() as download:
            page.click("[data-download]")
        saved = Path(download.value.path()).read_text()
        assert secret in saved
        assert client_id in saved
        page.click("[data-shown-once] button")
        assert page.locator("#client-secret").count() == 1, "it asks whether they are saved"
        page.check("#saved")
        with page.expect_navigation():
            page.click("[data-shown-once] button")
        assert client_id in page.inner_text("main")
        assert secret not in page.content()
        with a_server(portal.database_url) as national_system:
            form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
            assert httpx.post(f"{national_system}/identity/connect/token", data=form).status_code == 200
        page.click(f"main a:has-text('Maxx {language}')")
        check(page)
        page.go_back()
        page.go_back()
        assert secret not in page.content()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_secret_goes_to_the_it_supplier_by_a_link_that_opens_once(portal, visit_portal, language):
    with visit_portal(locale=language) as opened:
        page = opened.go(portal.invite("organisation_main_user"), language)
        set_password(page)
        page.fill("#email", "own-organisation_main_user@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        opened.go(f"/locations/{portal.world.places['own'].location.location_id}/equipment/new")
        page.fill("#name", f"Linked {language}")
        page.check("input[value=full_access]")
        with page.expect_navigation():
            page.click("main form button")
        secret = page.inner_text("#client-secret")
        with page.expect_navigation():
            page.click("[data-keeps-secret] button")
        check(page)
        picture(page, language, "portal-link")
        assert secret not in page.content()
        link, code = page.inner_text("#handover-link"), page.inner_text("#handover-code")
        equipment = page.get_attribute("main a.govuk-button", "href")
        assert equipment
        opened.go("/")
        with page.expect_navigation():
            page.click("form[action='/sign-out'] button")
        page.goto(link)
        check(page)
        page.fill("#opened_by", "Ilkka, Maxx Oy")
        page.fill("#code", code)
        picture(page, language, "portal-handover")
        press_enter(page)
        assert page.inner_text("#client-secret") == secret
        check(page)


def test_lists_fit_at_every_width(portal, visit_portal):
    with visit_portal(locale="fi") as opened:
        page = opened.go(portal.invite("other_organisation_main_user"), "fi")
        set_password(page)
        page.fill("#email", "other-organisation_main_user@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        for path in ("/locations", "/audit"):
            opened.go(path)
            for width in (320, 360, 480, 640, 720, 800, 992, 1100, 1280, 1440, 1920):
                page.set_viewport_size({"width": width, "height": 800})
                assert sideways(page) == [], (path, width)


def test_signing_in_goes_by_keyboard_alone(portal, visit_portal):
    with visit_portal(locale="en") as opened:
        page = opened.go(portal.invite("location_user"), "en")
        set_password(page)
        opened.go("/sign-in")
        reached = []
        for _ in range(12):
            page.keyboard.press("Tab")
            reached.append(page.evaluate("document.activeElement.id || document.activeElement.className"))
            if reached[-1] == "email":
                break
        assert reached[0] == "govuk-skip-link"
        page.keyboard.type("own-location_user@example.fi")
        page.keyboard.press("Tab")
        page.keyboard.type(PASSWORD)
        press_enter(page)
        assert page.url == portal.address + "/"
