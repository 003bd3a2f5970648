"""Plays stories: each party in a browser of its own, IT systems over the REST interface, a worker beside them."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from playwright.sync_api import Locator, Page, expect
from tests.browser.pictures import ON_REQUEST, take
from tests.browser.story_language import Line, Story
from tests.browser.test_operator import signed_in
from tests.browser.test_portal import Served, _run
from tests.browser.visits import WIDE, Visit, Visitor
from tests.unit.alerts.pack_photos import as_file, box, photo

from sinetti.gs1.identifiers import gs1_check_digit
from sinetti.identity import registry, secrets
from sinetti.identity.secrets import Credentials
from sinetti.kit.clock import system_clock
from sinetti.kit.db import Database
from sinetti.kit.settings import Settings
from sinetti.rules.vocabulary import ClientRole
from sinetti.worker import a_worker

PEOPLE = {
    "pharmacy": "location_user",
    "other pharmacy": "other_location_user",
    "company": "mah_obp_investigator",
    "operator": "operator_support",
    "authority": "authority_inspector",
}
SYSTEMS = {"pharmacy": "own", "other pharmacy": "other", "company": "own_obp"}
STATES = {"supplies": "Supplied", "destroys": "Destroyed", "reactivates": "Active"}
PRODUCT = "Revontul 20 mg"
EXPIRY = "310531"
AGO = timedelta(days=11)
"""Of what was done long ago: more than the ten days within which a pack can be reactivated (Regulation art. 13)."""
WAIT_SECONDS = 20
expect.set_options(timeout=WAIT_SECONDS * 1000)


@contextmanager
def working(settings: Settings) -> Iterator[None]:
    """A worker, as `sinetti serve` has one, in a thread."""
    started, stop = threading.Event(), threading.Event()

    async def work() -> None:
        async with a_worker(settings):
            started.set()
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=lambda: asyncio.run(work()), name="worker of a test")
    thread.start()
    assert started.wait(30), "the worker did not start"
    try:
        yield
    finally:
        stop.set()
        thread.join(30)


@dataclass
class Movable:
    """The clock of the national system, which can be set back."""

    behind: timedelta = timedelta()

    def __call__(self) -> datetime:
        return system_clock() - self.behind


@dataclass
class Scene:
    """The system, the clients of the parties, and their browsers, each opened when it is first needed."""

    portal: Served
    visitor: Visitor
    http: httpx.Client
    """To the national system."""
    clock: Movable
    looks: Path | None
    """Where a picture of each turn goes, if anywhere."""
    opened: ExitStack
    clients: dict[str, Credentials] = field(default_factory=dict)
    browsers: dict[tuple[str, str], Visit] = field(default_factory=dict)

    def set_up(self) -> None:
        """Give each party that has an IT system one whose secret is known."""

        async def add() -> None:
            async with (
                await Database.open(self.portal.database_url, pool_max=1) as database,
                database.transaction() as tx,
            ):
                for who, place in SYSTEMS.items():
                    self.clients[who] = secrets.new_credentials("FI")
                    await registry.add_equipment(
                        tx,
                        location_id=self.portal.world.places[place].location.location_id,
                        name="Apteekkijärjestelmä 2",
                        role=ClientRole.FULL_ACCESS,
                        credentials=self.clients[who],
                        now=system_clock() - 2 * AGO,
                    )

        _run(add())

    def browser(self, who: str, language: str) -> Visit:
        """The browser of a party, signed in."""
        key = who, language
        if key not in self.browsers:
            self.browsers[key] = self.opened.enter_context(
                signed_in(self.portal, self.visitor, PEOPLE[who], language, viewport=None)
            )
        return self.browsers[key]

    def send(
        self, who: str, method: str, path: str, headers: dict[str, str] | None = None, **request: Any
    ) -> httpx.Response:
        """A request of a party's IT system, with a new token: the clock may have been set."""
        sent = {"Authorization": f"Bearer {self._token(who)}", "User-Agent": "Maxx/7.0", **(headers or {})}
        return self.http.request(method, path, headers=sent, **request)

    def _token(self, who: str) -> str:
        credentials = self.clients[who]
        form = {
            "grant_type": "client_credentials",
            "client_id": credentials.client_id,
            "client_secret": credentials.client_secret,
        }
        token: str = self.http.post("/identity/connect/token", data=form).json()["access_token"]
        return token


class Told:
    """One story while it is told: its product, what was last answered, and where each party is."""

    def __init__(self, scene: Scene, story: Story, number: int) -> None:
        self.scene = scene
        self.story = story
        self.product_code = _gtin(f"0952064{number:06}")
        self.batch, self.expiry = "", EXPIRY
        self.answer: dict[str, str] = {}
        self.reference = ""
        """Of the alert, or of the refusal that somebody asked about."""
        self.parts: dict[str, Locator] = {}
        self.turns = 0

    def tell(self) -> None:
        """Play it line by line; a failure names its line."""
        verbs = {
            name[1:].replace("_", " "): getattr(self, name) for name in dir(self) if re.match("_[a-z]", name)
        }
        uploaded = self.scene.send(
            "company", "POST", "/upload/products",
            json={"productCodeScheme": "gs1", "productCode": self.product_code, "name": PRODUCT},
        )  # fmt: skip
        assert uploaded.status_code == 201, uploaded.text
        for line in self.story.lines:
            try:
                if (
                    line.verb in STATES
                    or line.verb.removesuffix(" long ago") in STATES
                    or line.verb == "verifies"
                ):
                    self.asks(line)
                else:
                    verbs[line.verb](line.who, line.what)
                self.look(line)
            except Exception as error:
                self.look(line)
                error.add_note(
                    f"{self.story.name}.txt, line {line.number}: {line.who} {line.verb} {line.what}"
                )
                raise

    def look(self, line: Line) -> None:
        """A picture of this turn, where pictures are wanted."""
        visit = self.scene.browsers.get((line.who, self.story.language))
        if (
            self.scene.looks is None
            or visit is None
            or line.verb in {"reads", "does not read", "writes", "chooses"}
        ):
            return
        self.turns += 1
        name = f"{self.story.name} {self.turns:02} {line.who} {line.verb}.png"
        visit.page.screenshot(path=self.scene.looks / name, full_page=True)

    # ------------------------------------------------------------ IT systems

    def _uploads(self, who: str, what: str) -> None:
        """A batch with its packs: BATCH EXPIRY SERIAL…"""
        self.batch, self.expiry, *serials = what.split()
        body = {
            "productCodeScheme": "gs1", "productCode": self.product_code, "batchId": self.batch,
            "expiryDate": self.expiry, "serialNumbers": serials,
        }  # fmt: skip
        answer = self.scene.send(who, "POST", "/upload/batches", json=body)
        assert answer.status_code in {200, 201}, answer.text

    def asks(self, line: Line) -> None:
        """A pharmacy's system asks about a pack, as it scanned it; what it does long ago is done eleven days ago."""
        serial, *more = line.what.split()
        sent = {"batch": self.batch, "expiry": self.expiry, **dict(one.split("=", 1) for one in more)}
        headers = {
            "emvs-data-entry-mode": sent.pop("mode", "non-manual"),
            "Accept-Language": self.story.language,
        }
        path = f"/verification/product/gs1/{self.product_code}/pack/{serial}"
        verb = line.verb.removesuffix(" long ago")
        body = {"json": {"state": STATES[verb]}} if verb in STATES else {}
        self.scene.clock.behind = AGO if verb != line.verb else timedelta()
        answer = self.scene.send(line.who, "PATCH" if body else "GET", path, headers, params=sent, **body)
        self.scene.clock.behind = timedelta()
        self.answer = answer.json()
        self.reference = self.answer.get("alertId", self.reference)
        assert self.answer.get("operationCode") == line.code, answer.text

    def _has_no_alert(self, _who: str, _what: str) -> None:
        assert not {"alertId", "amsLink"} & self.answer.keys()

    # ------------------------------------------------------------ people

    def page(self, who: str) -> Page:
        """Where a party is."""
        return self.scene.browser(who, self.story.language).page

    def part(self, who: str) -> Locator:
        """The part of the page that a party has unfolded, or all of it."""
        return self.parts.get(who) or self.page(who).locator("main")

    def _opens_the_link(self, who: str, _what: str) -> None:
        """Of the answer that the system gave."""
        link = self.answer["amsLink"]
        assert link.startswith(self.scene.portal.address), link
        page = self.page(who)
        page.goto(link)
        expect(page.locator("main")).to_contain_text(urlsplit(link).path.rsplit("/", 1)[1])
        expect(page.locator("#coming")).to_have_count(0)

    def _finds_the_alert(self, who: str, menu: str) -> None:
        """In the list that the menu leads to; the newest stands first."""
        page = self.page(who)
        self.scene.browser(who, self.story.language).go("/")
        page.get_by_role("navigation").get_by_role("link", name=re.compile(f"^{menu}")).first.click()
        page.locator("main table").get_by_role("link").and_(
            page.locator(f"[href*='{self.reference}']")
        ).click()
        self.parts.pop(who, None)

    def _opens_the_alert(self, who: str, _what: str) -> None:
        """That is closed by now, so that the list does not show it unless asked."""
        self.scene.browser(who, self.story.language).go(f"/alerts/{self.reference}")
        self.parts.pop(who, None)

    def _looks_again(self, who: str, _what: str) -> None:
        self.page(who).reload()
        self.parts.pop(who, None)

    def _goes_to(self, who: str, link: str) -> None:
        """By a link of the page or of the menu; one that looks like a button has that role."""
        page = self.page(who)
        if page.url == "about:blank":
            self.scene.browser(who, self.story.language).go("/")
        page.get_by_role("link", name=link).or_(page.get_by_role("button", name=link)).first.click()
        self.parts.pop(who, None)

    def _pictures(self, who: str, what: str) -> None:
        """For the guides, on request: the window with that heading, or the top of the page."""
        name, *heading = what.split(" at ")
        if not ON_REQUEST:
            return
        page = self.page(who)
        page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
        page.evaluate("scrollTo(0, 0)")
        for one in heading:
            page.get_by_role("heading", name=one).evaluate("heading => heading.scrollIntoView()")
        page.wait_for_load_state("networkidle")
        take(page, name)

    def _reads(self, who: str, text: str) -> None:
        expect(self.page(who).locator("main")).to_contain_text(text)

    def _waits_until_it_says(self, who: str, text: str) -> None:
        """What the worker does next may take a moment: looks again until it stands there."""
        until = time.monotonic() + WAIT_SECONDS
        while text not in " ".join(self.page(who).locator("main").inner_text().split()):
            assert time.monotonic() < until, f"the page has not said: {text}"
            time.sleep(0.2)
            self._looks_again(who, "")

    def _does_not_read(self, who: str, text: str) -> None:
        assert text not in self.page(who).content()

    def _ticks(self, who: str, step: str) -> None:
        self.part(who).get_by_role("checkbox", name=step).check()

    def _chooses(self, who: str, choice: str) -> None:
        self.part(who).get_by_role("radio", name=choice, exact=True).check()

    def _writes(self, who: str, what: str) -> None:
        label, text = what.split(" = ", 1)
        self.part(who).get_by_label(label, exact=True).fill(text)

    def _adds_photo(self, who: str, what: str) -> None:
        """Of the pack with this serial number, batch and expiry, as it is printed."""
        serial, *more = what.split()
        batch = more[0] if more else self.batch
        code = f"(01){self.product_code}(21){serial}(10){batch}(17){self.expiry}"
        printed = (f"PC {self.product_code}", f"SN {serial}", f"Lot {batch}", f"EXP {self.expiry}")
        taken = as_file(photo(box(code, lines=printed), size=(1600, 1200)), quality=85)
        self.part(who).locator("input[type=file]").set_input_files(
            {"name": "pakkaus.jpg", "mimeType": "image/jpeg", "buffer": taken}
        )

    def _unfolds(self, who: str, what: str) -> None:
        summary = self.page(who).locator("summary").filter(has_text=what)
        summary.click()
        self.parts[who] = summary.locator("xpath=..")

    def _presses(self, who: str, button: str) -> None:
        with self.page(who).expect_navigation():
            self.part(who).get_by_role("button", name=button, exact=True).click()
        self.parts.pop(who, None)
        if named := re.search("/alerts/([^/?#]+)", self.page(who).url):
            self.reference = named[1]


def _gtin(digits: str) -> str:
    return digits + gs1_check_digit(digits)
