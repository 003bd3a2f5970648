"""The link of a pack's answer, opened before the worker has taken the alert over: the page turns into the alert by itself."""

from __future__ import annotations

from dataclasses import replace

from playwright.sync_api import expect
from tests.browser.test_people import sign_in
from tests.browser.test_portal import (  # noqa: F401 - fixtures are found by their names
    Served,
    _run,
    portal,
    visit_portal,
)
from tests.browser.visits import LANGUAGES, check
from tests.http.portal.alerts import STORED_SERIAL, ask_pack, take_over
from tests.http.portal.world import World

from sinetti.kit.db import Database
from sinetti.rules.vocabulary import Operation

TITLES = {"fi": "Hälytystä valmistellaan", "sv": "Larmet förbereds", "en": "The alert is being prepared"}


def test_the_page_of_an_alert_that_is_coming_becomes_the_alert(portal: Served, visit_portal, tmp_path):  # noqa: F811
    async def raised() -> str:
        async with await Database.open(portal.database_url, pool_max=1) as database:
            world: World = replace(portal.world, database=database)
            outcome = await ask_pack(
                world, "own", Operation.VERIFY, STORED_SERIAL.swapcase(), is_taken_over=False
            )
        assert outcome.alert_id is not None
        return outcome.alert_id

    async def taken() -> None:
        async with await Database.open(portal.database_url, pool_max=1) as database:
            await take_over(replace(portal.world, database=database))

    alert_id = _run(raised())
    with visit_portal(locale="fi") as opened:
        page = sign_in(portal, opened, "location_user", "fi")
        for language in LANGUAGES:
            opened.go(f"/alerts/{alert_id}", language)
            expect(page.locator("h1")).to_have_text(TITLES[language])
            check(page)
            page.screenshot(path=tmp_path / f"{language}.png")
        _run(taken())
        expect(page.locator("h1")).not_to_have_text(TITLES[LANGUAGES[-1]], timeout=10_000)
        expect(page.locator("main")).to_contain_text(alert_id)
        assert page.title() != TITLES[LANGUAGES[-1]]
