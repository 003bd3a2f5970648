"""Every page of the portal, as every role that may see it, in every language: what must hold of a page that nobody
has thought of yet. A new page comes in by itself; one with an object needs its line in `OBJECTS` of the tests of
authorisation, and one that shows itself only in a certain state a line in `PREPARED` or `OPAQUE`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from msgspec import to_builtins
from playwright.sync_api import Browser, BrowserContext, Page
from tests.browser.test_keyboard import ALL, stops
from tests.browser.test_portal import _run
from tests.browser.visits import LANGUAGES, NARROW, WIDE, Visit, faults, hard_to_see, sideways
from tests.conftest import TEMPLATE, fresh_database
from tests.http.portal.alerts import RULES as RULES_OF_COUNTRY
from tests.http.portal.alerts import (
    analyse,
    ask_abroad,
    hold_batches,
    make_teams,
    raise_alerts,
    refuse_reactivation,
    set_packs_aside,
)
from tests.http.portal.applying import return_applications
from tests.http.portal.test_authorisation import RULES, path_of
from tests.http.portal.world import SESSION_COOKIE, World, add_webhooks, furnish
from tests.http.running import served

from sinetti.alerts.day_sums import count_days, count_hours
from sinetti.alerts.searching import Search
from sinetti.asgi import create_portal
from sinetti.identity import handovers, secrets
from sinetti.identity.people import email_change, people
from sinetti.identity.people.model import PeopleRole
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database, Transaction
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.kit.sealing import sealer_of
from sinetti.kit.settings import Settings
from sinetti.nmvs.packs import Country
from sinetti.portal.pages import PAGES
from sinetti.portal.pages.alerts import exporting
from sinetti.portal.pages.authority_reports.making import KIND, maker_of
from sinetti.portal.routing import Route
from sinetti.reports.personal import Wanted, make_at_once
from sinetti.rules.vocabulary import Language

LEADS_ON = {"ask_lock_replaced"}
"""Without a change of IT system that has come so far it leads to another page; `test_contracts.py` looks at it."""
ALREADY_THERE = {"ask_app"}
"""Whoever has no second factor yet is shown this page at the address of another one."""
ROUTES = [
    route
    for page in PAGES
    for route in page.routes
    if route.method == "GET" and route.is_page and route.name not in LEADS_ON
]
NOBODY = "nobody"
HALF = "half signed in"

LOCKED = "SET locked_at = now(), lock_reason = 'Avain katosi'"
OPEN = "SET locked_at = NULL, lock_reason = NULL"
PREPARED: dict[str, tuple[str, str]] = {
    "ask_unlock_organisation": (f"UPDATE organisation {LOCKED}", f"UPDATE organisation {OPEN}"),
    "ask_unlock_location": (f"UPDATE location {LOCKED}", f"UPDATE location {OPEN}"),
    "ask_close_location": (
        "UPDATE application SET state = 'withdrawn' WHERE kind = 'close_location'",
        "UPDATE application SET state = 'returned' WHERE kind = 'close_location'",
    ),
}
"""Pages that are there in a certain state only: what brings it about, and what undoes it."""


async def an_invitation(tx: Transaction, world: World, _home: Path, _role: str) -> str:
    return await people.invite(tx, world.people["location_user"], system_clock())


async def a_handover(tx: Transaction, world: World, _home: Path, _role: str) -> str:
    equipment = world.places["own"].equipment
    sent = await handovers.send(
        tx,
        secrets.new_credentials("FI"),
        equipment_id=equipment.equipment_id,
        made_by_name="own organisation main user",
        days=1,
        now=system_clock(),
    )
    return sent.token


async def a_mail(_tx: Transaction, _world: World, home: Path, _role: str) -> str:
    name = "20260302T120000-00000000-0000-7000-8000-000000000001"
    (home / "mail").mkdir(exist_ok=True)
    (home / "mail" / f"{name}.eml").write_text(
        "From: sinetti@example.fi\nTo: maija@example.fi\nSubject: own letter\nDate: Mon, 02 Mar 2026 12:00:00 +0000\n"
        'MIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n\nhttp://127.0.0.1/invitation/x\n',
        encoding="utf-8",
    )
    return name


async def a_passkey(tx: Transaction, world: World, _home: Path, role: str) -> str:
    """Of the person who looks: nobody sees another's."""
    await tx.execute(
        "INSERT INTO person_passkey (passkey_id, user_id, credential_id, public_key, sign_count, name, added_at)"
        " VALUES (%(id)s::text, %(user_id)s, convert_to(%(id)s::text, 'UTF8'), 'key', 0, 'own telephone', now())"
        " ON CONFLICT DO NOTHING",
        {"id": f"passkey-{role}", "user_id": world.people[role]},
    )
    return f"passkey-{role}"


async def an_email_link(tx: Transaction, world: World, home: Path, role: str) -> str:
    """Of the person who looks, to whom alone it says something."""
    who = await people.person(tx, world.people[role])
    return email_change.ask(sealer_of(home), who, f"new-{role}@example.fi", system_clock())


async def a_photo_link(tx: Transaction, _world: World, _home: Path, _role: str) -> str:
    token = token_urlsafe(32)
    await tx.execute(
        "INSERT INTO alert_photo_link (token_sha256, product_id, event_number, party, user_id, user_name, made_at,"
        " expires_at) SELECT %s, product_id, event_number, 'end_user_location', 1, 'own organisation main user', now(),"
        " now() + interval '1 hour' FROM alert_file LIMIT 1",
        (secrets.digest(token),),
    )
    return token


async def a_change_of_many(tx: Transaction, world: World, _home: Path, role: str) -> UUID:
    bulk_id = uuid4()
    await tx.execute(
        "INSERT INTO alert_bulk_change (bulk_id, user_id, made_at, result) SELECT %s, %s, now(), jsonb_build_object("
        "'what', 'status', 'told', 'own', 'made', jsonb_build_array(min(alert_id)),"
        " 'refused', jsonb_build_array(jsonb_build_array(max(alert_id), 'already_so'))) FROM alert_file",
        (bulk_id, world.people[role]),
    )
    return bulk_id


async def a_report(tx: Transaction, world: World, _home: Path, role: str) -> UUID:
    """Of the person who looks: nobody sees another's."""
    wanted = Wanted(
        kind=KIND,
        name="alerts",
        parameters={"report": "alerts", "purpose": "a", "first": "2026-01-01", "last": "2026-12-31"},
        user_id=world.people[role],
        language=Language.FI,
    )
    country = Country(market="FI", rules=RULES_OF_COUNTRY, zone=ZoneInfo("Europe/Helsinki"))
    maker = maker_of(country, [page.name for page in PAGES])
    made, _ = await make_at_once(tx, RULES_OF_COUNTRY, wanted, maker, system_clock())
    return made


async def an_alerts_file(tx: Transaction, world: World, _home: Path, role: str) -> UUID:
    """One that is ready, of the person who looks."""
    who = await people.person(tx, world.people[role])
    ordered = exporting.Ordered(
        form="csv", search=Search(), address="/alerts?status=any", reach=exporting._reach(who)
    )
    wanted = Wanted(
        kind=exporting.KIND,
        name="csv",
        parameters=to_builtins(ordered),
        user_id=who.user_id,
        language=Language.FI,
    )
    country = Country(market="FI", rules=RULES_OF_COUNTRY, zone=ZoneInfo("Europe/Helsinki"))
    made, _ = await make_at_once(tx, RULES_OF_COUNTRY, wanted, exporting.maker_of(country), system_clock())
    return made


OPAQUE: dict[str, Callable[[Transaction, World, Path, str], Any]] = {
    "invitation": an_invitation,
    "handover": a_handover,
    "dev_mail_one": a_mail,
    "passkey": a_passkey,
    "photo_by_link": a_photo_link,
    "many_alerts_done": a_change_of_many,
    "authority_report": a_report,
    "alerts_file": an_alerts_file,
    "confirm_email": an_email_link,
}
"""What stands in the address of a page that whoever holds the link may open."""

PRIVATE_NAMES = re.compile(
    r"apteekki|Revontul|Nordlicht|PharmacySystem|AbCdEfGh|^(own|other) ", re.IGNORECASE
)
"""Names of the tests' own country, which no language changes."""
THE_SAME_IN_ALL = re.compile(
    r"^(Sinetti|(Text: )?(Suomi|Svenska|English)|XLSX|CSV|JSON|PDF|GLN|OBP|MAH/OBP|Client (Id|Secret|Role)|Equipment Id|Full Access|Verify Only|Liechtenstein|Malta)$"
    r"|^[\W\d_]*$|@|://|^FI-|^R[0-9]+-[0-9]+$|^Fimea$"
)
THE_SAME_IN_TWO = {
    ("sv", "en"): re.compile(
        r"^(Administration|Batch( \(Lot\)| B1( [0-9]{14})?)?|Information|Organisation|Person|Portugal|Status|System|Team|Version)$"
    ),
    ("fi", "en"): re.compile(r"^(Bulgaria|Latvia|Romania|Slovakia|Slovenia)$"),
    ("fi", "sv"): re.compile(r"^Luxemburg$"),
}

TEXTS = """(html) => {
  const page = new DOMParser().parseFromString(html, 'text/html');
  const found = new Set();
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const inside = walker.currentNode.parentElement;
    if (!inside.closest('script, style, code, .portal-languages, [data-not-ours], pre'))
      found.add(walker.currentNode.textContent.replace(/\\s+/g, ' ').trim());
  }
  for (const name of ['title', 'aria-label', 'placeholder', 'alt', 'data-name', 'data-copied'])
    for (const one of page.querySelectorAll(`[${name}]`)) found.add(one.getAttribute(name).trim());
  found.delete('');
  return [...found];
}"""

FOCUS_SEEN = """() => {
  const here = document.activeElement;
  const coloured = (value) => value && value !== 'transparent' && !/, 0\\)$/.test(value);
  const seen = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
    && coloured(style.outlineColor)) || style.boxShadow !== 'none';
  const label = here.matches('[type=radio], [type=checkbox]') && here.labels[0];
  return seen(getComputedStyle(here)) || (label && seen(getComputedStyle(label, '::before')))
    || getComputedStyle(here).backgroundColor === 'rgb(255, 213, 74)';
}"""

ONE_STOP_OF_A_GROUP = """(all) => {
  const list = [...document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex="0"]')];
  return all.filter((at) => {
    const one = list[at];
    if (one.disabled) return false;
    if (one.type !== 'radio') return true;
    const group = list.filter((other) => other.type === 'radio' && other.name === one.name && other.form === one.form);
    return one === (group.find((other) => other.checked) ?? group[0]);
  });
}"""

NOT_OPERATED_BY_KEYS = """() => [...document.querySelectorAll(
    '[onclick], [role=button]:not(button), [role=link]:not(a), [role=checkbox]:not(input), [tabindex]')]
  .filter((one) => !one.matches('main[tabindex="-1"], .govuk-error-summary[tabindex="-1"], '
    + '[role=region][tabindex="0"][aria-label], '
    + '.govuk-notification-banner[tabindex="-1"], a.govuk-button[role=button][data-module=govuk-button]'))
  .map((one) => one.outerHTML.slice(0, 120))"""


@dataclass
class Portal:
    """A portal, and one browser context for each role."""

    address: str
    database_url: str
    world: World
    home: Path
    browser: Browser
    contexts: dict[str, BrowserContext] = field(default_factory=dict)

    def execute(self, work: Callable[[Transaction], Any]) -> Any:
        async def done() -> Any:
            async with (
                await Database.open(self.database_url, pool_max=1) as database,
                database.transaction() as tx,
            ):
                return await work(tx)

        return _run(done())

    def context(self, role: str) -> BrowserContext:
        """One sign-in for each role."""
        if role not in self.contexts:
            context = self.browser.new_context(service_workers="block")
            if role != NOBODY:
                token = _run(self._sign_in(role))
                context.add_cookies([{"name": SESSION_COOKIE, "value": token, "url": self.address}])
            context.new_page()
            self.contexts[role] = context
        return self.contexts[role]

    async def _sign_in(self, role: str) -> str:
        person = "operator_administrator" if role == HALF else role
        async with await Database.open(self.database_url, pool_max=1) as database:
            world = World(database, system_clock, self.world.places, self.world.people)
            return await world.sign_in(person, second_factor_done=role != HALF)

    def path(self, route: Route, role: str) -> str:
        """Where an example of the page is for somebody of this role."""
        if "{opaque_" in route.path:
            token = self.execute(lambda tx: OPAQUE[route.name](tx, self.world, self.home, role))
            return re.sub(r"\{opaque_\w+\}", str(token), route.path)
        own = "own_obp" if role.startswith("mah_obp") else "own"
        return path_of(route, self.world.places[own])


async def _lived_in(database: Database, world: World) -> None:
    """Rows that the lists show."""
    await raise_alerts(world)
    await set_packs_aside(world)
    await hold_batches(world)
    await analyse(world)
    await make_teams(world)
    await ask_abroad(world)
    await count_days(database, ZoneInfo("Europe/Helsinki"), system_clock())
    await count_hours(database, system_clock())
    await refuse_reactivation(world)
    await return_applications(world)
    await add_webhooks(world)
    now = system_clock()
    place = world.places["own"]
    async with database.transaction() as tx:
        await tx.execute(
            "INSERT INTO client_equipment_details (equipment_id, created_by_name, last_used_at, user_agent, api_version)"
            " VALUES (%s, 'own organisation main user', %s, 'own pharmacy/12.4', '1.1')",
            (place.equipment.equipment_id, now - timedelta(hours=1)),
        )
        for action in ("equipment_added", "equipment_locked"):
            await tx.execute(
                "INSERT INTO audit_entry (recorded_at, actor, user_id, user_name, user_role, action, object_kind,"
                " object_id, object_name, organisation_id, location_id, new_values)"
                " VALUES (%s, 'person', %s, 'own organisation main user', 'organisation_main_user', %s,"
                " 'client_equipment', %s, 'own equipment', %s, %s, '{\"client_role\": \"full_access\"}')",
                (
                    now,
                    world.people["organisation_main_user"],
                    action,
                    str(place.equipment.equipment_id),
                    place.organisation.organisation_id,
                    place.location.location_id,
                ),
            )


@pytest.fixture(scope="module")
def portal(browser: Browser, server: EmbeddedPostgres, tmp_path_factory) -> Iterator[Portal]:
    home: Path = tmp_path_factory.mktemp("portal")
    for database_url in fresh_database(server, TEMPLATE):

        async def furnished(url: str = database_url) -> World:
            async with await Database.open(url, pool_max=1) as database:
                world = await furnish(database, system_clock)
                await _lived_in(database, world)
                return world

        settings = Settings(database_url=database_url, home=home, log_level="ERROR", show_mail="yes")
        with served(create_portal(settings)) as address:
            made = Portal(address, database_url, _run(furnished()), home, browser)
            yield made
            for context in made.contexts.values():
                context.close()


def roles_of(route: Route) -> list[str]:
    """Who may see it, the one who is offered most by it first."""
    rule = RULES[route.action]
    if rule["stage"] == "public":
        return [NOBODY]
    if rule["stage"] == "half":
        return [HALF]
    width = {"all": 0, "own_organisation": 1, "own_locations": 2, "own_self": 3}
    roles = [role.value for role in PeopleRole if rule[role.value] != "none"]
    return sorted(roles, key=lambda role: (role != "operator_administrator", width[rule[role]]))


def watched(portal: Portal, role: str) -> Visit:
    """The role's page, with everything noted that goes wrong while it is open."""
    visit = Visit(portal.context(role).pages[0], portal.address)
    visit.page.on("console", visit.note)
    visit.page.on("pageerror", visit.note_error)
    visit.page.on("request", visit.note_request)
    return visit


def let_go(visit: Visit) -> None:
    visit.page.remove_listener("console", visit.note)
    visit.page.remove_listener("pageerror", visit.note_error)
    visit.page.remove_listener("request", visit.note_request)


def open_page(visit: Visit, path: str, language: str) -> Page | None:
    """The page in the browser; `None` where this role is sent on to a page of its own, which is looked at by itself."""
    answer = visit.page.goto(f"{visit.address}{path}{'&' if '?' in path else '?'}lang={language}")
    assert answer is not None
    assert answer.status == 200, path
    return visit.page if visit.page.url.partition("?")[0] == visit.address + path else None


def test_every_page_that_is_there_in_one_state_only_has_an_example():
    opaque = {route.name for route in ROUTES if "{opaque_" in route.path}
    assert opaque == set(OPAQUE)
    assert set(PREPARED) <= {route.name for route in ROUTES}


@pytest.fixture
def prepared(portal, route):
    before, after = PREPARED.get(route.name, ("", ""))
    if before:
        portal.execute(lambda tx: tx.execute(before))
    yield
    if after:
        portal.execute(lambda tx: tx.execute(after))


SIZES = {"wide": WIDE, "narrow": NARROW}


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_page_is_right_for_everybody_who_may_see_it(portal, route, prepared):  # noqa: C901 - a list of what is looked at
    """All that can be looked at is, for whom it offers most; for the others, what differs by role."""
    found: dict[tuple[str, ...], Any] = {}
    for rank, role in enumerate(roles_of(route)):
        visit = watched(portal, role)
        path = portal.path(route, role)
        page = open_page(visit, path, "fi")
        if page is None:
            let_go(visit)
            continue
        for name, size in SIZES.items():
            page.set_viewport_size({"width": size[0], "height": size[1]})
            found[role, name] = sideways(page)
            if rank == 0 or name == "wide":
                found[role, name, "barriers"] = faults(page, repeated_parts=True)
        if rank == 0:
            for look in ("light", "dark"):
                page.emulate_media(color_scheme=look)
                found[role, look] = hard_to_see(page)
            page.emulate_media(color_scheme="light")
            page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        contents = {"fi": page.content()}
        for language in ("sv", "en"):
            if rank == 0:
                open_page(visit, path, language)
                page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
                found[role, language] = sideways(page)
            answer = page.context.request.get(f"{portal.address}{path}?lang={language}")
            contents[language] = answer.text()
        texts = {}
        for language, content in contents.items():
            assert f'<html lang="{language}"' in content
            assert content.count("<h1") == 1
            assert re.search(r"<title>[^<]{2,} · Sinetti</title>", content), path
            for slip in ("built-in method", "object at 0x", "Undefined", "{{"):
                assert slip not in content, (slip, path)
            texts[language] = set(page.evaluate(TEXTS, content))
        found[role, "left in another language"] = leftovers(texts)
        let_go(visit)
        found[role, "errors"], found[role, "elsewhere"] = visit.errors, visit.elsewhere
    assert {where: what for where, what in found.items() if what} == {}, route.path


def leftovers(texts: dict[str, set[str]]) -> list[str]:
    """Texts that are the same in two languages and should not be."""
    return sorted(
        f"{one}, {other}: {text}"
        for (one, other), same in THE_SAME_IN_TWO.items()
        for text in texts[one] & texts[other]
        if len(text) > 3 and not any(known.search(text) for known in (PRIVATE_NAMES, THE_SAME_IN_ALL, same))
    )


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.name)
def test_a_page_is_used_by_keyboard_alone(portal, route, prepared):
    role = roles_of(route)[0]
    visit = watched(portal, role)
    path = portal.path(route, role)
    page = open_page(visit, path, "fi")
    assert page is not None, "whoever is offered most by a page sees it"
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "govuk-skip-link"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    open_page(visit, path, "sv")
    expected = page.evaluate(ONE_STOP_OF_A_GROUP, page.evaluate(ALL))
    # A field for a date stops the key at its day, month, year and calendar.
    met = [list(stop) for _, stop in groupby(stops(page, also=FOCUS_SEEN), key=lambda stop: stop["at"])]
    assert [stop[0]["at"] for stop in met] == expected, "in reading order"
    assert [stop[0]["what"] for stop in met if not stop[0]["inView"]] == []
    assert [stop[0]["what"] for stop in met if not stop[0]["also"]] == [], "one sees where one is"
    assert page.evaluate(NOT_OPERATED_BY_KEYS) == []
    let_go(visit)
    assert visit.errors == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_has_a_title_of_its_own(portal, language):
    """Whoever has ten tabs open, or hears the title read, knows which page it is."""
    titles: dict[str, set[str]] = {}
    for route in ROUTES:
        if route.name in ALREADY_THERE:
            continue
        before, after = PREPARED.get(route.name, ("", ""))
        if before:
            portal.execute(lambda tx, statement=before: tx.execute(statement))
        role = roles_of(route)[0]
        path = portal.path(route, role)
        answer = portal.context(role).request.get(f"{portal.address}{path}?lang={language}")
        if after:
            portal.execute(lambda tx, statement=after: tx.execute(statement))
        if urlsplit(answer.url).path != path:
            continue  # It led on to a page that has its own turn.
        found = re.search(r"<title>(.*?)</title>", answer.text())
        assert found
        titles.setdefault(found[1], set()).add(route.name)
    assert {title: names for title, names in titles.items() if len(names) > 1} == {}
