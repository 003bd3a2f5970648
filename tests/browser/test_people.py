"""Users, the profile and passkeys in a browser, with an authenticator that the browser plays."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import CDPSession, Page
from tests.browser.test_portal import (  # noqa: F401 - fixtures are found by their names
    PASSWORD,
    Served,
    _run,
    picture,
    portal,
    press_enter,
    set_password,
    visit_portal,
)
from tests.browser.visits import LANGUAGES, Visit, Visitor, check, sideways

from sinetti.identity.people import people
from sinetti.identity.people.sessions import EndReason, end_sessions
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database

USERS = {"fi": "Käyttäjät", "sv": "Användare", "en": "Users"}


@pytest.fixture(scope="module")
def visit_by_name(browser, portal, sheet) -> Visitor:  # noqa: F811 - a fixture
    """The portal by a host name: passkeys belong to names."""
    return Visitor(browser, portal.address.replace("127.0.0.1", "localhost"), sheet)


@contextmanager
def authenticator(page: Page) -> Iterator[CDPSession]:
    """A device that keeps passkeys, and whose owner always gives the finger."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    yield session
    session.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": made["authenticatorId"]})
    session.send("WebAuthn.disable")


def sign_in(served: Served, opened: Visit, person: str, language: str) -> Page:
    page = opened.go(served.invite(person), language)
    set_password(page)
    page.fill(
        "#email",
        f"{'' if person.startswith('other') else 'own-'}{person.replace('other_', 'other-')}@example.fi",
    )
    page.fill("#password", PASSWORD)
    press_enter(page)
    return page


def press(page: Page, selector: str) -> None:
    with page.expect_navigation():
        page.click(selector)


def sign_out(page: Page) -> None:
    press(page, "form[action='/sign-out'] button")


async def in_database(served: Served, work) -> None:
    async with await Database.open(served.database_url, pool_max=1) as database, database.transaction() as tx:
        await work(tx)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_new_user_is_invited_changed_and_locked(portal, visit_portal, language):  # noqa: F811
    with visit_portal(locale=language) as opened:
        page = sign_in(portal, opened, "organisation_main_user", language)
        page.click("nav.portal-menu a[href='/users']")
        assert page.inner_text("h1") == USERS[language]
        check(page)
        picture(page, language, "portal-users")
        press(page, "main a.govuk-button")
        check(page)
        page.check("input[value=location_user]")
        press(page, "main form button")
        check(page)
        page.fill("#name", "Åsa Öberg")
        page.fill("#email", f"asa-{language}@example.fi")
        page.check("input[value=sv]")
        page.check("input[name=locations]")
        press(page, "main form button")
        assert "Åsa Öberg" in page.inner_text("h1")
        check(page)
        user = page.url
        press(page, "main a.govuk-button")
        check(page)
        page.check("input[value=organisation_main_user]")
        press(page, "main form button")
        page.goto(f"{user}/lock")
        check(page)
        page.fill("#reason", "Lähtenyt talosta")
        press(page, "main form button")
        assert "Lähtenyt talosta" in page.inner_text("main")
        check(page)
        sign_out(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_passkey_is_made_and_signs_in_after_the_password_and_alone(portal, visit_by_name, language):  # noqa: F811
    person = {"fi": "operator_administrator", "sv": "operator_support", "en": "authority_inspector"}[language]
    with visit_by_name(locale=language) as opened:
        page = opened.page
        with authenticator(page):
            sign_in(portal, opened, person, language)
            assert page.url.endswith("/profile/second-factor")
            check(page)
            press(page, "main a[href='/profile/passkeys/new']")
            check(page)
            page.fill("#name", "Tietokone")
            press(page, "main form button")
            check(page)
            press(page, "form[data-passkey] button")
            assert page.locator("main li code").count() == 10
            check(page)
            opened.go("/profile/second-factor")
            check(page)
            page.click("main a:has-text('Tietokone')")
            check(page)
            # The device refuses to keep two for the same person, and the page says so.
            opened.go("/profile/passkeys/new")
            page.fill("#name", "Sama")
            page.fill("#password", PASSWORD)
            press(page, "main form button")
            assert not page.is_visible("[data-passkey-failed]")
            page.click("form[data-passkey] button")
            page.wait_for_selector("[data-passkey-failed]:visible")
            check(page)
            sign_out(page)
            check(page)
            page.fill("#email", f"own-{person}@example.fi")
            page.fill("#password", PASSWORD)
            press_enter(page)
            assert page.url.endswith("/sign-in/second-factor")
            check(page)
            press(page, "form[data-passkey] button")
            assert page.locator("form[action='/sign-out']").count() == 1
            sign_out(page)
            press(page, "form[data-passkey] button")
            assert page.locator("form[action='/sign-out']").count() == 1
            sign_out(page)


def test_without_scripts_no_passkey_is_offered_and_everything_else_works(portal, visit_by_name):  # noqa: F811
    with visit_by_name(java_script_enabled=False) as opened:
        page = opened.go("/sign-in", "en")
        assert not page.is_visible("form[data-passkey]")
        sign_in(portal, opened, "mah_obp_investigator", "en")
        assert page.url.endswith("/profile/second-factor")
        opened.go("/profile/passkeys/new")
        page.fill("#name", "Computer")
        press(page, "main form button")
        assert not page.is_visible("form[data-passkey]")
        assert page.is_visible("[data-passkey-missing]")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_profile(portal, visit_portal, language):  # noqa: F811
    with visit_portal(locale=language) as opened:
        page = sign_in(portal, opened, "location_user", language)
        press(page, "header a[href='/profile']")
        check(page)
        picture(page, language, "portal-profile")
        press(page, "main a[href='/profile/password']")
        check(page)
        page.fill("#present", PASSWORD)
        page.fill("#new", PASSWORD + " ja kettu")
        press_enter(page)
        assert page.url.endswith("/profile")
        check(page)
        for width in (320, 480, 720, 880, 1100):
            page.set_viewport_size({"width": width, "height": 800})
            assert sideways(page) == [], width
        sign_out(page)


def test_a_session_that_was_ended_elsewhere_says_so_at_the_next_click(portal, visit_portal):  # noqa: F811
    with visit_portal(locale="en") as opened:
        page = sign_in(portal, opened, "other_organisation_main_user", "en")
        user_id = portal.world.people["other_organisation_main_user"]

        async def end(tx) -> None:
            await end_sessions(tx, user_id, because=EndReason.ENDED_ELSEWHERE, now=system_clock())

        _run(in_database(portal, end))
        page.click("nav.portal-menu a[href='/locations']")
        assert re.search(r"/sign-in\?next=/locations$", page.url)
        assert "This session was ended" in page.inner_text("main")
        check(page)
        page.fill("#email", "other-organisation_main_user@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        assert page.url.endswith("/locations"), "where the click should have led"
        sign_out(page)


def test_a_link_that_was_used_or_has_grown_too_old_says_what_to_do(portal, visit_portal):  # noqa: F811
    with visit_portal(locale="en") as opened:
        # That these pages are gone (410) is the point, and no error of theirs.
        opened.page.remove_listener("console", opened.note)
        used = portal.invite("mah_obp_main_user")
        page = opened.go(used, "en")
        set_password(page)
        opened.go(used)
        assert "used already" in page.inner_text("main")
        check(page)
        older = portal.invite("mah_obp_main_user")
        portal.invite("mah_obp_main_user")
        opened.go(older)
        assert "too old, or a newer one was sent" in page.inner_text("main")
        late: list[str] = []

        async def forget(tx) -> None:
            user_id = portal.world.people["mah_obp_main_user"]
            late.append(await people.forgotten_link(tx, user_id, system_clock()))
            await tx.execute("UPDATE person_invitation SET expires_at = now() WHERE purpose = 'forgotten'")

        _run(in_database(portal, forget))
        opened.go(f"/invitation/{late[0]}")
        assert "works for an hour" in page.inner_text("main")
        check(page)
        press(page, "main a[href='/sign-in']")
        press(page, "main a[href='/sign-in/forgotten']")
        check(page)
        page.fill("#email", "own-mah_obp_main_user@example.fi")
        press_enter(page)
        assert "Look into your e-mail" in page.inner_text("h1")
        check(page)
