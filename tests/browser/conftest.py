"""One Chromium and one running system for all tests of a process; skipped, saying why, where no browser is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, sync_playwright
from tests.browser.chromium import NONE_FOUND, chromium
from tests.browser.visits import Visitor
from tests.conftest import TEMPLATE, fresh_database
from tests.http.running import a_server

from sinetti.demo.sheet import render_sheet
from sinetti.kit.postgres import EmbeddedPostgres
from sinetti.rules.load import load_rules
from sinetti.rules.vocabulary import Language

# Pictures for the documentation are taken on request: SINETTI_PICTURES=1 pytest tests/browser
collect_ignore = [] if os.environ.get("SINETTI_PICTURES") else ["test_pictures.py"]

FIRST_DAY = datetime(2026, 11, 20, 9, tzinfo=UTC)

ALONE = (
    "Playwright bears no other event loop beside its own: run pytest tests/browser in a process of its own"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Step aside where other tests run in this process, too."""
    here = Path(__file__).parent
    mine = [item for item in items if here in item.path.parents]
    if len(mine) < len(items):
        for item in mine:
            item.add_marker(pytest.mark.skip(reason=ALONE))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, without its window."""
    program = chromium()
    if program is None:
        pytest.skip(NONE_FOUND)
    with sync_playwright() as playwright:
        # Its sandbox needs rights that root and most containers do not have. It shows nothing but our own pages.
        running = playwright.chromium.launch(
            executable_path=program, chromium_sandbox=False, args=["--disable-gpu"]
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def address(browser: Browser, server: EmbeddedPostgres) -> Iterator[str]:
    """Address of a whole national system."""
    for database_url in fresh_database(server, TEMPLATE):
        with a_server(database_url) as served:
            yield served


@pytest.fixture(scope="session")
def sheet() -> Callable[[str], str]:
    """The sheet of the demo country by language."""
    rules, zone = load_rules(), ZoneInfo("Europe/Helsinki")

    @cache
    def rendered(language: str) -> str:
        return render_sheet(rules, Language(language), zone, first_day=FIRST_DAY, printed_at=FIRST_DAY)

    return rendered


@pytest.fixture(scope="session")
def visit(browser: Browser, address: str, sheet: Callable[[str], str]) -> Visitor:
    """`with visit(size, scheme) as opened:` opens the system in a browser."""
    return Visitor(browser, address, sheet)
