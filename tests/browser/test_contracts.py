"""Applications and the change of IT system in a browser: the guide's eleven steps, with the operator beside."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta

import httpx
import pytest
from playwright.sync_api import Page, expect
from tests.browser.test_operator import execute, signed_in, submit
from tests.browser.test_portal import (  # noqa: F401
    PASSWORD,
    Served,
    _run,
    picture,
    portal,
    press_enter,
    set_password,
    visit_portal,
)
from tests.browser.visits import LANGUAGES, check
from tests.http import country
from tests.http.running import a_server

from sinetti.identity import registry, secrets
from sinetti.identity.secrets import Credentials
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.rules.vocabulary import ClientRole

STEP = {
    "approval": {"fi": "Hyväksyminen", "sv": "Godkännande", "en": "Approval"},
    "hand_over": {
        "fi": "Tunnukset IT-toimittajalle",
        "sv": "Dess lösenord till it-leverantören",
        "en": "Its secret to the IT supplier",
    },
    "first_success": {
        "fi": "Uuden järjestelmän ensimmäinen onnistunut toiminto",
        "sv": "Det nya systemets första lyckade åtgärd",
        "en": "First successful operation of the new system",
    },
    "lock": {
        "fi": "Vanhan järjestelmän lukitus",
        "sv": "Låsning av det gamla systemet",
        "en": "Lock of the old system",
    },
    "refused": {
        "fi": "Vanhan järjestelmän pyynnöt torjutaan",
        "sv": "Det gamla systemet nekas",
        "en": "The old system is refused",
    },
}
ALL_DONE = {"fi": "Kaikki on valmista", "sv": "Allt är klart", "en": "All is done"}
LIVE_MILLISECONDS = 15_000


@dataclass
class Shop:
    """A location of the own organisation with an IT system whose secret the test knows."""

    location_id: int
    name: str
    old: Credentials


def new_shop(served: Served, name: str) -> Shop:
    """Make one."""
    credentials = secrets.new_credentials("FI")

    async def made() -> int:
        async with (
            await Database.open(served.database_url, pool_max=1) as database,
            database.transaction() as tx,
        ):
            now = system_clock()
            organisation_id = served.world.places["own"].organisation.organisation_id
            location = await registry.add_location(tx, organisation_id=organisation_id, name=name, now=now)
            await registry.add_equipment(
                tx,
                location_id=location.location_id,
                name="Vanha apteekkijärjestelmä",
                role=ClientRole.FULL_ACCESS,
                credentials=credentials,
                now=now,
            )
            return location.location_id

    return Shop(_run(made()), name, credentials)


@pytest.fixture(scope="module")
def system(portal: Served) -> Iterator[str]:  # noqa: F811
    """A national system on the portal's database, with one pack."""
    with a_server(portal.database_url) as address:

        async def stocked() -> None:
            async with (
                await Database.open(portal.database_url, pool_max=1) as database,
                httpx.AsyncClient(base_url=address) as client,
            ):
                await country.TestCountry(client, database).batch("LOT1", "301231", ["SN0"])

        _run(stocked())
        yield address


class Client:
    """An IT system that calls."""

    def __init__(self, system: str, client_id: str, client_secret: str) -> None:
        self._system = system
        self._form = {
            "grant_type": "client_credentials",
            "client_id": client_id,
            "client_secret": client_secret,
        }
        self._token = ""

    def ask_token(self) -> int:
        answer = httpx.post(f"{self._system}/identity/connect/token", data=self._form)
        if answer.status_code == 200:
            self._token = answer.json()["access_token"]
        return answer.status_code

    def verify(self, serial: str = "SN0") -> httpx.Response:
        return httpx.get(
            f"{self._system}/product/gs1/{country.GTIN}/pack/{serial}",
            params={"batch": "LOT1", "expiry": "301231"},
            headers={
                "Authorization": f"Bearer {self._token}",
                "emvs-data-entry-mode": "non-manual",
                "User-Agent": "Maxx/7.0",
            },
        )


def fill_in_change(page: Page, name: str) -> None:
    """The form for a change of IT system."""
    page.check("input[name=equipment]")
    page.fill("#system_name", name)
    page.fill("#supplier", "Maxx Oy")
    page.fill("#supplier_contact", "Ilkka Toimittaja")
    page.fill("#supplier_email", "ilkka@example.fi")
    page.fill("#planned_on", (date.today() + timedelta(days=7)).isoformat())  # noqa: DTZ011


def waited_for(page: Page):
    return page.locator(".portal-step-now h2")


@contextmanager
def both(served, visitor, language):
    """A main user who has just signed in, and the operator in a browser of its own."""
    with (
        visitor(locale=language) as client,
        signed_in(served, visitor, "operator_administrator", language) as operator,
    ):
        page = client.go(served.invite("organisation_main_user"), language)
        set_password(page)
        page.fill("#email", "own-organisation_main_user@example.fi")
        page.fill("#password", PASSWORD)
        press_enter(page)
        yield client, operator


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_eleven_steps_of_the_guide(portal, visit_portal, system, language):  # noqa: F811
    shop = new_shop(portal, f"Kirkonkylä {language}")
    old = Client(system, shop.old.client_id, shop.old.client_secret)
    with both(portal, visit_portal, language) as (client, operator):
        # 1 and 2: signed in; the change is applied for.
        page = client.page
        client.go(f"/locations/{shop.location_id}")
        page.click("main a[href$='/change']")
        check(page)
        page.click("main a.govuk-button")
        check(page)
        picture(page, language, "portal-apply")
        fill_in_change(page, f"Maxx {language}")
        submit(page)
        check(page)
        picture(page, language, "portal-application")
        application = re.sub(r"\?.*", "", page.url).removeprefix(portal.address)
        page.click("main a[href$='/change']") if page.locator(
            "main a[href$='/change']"
        ).count() else client.go(f"/locations/{shop.location_id}/change")
        expect(waited_for(page)).to_have_text(STEP["approval"][language])
        check(page)

        # The operator sees it and approves.
        operator.go("/")
        operator.page.click("main a[href^='/applications']")
        operator.page.click(f"main a[href='{application}']")
        check(operator.page)
        operator.page.evaluate(
            "document.querySelector('form[action$=decide]').scrollIntoView({block: 'end'})"
        )
        picture(operator.page, language, "portal-decide")
        operator.page.check("input[value=approve]")
        with operator.page.expect_navigation():
            operator.page.click("form[action$='/decide'] button")
        check(operator.page)
        expect(page.locator(".portal-step-now a.govuk-button")).to_be_visible(timeout=LIVE_MILLISECONDS)

        # 3 to 10: Locations, pencil, Add Client Equipment, name, role, Create, save, Close, look at the role.
        page.click("nav.portal-menu a[href='/locations']")
        page.click(f"tr:has-text('{shop.name}') td.portal-actions a")
        page.click("main a.govuk-button")
        page.fill("#name", f"Maxx {language}")
        submit(page)
        assert page.locator(".govuk-error-summary").count() == 1, "without a role the form comes back"
        client.errors.clear()  # Chromium reports the intended answer 422.
        page.check("input[value=full_access]")
        submit(page)
        client_id, secret = page.inner_text("#client-id"), page.inner_text("#client-secret")
        page.check("#saved")
        with page.expect_navigation():
            page.click("[data-shown-once] button")
        row = page.locator(f"tr:has-text('{client_id}')")
        assert "Full Access" in row.inner_text()
        client.go(f"/locations/{shop.location_id}/change")
        expect(waited_for(page)).to_have_text(STEP["hand_over"][language])
        check(page)
        with page.expect_navigation():
            page.click(".portal-step-now form button")
        expect(waited_for(page)).to_have_text(STEP["first_success"][language])

        # Both systems work side by side; the page sees the first success by itself.
        new = Client(system, client_id, secret)
        assert (old.ask_token(), new.ask_token()) == (200, 200)
        assert old.verify().status_code == new.verify().status_code == 200
        expect(waited_for(page)).to_have_text(STEP["lock"][language], timeout=LIVE_MILLISECONDS)
        check(page)
        client.go(f"/locations/{shop.location_id}/change")
        page.evaluate("document.querySelector('#change').scrollIntoView()")
        picture(page, language, "portal-change")

        # 11: the operator locks the old system, and its next call is refused.
        operator.go("/changes")
        check(operator.page)
        picture(operator.page, language, "portal-changes")
        operator.page.click(f"main a:has-text('{shop.name}')")
        operator.page.click(".portal-step-now a.govuk-button")
        check(operator.page)
        assert f"Maxx {language}" in operator.page.input_value("#reason")
        submit(operator.page)
        locked = time.monotonic()
        while old.verify().status_code == 200:
            assert time.monotonic() - locked < 1.0
        assert old.ask_token() == 401
        assert new.verify().status_code == 200
        expect(page.locator("#change")).to_contain_text(ALL_DONE[language], timeout=LIVE_MILLISECONDS)
        expect(operator.page.locator("#change")).to_contain_text(
            ALL_DONE[language], timeout=LIVE_MILLISECONDS
        )
        check(page)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_other_applications_have_no_barriers(portal, visit_portal, language):  # noqa: F811
    shop = new_shop(portal, f"Rantatie {language}")
    with both(portal, visit_portal, language) as (client, operator):
        page = client.page
        for path in ("edit", "contract", "close"):
            client.go(f"/locations/{shop.location_id}/{path}")
            check(page)
        client.go("/locations")
        check(page)
        client.go("/locations/new")
        check(page)
        submit(page)
        assert page.locator(".govuk-error-summary li").count() > 5
        check(page)
        client.errors.clear()  # Chromium reports the intended answer 422.
        page.fill("#name", f"Uusi {language}")
        page.select_option("#kind", "pharmacy")
        for field, text in {
            "street": "Kauppakatu 1",
            "postal_code": "00100",
            "city": "Helsinki",
            "contact_name": "Maija Metso",
            "contact_email": "maija@example.fi",
        }.items():
            page.fill(f"#{field}", text)
        page.check("#languages")
        submit(page)
        check(page)
        application = page.url
        operator.page.goto(application)
        operator.page.check("input[value=return]")
        with operator.page.expect_navigation():
            operator.page.click("form[action$='/decide'] button")
        check(operator.page)
        operator.errors.clear()
        operator.page.fill("#reason", "GLN?")
        operator.page.check("input[value=return]")
        with operator.page.expect_navigation():
            operator.page.click("form[action$='/decide'] button")
        page.reload()
        check(page)
        page.click("main a[href$='/again']")
        assert page.input_value("#street") == "Kauppakatu 1"
        check(page)
        submit(page)
        for path in ("/applications?state=all", "/applications?state=withdrawn", "/"):
            operator.go(path)
            check(operator.page)


def test_double_submit_two_tabs_and_the_back_button_apply_once(portal, visit_portal):  # noqa: F811
    shop = new_shop(portal, "Kaksi välilehteä")
    form = f"/locations/{shop.location_id}/change/apply"
    with both(portal, visit_portal, "en") as (client, _operator):
        page = client.go(form)
        tab = page.context.new_page()
        tab.goto(portal.address + form)
        fill_in_change(page, "Maxx")
        with page.expect_navigation():
            page.dblclick("main form[method=post] button[type=submit]")
        first = page.url
        fill_in_change(tab, "Maxx, another tab")
        with tab.expect_navigation():
            tab.click("main form[method=post] button[type=submit]")
        assert tab.url == first
        assert "applied for already" in tab.inner_text("main")
        tab.close()
        page.go_back()
        page.wait_for_url(re.compile(f"{form}|{re.escape(first)}"))
        if page.url != first:
            fill_in_change(page, "Maxx, back again")
            submit(page)
        assert page.url == first

    async def count() -> int:
        async with (
            await Database.open(portal.database_url, pool_max=1) as database,
            database.transaction() as tx,
        ):
            cursor = await tx.execute(
                "SELECT count(*) FROM application WHERE location_id = %s", (shop.location_id,)
            )
            row = await cursor.fetchone()
            assert row is not None
            return int(row[0])

    assert _run(count()) == 1


def test_without_scripts_the_path_is_followed_by_reloading(portal, visit_portal):  # noqa: F811
    shop = new_shop(portal, "Ilman ohjelmia")
    execute(
        portal,
        "INSERT INTO application (kind, organisation_id, location_id, state, asks, applied_by, first_applied_at, state_at)"
        " SELECT 'change_of_it_system', l.organisation_id, l.location_id, 'approved',"
        ' \'{"system_name": "Maxx", "planned_on": "2026-01-01"}\', %s, now(), now() FROM location l'
        " WHERE l.location_id = %s",
        portal.world.people["organisation_main_user"],
        shop.location_id,
    )
    execute(
        portal,
        "INSERT INTO application_equipment SELECT max(application_id), (SELECT max(equipment_id) FROM client_equipment)"
        " FROM application",
    )
    with signed_in(portal, visit_portal, "organisation_main_user", "en", java_script_enabled=False) as opened:
        plain = opened.go(f"/locations/{shop.location_id}/change")
        assert waited_for(plain).inner_text() == "Client equipment for the new IT system"
        execute(
            portal,
            "INSERT INTO client_equipment (location_id, name, client_id, secret_sha256, client_role, created_at)"
            " VALUES (%s, 'Maxx', 'plain', sha256('x'), 'full_access', now())",
            shop.location_id,
        )
        plain.reload()
        assert waited_for(plain).inner_text() == "Its secret to the IT supplier"
        with plain.expect_navigation():
            plain.click(".portal-step-now form button")
        assert waited_for(plain).inner_text() == "First successful operation of the new system"
